// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// decoded reads attributes as a collector does: with a recursion limit of 100 messages, of which
// six are around an attribute's value and one is the record that stands for four of them here.
func decoded(tb testing.TB, wire []byte) []*commonpb.KeyValue {
	tb.Helper()
	var r logspb.LogRecord
	if err := (proto.UnmarshalOptions{RecursionLimit: 100 - 3}).Unmarshal(wire, &r); err != nil {
		tb.Fatalf("a collector refuses the request: %v", err)
	}
	return r.GetAttributes()
}

func encoded(attrs ...attribute.KeyValue) []byte {
	var table logrecord.KeyCache
	keys := make([]*logrecord.Key, 0, len(attrs))
	for _, kv := range attrs {
		keys = append(keys, table.Of(kv.Key))
	}
	return appendAttributes(nil, recordAttributes, attrs, keys, asTheyAre)
}

func TestOneStrayByteDoesNotSpoilTheRequest(t *testing.T) {
	long := strings.Repeat("x", 200) + "\xff"
	for _, tt := range []struct {
		name string
		attr attribute.KeyValue
		want string // Of the decoded attribute.
	}{
		{"value", attribute.String("k", "caf\xc3"), `key:"k" value:{string_value:"caf` + "\uFFFD" + `"}`},
		{"long value", attribute.String("k", long), `value:{string_value:"` + strings.ToValidUTF8(long, "\uFFFD")},
		{"key", attribute.String("k\xff", "v"), `key:"k` + "\uFFFD"},
		{"key of a list", attribute.StringSlice("k\xff", []string{"a"}), `key:"k` + "\uFFFD"},
		{"element", attribute.StringSlice("k", []string{"a", "\xff"}), `string_value:"` + "\uFFFD"},
		{"mixed list", attribute.Slice("k", attribute.IntValue(1), attribute.StringValue("\xff")), `string_value:"` + "\uFFFD"},
		{"member", attribute.Map("k", attribute.String("a", "\xff")), `key:"a" value:{string_value:"` + "\uFFFD"},
		{"member's key", attribute.Map("k", attribute.String("a\xff", "b")), `key:"a` + "\uFFFD"},
		{"surrogate half", attribute.String("k", "\xed\xa0\x80"), `string_value:"` + "\uFFFD"},
		{"overlong", attribute.String("k", "\xc0\x80"), `string_value:"` + "\uFFFD"},
		{"NUL", attribute.String("k", "a\x00b"), `string_value:"a\x00b"`},
		{"key longer than any", attribute.String(strings.Repeat("k", 1<<20), "v"), `…(+`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			attrs := decoded(t, encoded(tt.attr, attribute.Int("n", 1)))
			if len(attrs) != 2 {
				t.Fatalf("got %d attributes, want 2", len(attrs))
			}
			got := strings.ReplaceAll(attrs[0].String(), "  ", " ")
			if !strings.Contains(got, strings.ReplaceAll(tt.want, "  ", " ")) {
				t.Errorf("\ngot  %.200s\nwant %.200s", got, tt.want)
			}
		})
	}
}

func TestKeysThatBecomeEqualAreSentOnce(t *testing.T) {
	same := []attribute.KeyValue{attribute.Int("a\xff", 1), attribute.Int("b", 2), attribute.Int("a\xfe", 3), attribute.Int("a\uFFFD", 4)}
	set := attribute.NewSet(slices.Clone(same)...) // It sorts them.
	for name, wire := range map[string][]byte{
		"attributes":   encoded(same...),
		"set":          appendSet(nil, recordAttributes, &set, asTheyAre),
		"map's member": encoded(attribute.Map("m", same...)),
	} {
		attrs := decoded(t, wire)
		if name == "map's member" {
			attrs = attrs[0].GetValue().GetKvlistValue().GetValues()
		}
		if len(attrs) != 2 || attrs[0].GetKey() != "a\uFFFD" || attrs[1].GetKey() != "b" {
			t.Errorf("%s: got %v", name, attrs)
		}
		if name == "attributes" && attrs[0].GetValue().GetIntValue() != 4 {
			t.Errorf("%s: got %v, want the last value", name, attrs)
		}
	}
}

