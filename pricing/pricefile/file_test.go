// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package pricefile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/pricing"
	"github.com/voice-agents/telemetry/pricing/pricefile"
)

var invented = filepath.Join("testdata", "invented.yaml")

// entry is a valid price. Tests replace parts of it.
const entry = "prices:\n  - provider: acme\n    model: chat-*\n    unit: input_token\n    price: 0.4\n    currency: USD\n"

func TestBadFiles(t *testing.T) {
	replace := func(old, with string) string {
		if !strings.Contains(entry, old) {
			t.Fatalf("no %q in the entry", old)
		}
		return strings.Replace(entry, old, with, 1)
	}
	second := strings.TrimPrefix(entry, "prices:\n")
	for _, tt := range []struct {
		name, text string
		want       string // A part of the error.
	}{
		{"empty", "", "price file p.yaml: it is empty: add a list with the key prices"},
		{"only a comment", "# prices\n", "it is empty"},
		{"no YAML", "prices: [", "price file p.yaml: line 1: "},
		{"binary", "\x00\x01\x02", "price file p.yaml: "},
		{"a text", "chat costs 1 USD", `p.yaml:1: the file is the value "chat costs 1 USD": use a mapping with the keys prices`},
		{"a list", "- 1\n", "p.yaml:1: the file is a list: use a mapping"},
		{"null", "~\n", "p.yaml:1: the file is empty: use a mapping"},
		{"no prices", "{}\n", "p.yaml:1: the file has no key prices: add it"},
		{"prices that are null", "prices:\n", "p.yaml:1: prices is empty: use a list of prices"},
		{"an empty list", "prices: []\n", "p.yaml:1: prices is an empty list: add a price"},
		{"another key", "price: []\n", `p.yaml:1: key "price" is unknown: use prices`},
		{"prices twice", entry + entry, "p.yaml:7: key prices is there twice: remove one"},
		{"several documents", entry + "---\n" + entry, "line 7: it has several documents: use one"},
		{"a broken second document", entry + "---\n[", "line 8: "},
		{"a price that is a text", "prices:\n  - free\n", `p.yaml:2: a price is the value "free": use a mapping with the keys provider, model, unit`},
		{"an unknown key of a price", replace("unit:", "units:"), `p.yaml:4: key "units" is unknown: use provider, model, unit, price, currency, per`},
		{"a key in other letters", replace("model:", "Model:"), `p.yaml:3: key "Model" is unknown`},
		{"a key that is a list", replace("model:", "? [model]\n    :"), `p.yaml:3: key "" is unknown`},
		{"a key twice", replace("unit:", "provider: acme\n    unit:"), "p.yaml:4: key provider is there twice: remove one"},
		{"no model", replace("    model: chat-*\n", ""), "p.yaml:2: a price has no model: add it"},
		{"no price", replace("    price: 0.4\n", ""), "p.yaml:2: a price has no price: add it"},
		{"no currency", replace("    currency: USD\n", ""), "p.yaml:2: a price has no currency: add it"},
		{"an empty price", replace("0.4", ""), "p.yaml:5: price is empty: add a value"},
		{"an empty text", replace("acme", `" "`), "p.yaml:2: provider is empty: add a value"},
		{"a list of units", replace("input_token", "[input_token]"), "p.yaml:4: unit is a list: use a value"},
		{"an asterisk that is not quoted", replace("chat-*", "*"), "quote a model that begins with an asterisk"},
		{"an anchor", replace("acme", "&a acme"), "p.yaml:2: provider is an anchor or an alias of YAML: use a value"},
		{"an alias", replace("acme", "&a acme") + "  - *a\n", "p.yaml:7: a price is an anchor or an alias of YAML"},
		{"a merge", entry + "  - {<<: {}, model: m}\n", `p.yaml:7: key "<<" is unknown`},
		{"a negative price", replace("0.4", "-0.4"), `p.yaml:2: price "-0.4" is not a decimal number of 0 or more: use one such as 0.15`},
		{"a price that is no number", replace("0.4", ".nan"), `p.yaml:2: price ".nan"`},
		{"an infinite price", replace("0.4", ".inf"), `p.yaml:2: price ".inf"`},
		{"a price in words", replace("0.4", "free"), `p.yaml:2: price "free"`},
		{"a per of 0", entry + "    per: 0\n", `p.yaml:7: per "0" is not valid: use a whole number from 1, such as 1000000`},
		{"a per with a fraction", entry + "    per: 1e6\n", `p.yaml:7: per "1e6" is not valid`},
		{"a great per", entry + "    per: 99999999999\n", "p.yaml:2: per 99999999999 is out of range"},
		{"a date of no month", entry + "    valid_from: 2026-13-01\n", `p.yaml:7: valid_from "2026-13-01" is not valid: use a day such as 2026-01-01`},
		{"a date of another country", entry + "    valid_until: 01.07.2026\n", `p.yaml:7: valid_until "01.07.2026" is not valid`},
		{"dates in the wrong order", entry + "    valid_from: 2026-07-01\n    valid_until: 2026-01-01\n", "p.yaml:2: valid_until 2026-01-01 is not after valid_from 2026-07-01"},
		{"a duration without a unit", replace("input_token", "input_audio_minute") + "    round_up: 15\n", `p.yaml:7: round_up "15" is not valid: use a duration above 0, such as 15s`},
		{"a negative duration", replace("input_token", "input_audio_minute") + "    minimum: -15s\n", `p.yaml:7: minimum "-15s" is not valid`},
		{"rounding of tokens", entry + "    round_up: 15s\n", "p.yaml:2: round_up is for audio, and unit input_token is not: remove it"},
		{"twice", entry + second, "p.yaml:7: acme chat-* has two prices for input_token at the same time, the other in p.yaml:2: remove one, or give them dates"},
		{"two currencies", entry + strings.NewReplacer("USD", "EUR", "input_", "output_").Replace(second), "p.yaml:7: acme chat-* has prices in USD (p.yaml:2) and in EUR: use one currency for a model"},
		{"JSON", `{"prices": [{"provider": "acme", "model": "m", "unit": "request", "price": "x", "currency": "USD"}]}`, `p.yaml:1: price "x" is not a decimal number`},
		{"deep", strings.Repeat("[", 100_000), "price file p.yaml: "},
		{"large", strings.Repeat("# a long comment\n", 300_000), "price file p.yaml has more than 4194304 bytes: use fewer prices"},
		{"a bomb of aliases", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nprices: [*b,*b,*b,*b]\n", `p.yaml:1: key "a" is unknown`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list, err := pricefile.Parse("p.yaml", []byte(tt.text))
			if err == nil || list != nil {
				t.Fatalf("got %v and no error", list)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if len(err.Error()) > 4000 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
}

// One start reports every mistake, up to a bound.
func TestSeveralMistakes(t *testing.T) {
	text := "prices:\n" + strings.Repeat("  - {provider: acme, unit: request, price: 1}\n", 30)
	_, err := pricefile.Parse("p.yaml", []byte(text))
	if err == nil || !strings.Contains(err.Error(), "p.yaml:2: ") || !strings.Contains(err.Error(), "p.yaml:11: ") ||
		strings.Contains(err.Error(), "p.yaml:12: ") || !strings.Contains(err.Error(), "and 20 more errors") {
		t.Errorf("got %v", err)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing.yaml")
	for _, tt := range []struct{ name, path, want string }{
		{"missing", missing, missing},
		{"a directory", dir, dir + " is not a regular file"},
		{"no file", os.DevNull, os.DevNull + " is not a regular file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := pricefile.Read(tt.path); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

// JSON is read with its own line breaks, tabs and exponents.
func TestJSON(t *testing.T) {
	const text = "{\n\t\"prices\": [\n\t\t{\"provider\": \"acme\", \"model\": \"*\", \"unit\": \"input_audio_second\",\n\t\t \"price\": 1.5e-07, \"per\": 1, \"currency\": \"USD\",\r\n\t\t \"valid_from\": \"2026-01-01T02:00:00+02:00\", \"valid_until\": \"2026-07-01\", \"round_up\": \"1s\"}\n\t]\n}\n"
	list, err := pricefile.Parse("p.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{
		"2025-12-31T23:59:59Z": "", "2026-01-01T00:00:00Z": "0.0000003 USD", "2026-06-30T23:59:59Z": "0.0000003 USD", "2026-07-01T00:00:00Z": "",
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		// 1.2 s are 2 s × 1.5e-07
		cost, err := list.Cost(&pricing.Call{Provider: "acme", Model: "m", Time: now, Usage: pricing.Usage{InputAudio: 1200 * time.Millisecond}})
		got := ""
		if err == nil {
			got = cost.String()
		}
		if got != want {
			t.Errorf("at %s: got %q, want %q", at, got, want)
		}
	}
}

// The example of the documentation is the valid file of the tests.
func TestDocumentedFormat(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for line := range strings.Lines(string(doc)) {
		if strings.HasPrefix(line, "//\tprices:") || strings.HasPrefix(line, "//\t  - {") {
			text.WriteString(strings.TrimPrefix(line, "//\t"))
		}
	}
	if _, err := pricefile.Parse("doc.go", []byte(text.String())); err != nil {
		t.Errorf("%v, of\n%s", err, text.String())
	}
	for _, unit := range pricing.Units() {
		line := fmt.Sprintf("prices: [{provider: acme, model: m, unit: %s, price: 1, currency: USD}]", unit)
		if _, err := pricefile.Parse("p.yaml", []byte(line)); err != nil {
			t.Error(err)
		}
	}
}

func FuzzParse(f *testing.F) {
	text, err := os.ReadFile(invented)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(entry))
	f.Add([]byte(`{"prices": [{"provider": "acme", "model": "m", "unit": "request", "price": 1e-3, "currency": "USD", "per": 3}]}`))
	f.Add([]byte("prices: [{provider: a, model: '*', unit: input_audio_hour, price: 1, currency: USD, round_up: 1s, minimum: 1s}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := pricefile.Parse("p.yaml", data)
		if (list == nil) == (err == nil) {
			t.Fatalf("got %v and %v", list, err)
		}
		call := pricing.Call{Provider: "acme", Model: "acme-chat-large", Time: time.Unix(1_767_225_600, 0)}
		call.Usage = pricing.Usage{
			Tokens:     pricing.Tokens{InputTokens: 1 << 30, OutputTokens: 1 << 30, CacheReadInputTokens: 1 << 20},
			Characters: 1 << 30, InputAudio: 24 * time.Hour, OutputAudio: 24 * time.Hour, Requests: 1,
		}
		if cost, err := list.Cost(&call); err == nil && (cost.Amount < 0 || len(cost.Currency) != 3) {
			t.Errorf("got %s", cost)
		}
	})
}
