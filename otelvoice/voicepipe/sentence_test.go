// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSentences(t *testing.T) {
	for _, tt := range []struct {
		name   string
		pieces []string
		want   []string
	}{
		{"one", []string{"Yes, of course."}, []string{"Yes, of course."}},
		{"two in one piece", []string{"We open at five. See you then!"}, []string{"We open at five.", "See you then!"}},
		{"cut anywhere", []string{"We op", "en at five", ".", " See", " you."}, []string{"We open at five.", "See you."}},
		{"a point that is none", []string{"It is 3.", "5 miles. Far."}, []string{"It is 3.5 miles.", "Far."}},
		{"a title", []string{"Dr. Smith is in. Wait."}, []string{"Dr. Smith is in.", "Wait."}},
		{"ellipsis", []string{"Well… let me see. "}, []string{"Well…", "let me see."}},
		{"Chinese", []string{"你好。再见。"}, []string{"你好。", "再见。"}},
		{"lines", []string{"First line.\nSecond line"}, []string{"First line.", "Second line"}},
		{"nothing", []string{"", " ", "\n"}, nil},
		{"invalid UTF-8", []string{"a\xff. b"}, []string{"a\xff. b"}},
		{"no end", []string{strings.Repeat("word ", 90)}, []string{strings.TrimSpace(strings.Repeat("word ", 80)), strings.TrimSpace(strings.Repeat("word ", 10))}},
		{"no space either", []string{strings.Repeat("x", 500)}, []string{strings.Repeat("x", 500)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var s sentences
			var got []string
			for _, piece := range tt.pieces {
				got = append(got, s.add(piece)...)
			}
			if last := s.last(); last != "" {
				got = append(got, last)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// However a text is cut, all of it is spoken, and in order.
func FuzzSentences(f *testing.F) {
	f.Add("Dr. Smith pays 3.50. Well… 你好。", 3)
	f.Fuzz(func(t *testing.T, text string, size int) {
		if size < 1 || len(text) > 10_000 {
			return
		}
		var s sentences
		var got strings.Builder
		for piece := range slices.Chunk([]byte(text), size) {
			for _, sentence := range s.add(string(piece)) {
				got.WriteString(sentence)
			}
		}
		got.WriteString(s.last())
		if utf8.ValidString(text) && strings.Join(strings.Fields(got.String()), "") != strings.Join(strings.Fields(text), "") {
			t.Errorf("%q became %q", text, got.String())
		}
	})
}

func FuzzReadWAV(f *testing.F) {
	f.Add([]byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00\x02\x00\x10\x00data\xff\xff\xff\xff\x01\x02"))
	f.Fuzz(func(t *testing.T, file []byte) {
		frame, err := ReadWAV(file)
		if err == nil && (frame.Format.Codec == "" || len(frame.Data) > len(file) || frame.Duration() < 0) {
			t.Errorf("%+v", frame.Format)
		}
	})
}
