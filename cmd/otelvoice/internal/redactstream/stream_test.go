// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redactstream

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/redact"
)

// Lines and secrets of any length take bounded memory, and nothing of a secret goes out.
func TestRedactLongLines(t *testing.T) {
	const planted = "plantedplanted0123456789"
	long := strings.Repeat(planted, 2<<20/len(planted))
	words := strings.Repeat("nine words of text, and not one of them secret. ", 30_000)
	for _, tt := range []struct{ name, in, want string }{
		{"a line of words", words + "\n" + words, words + "\n" + words},
		{"a line without a space", strings.Repeat("x", 2<<20), strings.Repeat("x", 2<<20)},
		{"a secret in a line", words + "ada@example.com " + words, words + "[REDACTED:email] " + words},
		{"a long secret", `{"password":"` + long + `","n":1}` + "\n", `{"password":"[REDACTED]","n":1}` + "\n"},
		{"a long secret in lines", "password: |\n" + strings.Repeat("  "+planted+"\n", 8_000) + "host: h\n", "password: |\n  [REDACTED]\nhost: h\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			s := New(redact.New(redact.Default()...), bufio.NewWriter(&out), func(int, int, *redact.Finding) {})
			if err := s.Copy(strings.NewReader(tt.in)); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); got != tt.want || strings.Contains(got, planted) {
				t.Errorf("got %d bytes, %.80q … %q", len(got), got, got[max(0, len(got)-80):])
			}
			if cap(s.text) > 4*maxLine {
				t.Errorf("%d bytes are held", cap(s.text))
			}
		})
	}
}
