// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logline_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/exporters/internal/logline"
	"github.com/voice-agents/telemetry/exporters/internal/logline/jsonenctest"
)

func TestAppendValue(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   attribute.Value
		want string
	}{
		{"empty", attribute.Value{}, `null`},
		{"true", attribute.BoolValue(true), `true`},
		{"false", attribute.BoolValue(false), `false`},
		{"integer", attribute.Int64Value(math.MinInt64), `-9223372036854775808`},
		{"float", attribute.Float64Value(0.95), `0.95`},
		{"string", attribute.StringValue("a\nb"), `"a\nb"`},
		{"bools", attribute.BoolSliceValue([]bool{true, false}), `[true,false]`},
		{"integers", attribute.IntSliceValue([]int{1, -2, 3}), `[1,-2,3]`},
		{"floats", attribute.Float64SliceValue([]float64{0.5, math.Inf(1)}), `[0.5,"+Inf"]`},
		{"strings", attribute.StringSliceValue([]string{"a", "\xff"}), `["a","\ufffd"]`},
		{"no strings", attribute.StringSliceValue(nil), `[]`},
		{"bytes", attribute.ByteSliceValue(make([]byte, 48000)), `{"size_bytes":48000}`},
		{"no bytes", attribute.ByteSliceValue(nil), `{"size_bytes":0}`},
		{"slice", attribute.SliceValue(attribute.IntValue(1), attribute.StringValue("b"), attribute.Value{}), `[1,"b",null]`},
		{"no map", attribute.MapValue(), `{}`},
		{"map", attribute.MapValue(attribute.Int("b", 2), attribute.String("a", "x")), `{"a":"x","b":2}`},
		{"empty key", attribute.MapValue(attribute.Int("", 1)), `{"":1}`},
		{
			"map in a map",
			attribute.MapValue(attribute.KeyValue{Key: "a", Value: attribute.MapValue(attribute.Int("b", 1))}),
			`{"a":{"b":1}}`,
		},
		{
			"duplicate keys: the last counts",
			attribute.MapValue(attribute.Int("a", 1), attribute.Int("b", 2), attribute.Int("a", 3), attribute.Int("a", 4)),
			`{"a":4,"b":2}`,
		},
		{
			"keys that are the same once they are UTF-8",
			attribute.MapValue(attribute.Int("\xff", 1), attribute.Int("\xfez", 2), attribute.Int("\xfe", 3), attribute.Int("a", 4)),
			"{\"a\":4,\"\ufffd\":1,\"\ufffdz\":2}",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(logline.AppendValue(nil, tt.in)); got != tt.want {
				t.Errorf("AppendValue\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestAppendValueText(t *testing.T) {
	long := strings.Repeat("x", 50)
	v := attribute.MapValue(
		attribute.StringSlice("a", []string{long}),
		attribute.KeyValue{Key: "b", Value: attribute.SliceValue(attribute.StringValue(long))},
		attribute.String("c"+long, long),
		attribute.String("c"+long[1:]+"y", "another key that ends where the first one does"[:8]),
	)
	got := string(logline.AppendValueText(nil, &v, 4))
	want := `{"a":["xxxx…(+46 bytes)"],"b":["xxxx…(+46 bytes)"],"cxxx…(+47 bytes)":"another "}`
	if got != want {
		t.Errorf("AppendValueText\n got %s\nwant %s", got, want)
	}
}

func TestAppendValueBoundsDepth(t *testing.T) {
	nest := map[string]func(attribute.Value) attribute.Value{
		"maps": func(v attribute.Value) attribute.Value {
			return attribute.MapValue(attribute.KeyValue{Key: "a", Value: v})
		},
		"slices": func(v attribute.Value) attribute.Value { return attribute.SliceValue(v) },
	}
	for name, in := range nest {
		t.Run(name, func(t *testing.T) {
			v := attribute.StringValue("leaf")
			for range logline.MaxDepth {
				v = in(v)
			}
			if got := string(logline.AppendValue(nil, v)); !strings.Contains(got, `"leaf"`) {
				t.Errorf("%d levels: got %s, want the leaf", logline.MaxDepth, got)
			}
			got := logline.AppendValue(nil, in(v))
			if strings.Contains(string(got), "leaf") || !strings.Contains(string(got), `"…"`) {
				t.Errorf("%d levels: got %s, want … instead of the leaf", logline.MaxDepth+1, got)
			}
			if err := jsonenctest.Check(got); err != nil {
				t.Error(err)
			}
		})
	}
}

// A value that contains another twice, 40 levels deep, is small in memory and has 2⁴⁰ leaves.
func TestAppendValueBoundsSize(t *testing.T) {
	pairs, maps := attribute.StringValue("leaf"), attribute.StringValue("leaf")
	for range 40 {
		pairs = attribute.SliceValue(pairs, pairs)
		maps = attribute.MapValue(attribute.KeyValue{Key: "a", Value: maps}, attribute.KeyValue{Key: "b", Value: maps})
	}
	for _, tt := range []struct {
		name string
		in   attribute.Value
		want string
	}{
		{"pairs", pairs, `"…(+1 more)"]`},
		{"maps", maps, `"…(+1 more)"}`},
		{"integers", attribute.IntSliceValue(make([]int, 1<<20)), `,"…(+917504 more)"]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := logline.AppendValue(nil, tt.in)
			if most := logline.MaxValueBytes + 4096; len(got) < logline.MaxValueBytes || len(got) > most {
				t.Errorf("got %d bytes, want between %d and %d", len(got), logline.MaxValueBytes, most)
			}
			if err := jsonenctest.Check(got); err != nil {
				t.Error(err)
			}
			if !strings.Contains(string(got), tt.want) {
				t.Errorf("the note about the omitted values is missing: %s", got[len(got)-100:])
			}
		})
	}
}

// FuzzAppendValue checks that any value becomes valid JSON without duplicate keys, which decodes
// to the value.
func FuzzAppendValue(f *testing.F) {
	f.Add([]byte{11, 3, 1, 'a', 4, 2, 'x', 'y', 1, 'a', 2, 7, 1, 'b', 11, 1, 0, 10})
	f.Add([]byte{11, 2, 1, 0xff, 1, 1, 1, 0xfe, 1, 0})
	f.Add([]byte{10, 2, 9, 3, 'r', 'a', 'w', 3, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f})
	f.Fuzz(func(t *testing.T, data []byte) {
		v := jsonenctest.NewSource(data).Value()
		text := logline.AppendValue([]byte("["), v)[1:]
		if err := jsonenctest.Check(text); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		var got any
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if want := decoded(v); !reflect.DeepEqual(got, want) && len(text) < logline.MaxValueBytes && !strings.Contains(string(text), "…") {
			t.Errorf("%s\n got %#v\nwant %#v", text, got, want)
		}
	})
}

// decoded returns a value as encoding/json decodes it.
func decoded(v attribute.Value) any {
	switch v.Type() {
	case attribute.BOOL:
		return v.AsBool()
	case attribute.INT64:
		return float64(v.AsInt64())
	case attribute.FLOAT64:
		return decodedFloat(v.AsFloat64())
	case attribute.STRING:
		return decodedText(v.AsString())
	case attribute.BOOLSLICE:
		return decodedList(v.AsBoolSlice(), func(b bool) any { return b })
	case attribute.INT64SLICE:
		return decodedList(v.AsInt64Slice(), func(i int64) any { return float64(i) })
	case attribute.FLOAT64SLICE:
		return decodedList(v.AsFloat64Slice(), decodedFloat)
	case attribute.STRINGSLICE:
		return decodedList(v.AsStringSlice(), func(s string) any { return decodedText(s) })
	case attribute.BYTESLICE:
		return map[string]any{"size_bytes": float64(len(v.AsByteSlice()))}
	case attribute.SLICE:
		return decodedList(v.AsSlice(), decoded)
	case attribute.MAP:
		object := make(map[string]any)
		members := v.AsMap()
		// Of keys that differ only in invalid bytes, the last in key order counts; here, too, it
		// overwrites the others.
		for _, kv := range members {
			object[decodedText(string(kv.Key))] = decoded(kv.Value)
		}
		return object
	}
	return nil
}

func decodedFloat(f float64) any {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "+Inf"
	case math.IsInf(f, -1):
		return "-Inf"
	}
	return f
}

func decodedText(s string) string { return string([]rune(s)) }

func decodedList[T any](list []T, decode func(T) any) any {
	out := make([]any, 0, len(list))
	for _, element := range list {
		out = append(out, decode(element))
	}
	return out
}
