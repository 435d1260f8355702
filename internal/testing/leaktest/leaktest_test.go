// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest_test

import (
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/leaktest"
)

// [Secret.In] finds each secret in the output of each printer, so that a clean result proves
// something.
func TestPrintedSecretsAreFound(t *testing.T) {
	refused := map[string]int{}
	for i, s := range leaktest.Secrets() {
		printed := 0
		for k, p := range leaktest.Printers() {
			text, ok := p.Print(s)
			whole := (i+k)%leaktest.Parts == 0
			if !ok {
				refused[p.Name]++
				continue
			}
			printed++
			if _, found := s.In(text); !found {
				t.Errorf("%s: %s is not in %q, words %q", p.Name, s.Name, text, s.Words)
			}
			for _, f := range leaktest.Frames() {
				if framed, ok := f.Wrap(text); ok && whole {
					if _, found := s.In(framed); !found {
						t.Errorf("%s of %s: %s is not in %q", f.Name, p.Name, s.Name, framed)
					}
				}
			}
		}
		if printed < 20 {
			t.Errorf("%s is printed by only %d printers", s.Name, printed)
		}
	}
	secrets := len(leaktest.Secrets())
	for name, n := range refused {
		if n == secrets {
			t.Errorf("%s printed no secret", name)
		}
	}
}

func TestNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	check := func(kind, name string) {
		if seen[kind+name] {
			t.Errorf("the name of the %s %q is not unique", kind, name)
		}
		seen[kind+name] = true
	}
	for _, s := range leaktest.Secrets() {
		check("secret", s.Name)
		check("value", s.Key+s.Value)
	}
	for _, p := range leaktest.Printers() {
		check("printer", p.Name)
	}
	for _, f := range leaktest.Frames() {
		check("frame", f.Name)
	}
}

// No harmless text contains a secret.
func TestHarmlessTextsHaveNoSecret(t *testing.T) {
	var words [][]string
	for _, s := range leaktest.Secrets() {
		words = append(words, s.Unmistakable().Words)
	}
	finder := leaktest.NewFinder(words)
	for class, texts := range leaktest.Harmless() {
		for _, text := range texts {
			finder.Find(leaktest.Skeleton([]byte(text)), func(of int, around string) {
				t.Errorf("%s: %q holds %s: %q", class, text, leaktest.Secrets()[of].Name, around)
			})
		}
	}
}

// Card numbers pass the Luhn check.
func TestCardNumbersPassTheLuhnCheck(t *testing.T) {
	for _, s := range leaktest.Secrets() {
		number, ok := strings.CutPrefix(s.Name, "card ")
		if !ok || strings.Contains(number, "and ") || strings.HasPrefix(number, "number") || strings.HasPrefix(number, "with spaces and") || strings.HasPrefix(number, "between") {
			continue
		}
		sum, double := 0, false
		for i := len(s.Value) - 1; i >= 0; i-- {
			if s.Value[i] < '0' || s.Value[i] > '9' {
				continue
			}
			d := int(s.Value[i] - '0')
			if double {
				if d *= 2; d > 9 {
					d -= 9
				}
			}
			sum += d
			double = !double
		}
		if sum%10 != 0 {
			t.Errorf("%s: %s fails the Luhn check", s.Name, s.Value)
		}
	}
}
