// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package pricing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/pricing"
)

func dated(p pricing.Price, from, until time.Time) pricing.Price {
	p.ValidFrom, p.ValidUntil = from, until
	return p
}

// The price of a request names the price that applies.
func TestWhichPriceApplies(t *testing.T) {
	var always time.Time
	list := newList(t,
		each("*", pricing.Request, "1"),
		each("chat-*", pricing.Request, "2"),
		each("chat-large-*", pricing.Request, "3"),
		each("chat-large", pricing.Request, "4"),
		dated(each("chat-large-2026", pricing.Request, "5"), july, always),
		each("old", pricing.Request, "6"),
		dated(each("old", pricing.Request, "7"), july, always),
		dated(each("gone", pricing.Request, "8"), newYear, july),
		pricing.Price{Provider: "umbrella", Model: "chat-large", Unit: pricing.Request, Price: "9", Currency: "EUR"},
		dated(each("soon", pricing.Character, "10"), july, always), // Characters are no requests.
		dated(each("chat-exact", pricing.Request, "11"), july, always),
	)
	for _, tt := range []struct {
		name, provider, model, response string
		at                              time.Time
		want                            string
	}{
		{"the exact name", acme, "chat-large", "", may, "4 USD"},
		{"another provider", "umbrella", "chat-large", "", may, "9 EUR"},
		{"an unknown provider", "initech", "chat-large", "", may, ""},
		{"a provider in other letters", "Acme", "chat-large", "", may, ""},
		{"the longest prefix", acme, "chat-large-fast", "", may, "3 USD"},
		{"a shorter prefix", acme, "chat-small", "", may, "2 USD"},
		{"a prefix without more", acme, "chat-", "", may, "2 USD"},
		{"less than a prefix", acme, "chat", "", may, "1 USD"},
		{"any model", acme, "say", "", may, "1 USD"},
		{"no model", acme, "", "", may, "1 USD"},
		{"the exact name asked for before a prefix of the one that answers", acme, "chat-large", "chat-large-2026", may, "4 USD"},
		{"the exact name that answers before the one asked for", acme, "chat-large", "chat-large-2026", july, "5 USD"},
		{"a name of one's own for a deployment", acme, "our-deployment", "chat-large", may, "4 USD"},
		{"the prefix of the one that answers before that asked for", acme, "chat-small", "chat-large-3", may, "3 USD"},
		{"before a new price", acme, "old", "", july.Add(-time.Nanosecond), "6 USD"},
		{"with a new price", acme, "old", "", july, "7 USD"},
		{"in another time zone", acme, "old", "", july.Add(-time.Nanosecond).In(time.FixedZone("", 7200)), "6 USD"},
		{"on the first day", acme, "gone", "", newYear, "8 USD"},
		{"before the first day, by the pattern", acme, "gone", "", newYear.Add(-time.Second), "1 USD"},
		{"after the last day, by the pattern", acme, "gone", "", july, "1 USD"},
		{"before a price of its own, by the pattern", acme, "chat-exact", "", may, "2 USD"},
		{"with a price of its own", acme, "chat-exact", "", july, "11 USD"},
		{"a model of other units has no prices of the pattern", acme, "soon", "", july, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cost, err := list.Cost(&pricing.Call{Provider: tt.provider, Model: tt.model, ResponseModel: tt.response, Time: tt.at, Usage: pricing.Usage{Requests: 1}})
			got := ""
			if err == nil {
				got = cost.String()
			}
			if got != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

func TestInvalidPrices(t *testing.T) {
	valid := each("chat", pricing.InputToken, "1")
	var always time.Time
	with := func(change func(p *pricing.Price)) []pricing.Price {
		p := valid
		change(&p)
		return []pricing.Price{p}
	}
	for _, tt := range []struct {
		name   string
		prices []pricing.Price
		want   []string // Parts of the error.
	}{
		{"none", nil, []string{"there are no prices: add one"}},
		{"negative", with(func(p *pricing.Price) { p.Price = "-1" }), []string{`price 1: price "-1" is not a decimal number of 0 or more: use one such as 0.15`}},
		{"not a number", with(func(p *pricing.Price) { p.Price = "NaN" }), []string{`"NaN"`}},
		{"infinite", with(func(p *pricing.Price) { p.Price = "+Inf" }), []string{`"+Inf"`}},
		{"with a sign of the currency", with(func(p *pricing.Price) { p.Price = "$1" }), []string{`"$1"`}},
		{"with a comma", with(func(p *pricing.Price) { p.Price = "0,15" }), []string{`"0,15"`}},
		{"a fraction", with(func(p *pricing.Price) { p.Price = "1/3" }), []string{`"1/3"`}},
		{"hexadecimal", with(func(p *pricing.Price) { p.Price = "0x1p-2" }), []string{`"0x1p-2"`}},
		{"an exponent without an end", with(func(p *pricing.Price) { p.Price = "1e999999999" }), []string{`"1e999999999"`}},
		{"too large", with(func(p *pricing.Price) { p.Price = "1e30" }), []string{`price "1e30" per 1 has too many digits`}},
		{"too exact", with(func(p *pricing.Price) { p.Price = "1e-40" }), []string{`price "1e-40" per 1 has too many digits`}},
		{"no provider", with(func(p *pricing.Price) { p.Provider = "" }), []string{`provider "" is not a name`}},
		{"a provider by a pattern", with(func(p *pricing.Price) { p.Provider = "open*" }), []string{`provider "open*"`}},
		{"no model", with(func(p *pricing.Price) { p.Model = "" }), []string{`model "" is not a name`}},
		{"an asterisk in the middle", with(func(p *pricing.Price) { p.Model = "chat-*-mini" }), []string{`model "chat-*-mini"`, "asterisk at its end"}},
		{"a control character", with(func(p *pricing.Price) { p.Model = "chat\n" }), []string{`model "chat\n"`}},
		{"a long name", with(func(p *pricing.Price) { p.Model = strings.Repeat("m", 300) }), []string{"is not a name"}},
		{"an unknown unit", with(func(p *pricing.Price) { p.Unit = "tokens" }), []string{`unit "tokens" is unknown: use one of input_token, cached_input_token`}},
		{"no currency", with(func(p *pricing.Price) { p.Currency = "" }), []string{`currency "" is not a code`}},
		{"a currency in small letters", with(func(p *pricing.Price) { p.Currency = "usd" }), []string{`currency "usd"`}},
		{"a negative per", with(func(p *pricing.Price) { p.Per = -1 }), []string{"per -1 is out of range"}},
		{"an end before the start", with(func(p *pricing.Price) { p.ValidFrom, p.ValidUntil = july, newYear }), []string{"valid_until 2026-01-01 is not after valid_from 2026-07-01"}},
		{"rounding of tokens", with(func(p *pricing.Price) { p.RoundUp = time.Second }), []string{"round_up is for audio, and unit input_token is not"}},
		{"negative rounding", with(func(p *pricing.Price) { p.Unit, p.RoundUp = pricing.InputAudioHour, -time.Second }), []string{"round_up -1s is out of range"}},
		{"a minimum of two days", with(func(p *pricing.Price) { p.Unit, p.Minimum = pricing.InputAudioHour, 48*time.Hour }), []string{"minimum 48h0m0s is out of range"}},
		{"twice", []pricing.Price{valid, valid}, []string{"price 2: acme chat has two prices for input_token at the same time, the other in price 1"}},
		{"twice from the same day", []pricing.Price{dated(valid, july, always), dated(valid, july, always)}, []string{"two prices for input_token"}},
		{"twice for some days", []pricing.Price{dated(valid, newYear, july.AddDate(0, 0, 1)), dated(valid, july, always)}, []string{"two prices for input_token"}},
		{"twice in other units of the same", []pricing.Price{each("hear", pricing.InputAudioMinute, "1"), each("hear", pricing.InputAudioHour, "60")}, []string{"two prices for input_audio_second"}},
		{"twice for a pattern", []pricing.Price{each("chat-*", pricing.Request, "1"), each("chat-*", pricing.Request, "2")}, []string{"acme chat-* has two prices"}},
		{"two currencies of a model", append(with(func(p *pricing.Price) { p.Currency, p.Unit = "EUR", pricing.OutputToken }), valid), []string{"price 2: acme chat has prices in EUR (price 1) and in USD: use one currency for a model"}},
		{"several mistakes", with(func(p *pricing.Price) { p.Price, p.Currency, p.Source = "-1", "usd", "prices.yaml:7" }), []string{`prices.yaml:7: price "-1"`, `prices.yaml:7: currency "usd"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list, err := pricing.New(tt.prices...)
			if err == nil || list != nil {
				t.Fatalf("got %v and no error", list)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want %q in it", err, want)
				}
			}
		})
	}
}

func TestPricesThatDoNotContradict(t *testing.T) {
	valid := each("chat", pricing.InputToken, "1")
	var always time.Time
	for _, tt := range []struct {
		name   string
		prices []pricing.Price
	}{
		{"one after the other", []pricing.Price{dated(valid, always, newYear), dated(valid, newYear, july), dated(valid, july, always)}},
		{"in any order", []pricing.Price{dated(valid, july, always), valid}},
		{"a pattern and a name in it, in another currency", []pricing.Price{valid, {Provider: acme, Model: "ch*", Unit: pricing.InputToken, Price: "1", Currency: "EUR"}}},
		{"two currencies of a provider", []pricing.Price{valid, {Provider: acme, Model: "say", Unit: pricing.Character, Price: "1", Currency: "EUR"}}},
	} {
		t.Run(tt.name, func(t *testing.T) { newList(t, tt.prices...) })
	}
}

func TestErrorsAreBounded(t *testing.T) {
	prices := make([]pricing.Price, 1000)
	_, err := pricing.New(prices...)
	if err == nil || strings.Count(err.Error(), "\n") > 11 || !strings.Contains(err.Error(), "more errors") {
		t.Errorf("got %v", err)
	}
	if _, err = pricing.New(make([]pricing.Price, 20_001)...); err == nil || !strings.Contains(err.Error(), "20001 prices") {
		t.Errorf("got %v", err)
	}
}
