// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/redact"
)

const (
	mailKey  = "ada@example.com"
	phoneKey = "+14155550123"
	tokenKey = "sk-proj-0123456789abcdefghij"
)

// text writes attributes as {key=value …}, with nested ones in braces.
func text(attrs []attribute.KeyValue) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, kv := range attrs {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(kv.Key) + "=")
		if kv.Value.Type() == attribute.MAP {
			b.WriteString(text(kv.Value.AsMap()))
			continue
		}
		fmt.Fprint(&b, kv.Value.AsInterface())
	}
	return b.String() + "}"
}

// A secret in a key is redacted at any depth, and no attribute replaces another.
func TestKeysAreRedacted(t *testing.T) {
	one := func(key attribute.Key) attribute.KeyValue { return key.Int(1) }
	for _, tt := range []struct {
		name string
		in   []attribute.KeyValue
		want string
	}{
		{"an e-mail address", []attribute.KeyValue{one(mailKey)}, "{[REDACTED:email]=1}"},
		{"a phone number", []attribute.KeyValue{one(phoneKey)}, "{[REDACTED:phone]=1}"},
		{"a key of a service", []attribute.KeyValue{one("calls.of " + tokenKey)}, "{calls.of [REDACTED:api_key]=1}"},
		{"two addresses", []attribute.KeyValue{one(mailKey), one("n"), attribute.Int("bob@example.com", 2)}, "{[REDACTED:email]=1 n=1 [REDACTED:email]_2=2}"},
		{
			"three, and one that looks like a replaced one",
			[]attribute.KeyValue{one(mailKey), attribute.Int("bob@example.com", 2), attribute.Int("[REDACTED:email]_2", 3), attribute.Int("eve@example.com", 4)},
			"{[REDACTED:email]=1 [REDACTED:email]_3=2 [REDACTED:email]_2=3 [REDACTED:email]_4=4}",
		},
		{"one key twice", []attribute.KeyValue{one(mailKey), attribute.Int(mailKey, 2)}, "{[REDACTED:email]=1 [REDACTED:email]=2}"},
		{
			"in a map",
			[]attribute.KeyValue{attribute.Map("balances", one(mailKey), attribute.Int("bob@example.com", 2), one("other"))},
			"{balances={[REDACTED:email]=1 [REDACTED:email]_2=2 other=1}}",
		},
		{
			"deep in maps and lists",
			[]attribute.KeyValue{attribute.Map("a", attribute.Map("b", attribute.Map(phoneKey, one(mailKey))))},
			"{a={b={[REDACTED:phone]={[REDACTED:email]=1}}}}",
		},
		{"with a value that is one too", []attribute.KeyValue{attribute.String(mailKey, phoneKey)}, "{[REDACTED:email]=[REDACTED:phone]}"},
		{"with a value that is hidden for its key", []attribute.KeyValue{attribute.String(mailKey+" password", "open sesame")}, "{[REDACTED:email] password=[REDACTED]}"},
		{
			"harmless keys",
			[]attribute.KeyValue{one("calls"), one("voice.llm.time_to_first_token"), one("img@2x"), one("order-4711"), one("sk-learn"), one("Grüße"), one("")},
			"{calls=1 voice.llm.time_to_first_token=1 img@2x=1 order-4711=1 sk-learn=1 Grüße=1 =1}",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := redact.New(redact.Default()...)
			before := text(tt.in)
			for range 2 { // The verdict of a key is remembered.
				out, changed := r.Attributes(tt.in)
				got := text(out)
				if got != tt.want || changed != (before != tt.want) {
					t.Errorf("\ngot  %s, changed %v\nwant %s", got, changed, tt.want)
				}
				again, changed := r.Attributes(out)
				if changed {
					t.Errorf("the second time %s", text(again))
				}
			}
			if text(tt.in) != before {
				t.Error("the argument was written to")
			}
		})
	}
}

// Keys in the maps of a record's body are redacted.
func TestKeysOfABodyAreRedacted(t *testing.T) {
	r := redact.New(redact.Default()...)
	body := attribute.SliceValue(attribute.MapValue(attribute.Int(mailKey, 1), attribute.Int("bob@example.com", 2)))
	got, changed := r.Value(body)
	if s := fmt.Sprint(got.AsInterface()); !changed || strings.Contains(s, "example.com") || !strings.Contains(s, "[REDACTED:email]_2") {
		t.Errorf("got %s", s)
	}
}

func TestKey(t *testing.T) {
	r := redact.New(append(redact.Default(), redact.Func(func(_ attribute.Key, s string) string {
		return strings.ReplaceAll(s, "Ada", "A.")
	}))...)
	for key, want := range map[attribute.Key]attribute.Key{
		"calls": "calls", "": "", mailKey: "[REDACTED:email]", "Ada's calls": "A.'s calls", "password": "password",
	} {
		if got := r.Key(key); got != want || engine(r).AlwaysChanges(key) != (got != key || key == "password") {
			t.Errorf("%q became %q, always changes: %v", key, got, engine(r).AlwaysChanges(key))
		}
	}
	if got := (*redact.Redactor)(nil).Key(mailKey); got != mailKey {
		t.Errorf("a nil redactor makes %q", got)
	}
}

// Redacting many secret keys of one map takes linear time.
func TestManyKeys(t *testing.T) {
	const n = 5000
	attrs := make([]attribute.KeyValue, n)
	for i := range attrs {
		attrs[i] = attribute.Int(fmt.Sprintf("user%d@example.com", i), i)
	}
	out, _ := redact.New(redact.Default()...).Attributes(attrs)
	seen := make(map[attribute.Key]bool, n)
	for _, kv := range out {
		if seen[kv.Key] || strings.Contains(string(kv.Key), "example") {
			t.Fatalf("%s exists twice or is not redacted", kv.Key)
		}
		seen[kv.Key] = true
	}
}