// Protocol buffers in C++, Java and Rust refuse more than 100 messages in one another.
func TestDeeplyNestedValueDoesNotSpoilTheRequest(t *testing.T) {
	for name, wrap := range map[string]func(attribute.Value) attribute.Value{
		"maps": func(v attribute.Value) attribute.Value {
			return attribute.MapValue(attribute.KeyValue{Key: "k", Value: v})
		},
		"lists": func(v attribute.Value) attribute.Value { return attribute.SliceValue(v) },
	} {
		v := attribute.StringValue("x")
		for range 1000 {
			v = wrap(v)
		}
		if attrs := decoded(t, encoded(attribute.KeyValue{Key: "k", Value: v})); len(attrs) != 1 {
			t.Errorf("%s: got %d attributes", name, len(attrs))
		}
		inside := attribute.StringValue("x")
		for range cleantext.MaxDepth {
			inside = wrap(inside)
		}
		if attrs := decoded(t, encoded(attribute.KeyValue{Key: "k", Value: inside})); !strings.Contains(attrs[0].String(), `"x"`) {
			t.Errorf("%s: a value of %d levels is cut", name, cleantext.MaxDepth)
		}
	}
}

// Values share what they hold: 30 lists of two are a thousand million elements.
func TestValueThatDoublesWithEachLevelIsBounded(t *testing.T) {
	v := attribute.StringValue("x")
	for range cleantext.MaxDepth {
		v = attribute.SliceValue(v, v)
	}
	if n := len(encoded(attribute.KeyValue{Key: "k", Value: v})); n > 4<<20 {
		t.Errorf("it takes %d bytes", n)
	}
	if _, changed := cleantext.Value(v); !changed {
		t.Error("it is as it was")
	}
}

func FuzzAppendPair(f *testing.F) {
	f.Add("k", "v", 0)
	f.Add("k\xff", "v\xff", 3)
	f.Add("k\xed\xa0\x80", strings.Repeat("\xff", 200), 40)
	f.Fuzz(func(t *testing.T, key, text string, depth int) {
		v := attribute.StringSliceValue([]string{text, key})
		for range min(max(depth, 0), 64) {
			v = attribute.MapValue(attribute.KeyValue{Key: attribute.Key(key), Value: v}, attribute.String(text, key))
		}
		in := []attribute.KeyValue{attribute.String(key, text), {Key: attribute.Key(key), Value: v}, attribute.String(text, key)}
		for _, kv := range decoded(t, encoded(in...)) {
			if !utf8.ValidString(kv.GetKey()) {
				t.Errorf("key %q", kv.GetKey())
			}
		}
	})
}

func BenchmarkAppendAttributes(b *testing.B) {
	attrs := []attribute.KeyValue{
		attribute.String("session.id", "sess_f5e6d7c8b9a0"), attribute.String("voice.correlation.id", "550e8400-e29b-41d4-a716-446655440000"),
		attribute.String("gen_ai.request.model", "gpt-4o-mini"), attribute.Int("n", 412), attribute.Float64("d", .312),
		attribute.String("said", "Grüezi, wie chan ich Ihne hälfe?"), attribute.Bool("ok", true),
	}
	var table logrecord.KeyCache
	keys := make([]*logrecord.Key, 0, len(attrs))
	for _, kv := range attrs {
		keys = append(keys, table.Of(kv.Key))
	}
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = appendAttributes(dst[:0], recordAttributes, attrs, keys, asTheyAre)
	}
	if n := protowire.SizeBytes(len(dst)); n == 0 {
		b.Fatal("nothing was encoded")
	}
}
