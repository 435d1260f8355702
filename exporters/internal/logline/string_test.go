// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logline_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/voice-agents/telemetry/exporters/internal/logline"
)

func TestAppendString(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", `""`},
		{"clean", "guten Tag", `"guten Tag"`},
		{"not ASCII", "grüß dich, 世界 🎧", `"grüß dich, 世界 🎧"`},
		{"quote and backslash", `say "a\b"`, `"say \"a\\b\""`},
		{"short escapes", "\b\f\n\r\t", `"\b\f\n\r\t"`},
		{"control characters", "\x00\x1f\x7f", `"\u0000\u001f` + "\x7f" + `"`},
		{"HTML", "<a href='x'>&</a>", `"<a href='x'>&</a>"`},
		{"line and paragraph separator", "a\u2028b\u2029c\u2027", `"a\u2028b\u2029c` + "\u2027" + `"`},
		{"bad bytes", "a\xffb\xc3(\xe2\x82", `"a\ufffdb\ufffd(\ufffd\ufffd"`},
		{"surrogate half", "\xed\xa0\x80", `"\ufffd\ufffd\ufffd"`},
		{"replacement character itself", "\ufffd", "\"\ufffd\""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(logline.AppendString(nil, tt.in)); got != tt.want {
				t.Errorf("AppendString(%q)\n got %s\nwant %s", tt.in, got, tt.want)
			}
		})
	}
}

func TestAppendText(t *testing.T) {
	long := strings.Repeat("x", 100)
	for _, tt := range []struct {
		name     string
		in       string
		maxBytes int
		want     string
	}{
		{"no limit", long, 0, `"` + long + `"`},
		{"negative limit", long, -1, `"` + long + `"`},
		{"at the limit", long, 100, `"` + long + `"`},
		{"hardly over the limit", long, 68, `"` + long + `"`},
		{"over the limit", long, 67, `"` + long[:67] + `…(+33 bytes)"`},
		{"inside a rune", "abc" + strings.Repeat("ü", 50), 4, `"abc…(+100 bytes)"`},
		{"inside a long rune", "a" + strings.Repeat("🎧", 50), 4, `"a…(+200 bytes)"`},
		{"a rune longer than the limit", strings.Repeat("🎧", 50), 3, `"…(+200 bytes)"`},
		{"bytes that are no runes", strings.Repeat("\x80", 50), 10, `"` + strings.Repeat(`\ufffd`, 6) + `…(+44 bytes)"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(logline.AppendText(nil, tt.in, tt.maxBytes)); got != tt.want {
				t.Errorf("AppendText(%q, %d)\n got %s\nwant %s", tt.in, tt.maxBytes, got, tt.want)
			}
		})
	}
}

// A text may be bounded more than once. The first truncation note has to survive the second.
func TestAppendTextKeepsTheNoteOfAnEarlierCut(t *testing.T) {
	const limit = 1 << 10
	once := logline.CutText(strings.Repeat("x", 5000), limit)
	if got, want := logline.CutText(once, limit), once; got != want {
		t.Errorf("cut again: got …%q, want …%q", got[limit-10:], want[limit-10:])
	}
	if !strings.HasSuffix(once, "x…(+3976 bytes)") {
		t.Errorf("cut once: got …%q", once[limit-10:])
	}
}

// FuzzAppendString compares with encoding/json, byte for byte.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "a", "\"\\\n\x00", "\xff\xfe", "ü\u2028\u2029", "<>&", "\xf0\x9f\x8e"} {
		f.Add(s, 10)
	}
	f.Fuzz(func(t *testing.T, s string, maxBytes int) {
		got := logline.AppendString(nil, s)
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(s); err != nil {
			t.Fatal(err)
		}
		if w := strings.TrimSuffix(want.String(), "\n"); string(got) != w {
			t.Errorf("AppendString(%q)\n got %s\nwant %s", s, got, w)
		}

		var back string
		if err := json.Unmarshal(logline.AppendText(nil, s, maxBytes), &back); err != nil {
			t.Fatalf("AppendText(%q, %d): %v", s, maxBytes, err)
		}
		if key := logline.CutText(s, maxBytes); key != back {
			t.Errorf("Key(%q, %d) = %q, but it reads back as %q", s, maxBytes, key, back)
		}
		if !utf8.ValidString(back) {
			t.Errorf("AppendText(%q, %d) is not valid UTF-8", s, maxBytes)
		}
	})
}
