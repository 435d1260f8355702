// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/redact"
)

// A textGroup has texts of one subject. Secrets are between « and », which are not part of the text.
type textGroup struct {
	name  string
	texts []string
}

// secretWords returns the text without « and », and the words that must not be in its output: each secret, and
// each of its words of at least four bytes.
func secretWords(marked string) (text string, words []string) {
	var b strings.Builder
	for marked != "" {
		before, rest, _ := strings.Cut(marked, "«")
		secret, after, _ := strings.Cut(rest, "»")
		b.WriteString(before)
		b.WriteString(secret)
		if secret != "" {
			words = append(words, secret)
		}
		for word := range strings.FieldsSeq(secret) {
			if len(word) >= 4 {
				words = append(words, word)
			}
		}
		marked = after
	}
	return b.String(), words
}

func testSecrets(t *testing.T, tables ...[]textGroup) {
	t.Helper()
	r := redact.New(redact.Default()...)
	for _, table := range tables {
		for _, group := range table {
			t.Run(group.name, func(t *testing.T) {
				for _, marked := range group.texts {
					text, words := secretWords(marked)
					out := r.String(text)
					for _, word := range words {
						if strings.Contains(out, word) {
							t.Errorf("%q is in the output:\n in %q\nout %q", word, text, out)
							break
						}
					}
				}
			})
		}
	}
}

func testHarmless(t *testing.T, tables ...[]textGroup) {
	t.Helper()
	r := redact.New(redact.Default()...)
	for _, table := range tables {
		for _, group := range table {
			t.Run(group.name, func(t *testing.T) {
				for _, text := range group.texts {
					if out := r.String(text); out != text {
						t.Errorf("changed:\n in %q\nout %q", text, out)
					}
				}
			})
		}
	}
}

func TestSecretsInText(t *testing.T) {
	testSecrets(t, secretsInLanguages, secretsInFiles, secretsInNames, secretsInValues, secretsInDisguise, secretsOfVendors, secretsInAddresses, secretsInPhones, secretsInNesting, miscSecrets)
}
