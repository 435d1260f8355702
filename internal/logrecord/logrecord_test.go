// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord_test

import (
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/internal/logrecord"
)

func group(pairs ...string) *logrecord.Group {
	return logrecord.NewGroup(new(logrecord.KeyCache), attrs(pairs...))
}

func attrs(pairs ...string) (out []attribute.KeyValue) {
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, attribute.String(pairs[i], pairs[i+1]))
	}
	return out
}

// text returns a record's attributes in their order.
func text(r *logrecord.Record) string {
	var b strings.Builder
	api := r.API()
	api.WalkAttributes(func(kv attribute.KeyValue) bool {
		fmt.Fprintf(&b, " %s=%s", kv.Key, kv.Value.String())
		return true
	})
	return strings.TrimSpace(b.String())
}

// A record never has a key twice. A later value replaces an earlier one, but the context only
// adds keys that are missing.
func TestNoKeyTwice(t *testing.T) {
	for _, tt := range []struct {
		name                   string
		source, given, context *logrecord.Group
		own                    []attribute.KeyValue
		want                   string
		expanded               bool
	}{
		{"apart", group("s", "1"), group("g", "2"), group("c", "4"), attrs("o", "3"), "s=1 g=2 o=3 c=4", false},
		{"no groups", nil, nil, nil, attrs("a", "1", "b", "2", "a", "3"), "a=3 b=2", false},
		{"given and own", nil, group("a", "1", "b", "2"), nil, attrs("c", "3", "a", "4"), "a=4 b=2 c=3", true},
		{"source and given", group("a", "1"), group("b", "2", "a", "3"), nil, attrs("c", "4"), "a=3 b=2 c=4", true},
		{"context and own", nil, nil, group("a", "1", "b", "2"), attrs("b", "3"), "b=3 a=1", true},
		{"context and given", nil, group("b", "3"), group("a", "1", "b", "2"), nil, "b=3 a=1", false},
		{"no key", nil, group("", "1"), nil, attrs("", "2", "a", "3"), "a=3", false},
		{"given twice", nil, group("a", "1", "b", "2", "a", "3"), nil, nil, "a=3 b=2", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := logrecord.New(new(logrecord.KeyCache))
			defer r.Free()
			r.SetSource(tt.source)
			r.SetLogger(tt.given)
			for i := range tt.own {
				r.Add(&tt.own[i])
			}
			r.SetContext(tt.context)
			if got := text(r); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			r.Expand()
			if got := text(r); got != tt.want {
				t.Errorf("expanded\ngot  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// A record with many attributes uses an index.
func TestManyAttributes(t *testing.T) {
	var from log.Record
	for i := range 5000 {
		from.AddAttributes(attribute.Int(fmt.Sprint("key_", i%2500), i))
	}
	r := logrecord.New(new(logrecord.KeyCache))
	defer r.Free()
	r.Read(&from)
	if n := len(r.Attributes); n != 2500 || r.Attributes[7].Value.AsInt64() != 2507 {
		t.Errorf("got %d attributes, the eighth %v", n, r.Attributes[7])
	}
	if !r.Has("key_2499") || r.Has("key_2500") {
		t.Error("Has is wrong")
	}
}

// A record from the pool has none of its former content.
func TestFree(t *testing.T) {
	for range 100 {
		r := logrecord.New(new(logrecord.KeyCache))
		if r.Has("a") || len(r.Attributes) != 0 || r.Err != nil || r.Body.Type() != attribute.EMPTY {
			t.Fatalf("a new record is %+v", r)
		}
		for i := range 40 {
			kv := attribute.Int(fmt.Sprint("a", i), i)
			r.Add(&kv)
		}
		r.SetSource(group("a", "1"))
		r.Body = attribute.StringValue("x")
		r.Free()
	}
}
