// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package ssml_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/voice-agents/telemetry/internal/wire/ssml"
)

func scan(text string, size int) *ssml.Scanner {
	s := new(ssml.Scanner)
	for p := range slices.Chunk([]byte(text), size) {
		s.Scan(p)
	}
	return s
}

func TestScanner(t *testing.T) {
	for _, tt := range []struct{ name, markup, text, voice, language string }{
		{"text without markup", "Grüezi mitenand", "Grüezi mitenand", "", ""},
		{"a voice", `<speak version='1.0' xml:lang='en-US'><voice xml:lang='de-CH' xml:gender='Female' name='de-CH-LeniNeural'>Grüezi!</voice></speak>`, "Grüezi!", "de-CH-LeniNeural", "de-CH"},
		{"two voices", `<speak xml:lang="en-US"><voice name="a">One.</voice> <voice name="b">Two.</voice></speak>`, "One. Two.", "a", "en-US"},
		{"indented markup", "<?xml version=\"1.0\"?>\n<speak>\n  <p>\n    One  two\n  </p>\n</speak>\n", "One two", "", ""},
		{"entities", "Q&amp;A &lt;b&gt; &#228;&#xE4; &quot;&apos; AT&T &unknown; a & b", "Q&A <b> ää \"' AT&T &unknown; a & b", "", ""},
		{"comments and sections", "a<!-- b <c> -- d --->e<![CDATA[<f>]] ]]]>g<!DOCTYPE h>", "ae<f>]] ]g", "", ""},
		{"empty elements", `Wait<break time="1s"/> here<break/>.`, "Wait here.", "", ""},
		{"a bracket in a value", `<voice name="a>b">c</voice>`, "c", "a>b", ""},
		{"broken markup", "a < b", "a", "", ""},
		{"a name that is not a voice's", `<mark name="m"/><voice effect="x" name="v"/>`, "", "v", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{1, 3, 1000} {
				s := scan(tt.markup, size)
				if s.Text() != tt.text || s.Characters() != utf8.RuneCountInString(tt.text) || s.Voice() != tt.voice || s.Language() != tt.language {
					t.Errorf("in pieces of %d bytes: %q, %d characters, voice %q, language %q", size, s.Text(), s.Characters(), s.Voice(), s.Language())
				}
			}
		})
	}
}

func TestScannerBoundsText(t *testing.T) {
	s := scan(strings.Repeat("ä", 100_000)+`<voice name="`+strings.Repeat("v", 100_000)+`">`, 1000)
	if s.Characters() != 100_000 || len(s.Text()) > ssml.MaxText || !utf8.ValidString(s.Text()) || len(s.Voice()) > 200 {
		t.Errorf("%d characters, text of %d bytes, voice of %d bytes", s.Characters(), len(s.Text()), len(s.Voice()))
	}
}

func FuzzScanner(f *testing.F) {
	f.Add("<speak><voice name='a'>b&amp;c<![CDATA[]]]]></voice></speak>", uint8(1))
	f.Fuzz(func(t *testing.T, text string, size uint8) {
		whole, pieces := scan(text, max(len(text), 1)), scan(text, int(size)+1)
		if whole.Text() != pieces.Text() || whole.Characters() != pieces.Characters() || whole.Voice() != pieces.Voice() || whole.Language() != pieces.Language() {
			t.Errorf("in pieces: %q %d %q; as a whole: %q %d %q", pieces.Text(), pieces.Characters(), pieces.Voice(), whole.Text(), whole.Characters(), whole.Voice())
		}
		if whole.Characters() > len(text) || !utf8.ValidString(whole.Text()) {
			t.Errorf("%d characters of %d bytes, %q", whole.Characters(), len(text), whole.Text())
		}
	})
}
