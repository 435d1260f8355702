// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"os"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/leaktest"
	"github.com/voice-agents/telemetry/redact"
)

// The tables of the package documentation are true.
func TestDocumentation(t *testing.T) {
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	r := redact.New(redact.Default()...)
	rows := map[string]int{}
	for heading, section := range sections(string(source)) {
		for line := range strings.Lines(section) {
			kind, text, ok := strings.Cut(strings.TrimPrefix(line, "//\t"), "  ")
			if !ok || !strings.HasPrefix(line, "//\t") {
				continue
			}
			rows[heading]++
			text, want, changes := strings.Cut(strings.TrimSpace(text), " → ")
			if !changes {
				want = text
			}
			if got := r.String(text); got != want || changes != (heading == "What is found") {
				t.Errorf("%s: %s: %q\ngot  %q\nwant %q", heading, kind, text, got, want)
			}
		}
	}
	if rows["What is found"] < 20 || rows["What is not found"] < 10 {
		t.Errorf("rows of the tables: %v", rows)
	}
}

// sections returns the parts of a comment by their headings.
func sections(source string) map[string]string {
	parts := map[string]string{}
	for i, part := range strings.Split(source, "\n// # ") {
		if heading, rest, ok := strings.Cut(part, "\n"); ok && i > 0 {
			parts[heading] = rest
		}
	}
	return parts
}

// National numbers of countries that are not listed are found only if they begin with 0.
func TestNumbersElsewhere(t *testing.T) {
	r := redact.New(redact.Default()...)
	for country, numbers := range leaktest.OtherNumbers() {
		for _, number := range numbers {
			text := "call " + number
			found := r.String(text) == "call [REDACTED:phone]"
			if begins := strings.HasPrefix(strings.Trim(number, "("), "0"); found != begins {
				t.Errorf("%s: %s is found: %v, want %v", country, number, found, begins)
			}
		}
	}
}
