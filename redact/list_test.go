// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/redact"
)

// The value of a flag is the next element of a list.
func TestFlags(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"two dashes", "agent --password hunter2 --verbose", "agent --password [REDACTED] --verbose"},
		{"one dash", "agent -api-key hunter2 -v", "agent -api-key [REDACTED] -v"},
		{"camel case", "agent --dbPassword hunter2", "agent --dbPassword [REDACTED]"},
		{"behind one another", "--token a1 --client-secret b2", "--token [REDACTED] --client-secret [REDACTED]"},
		{"a value that looks like a flag", "--password -x1 y", "--password [REDACTED] y"},
		{"with an equals sign", "agent --password=hunter2 serve", "agent --password=[REDACTED] serve"},
		{"at the end", "agent --password", "agent --password"},
		{"harmless flags", "agent --port 8080 --tokens 120 --no-color x --password-file /run/secret", "agent --port 8080 --tokens 120 --no-color x --password-file /run/secret"},
		{"no flags", "password hunter2 - x -- y", "password hunter2 - x -- y"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := redact.New(redact.Default()...)
			args := strings.Fields(tt.in)
			got, changed := r.Attribute(attribute.StringSlice("process.command_args", args))
			if list := strings.Join(got.Value.AsStringSlice(), " "); list != tt.want || changed != (tt.in != tt.want) {
				t.Errorf("\ngot  %s, changed %v\nwant %s", list, changed, tt.want)
			}
			values := make([]attribute.Value, len(args))
			for i, arg := range args {
				values[i] = attribute.StringValue(arg)
			}
			got, _ = r.Attribute(attribute.Slice("args", values...))
			var list []string
			for _, v := range got.Value.AsSlice() {
				list = append(list, v.AsString())
			}
			if s := strings.Join(list, " "); s != tt.want {
				t.Errorf("values\ngot  %s\nwant %s", s, tt.want)
			}
		})
	}
	mixed := []attribute.Value{attribute.StringValue("--pin"), attribute.StringValue("--passcode"), attribute.Int64Value(4711), attribute.BoolValue(true)}
	got, _ := redact.New(redact.Default()...).Attribute(attribute.Slice("args", mixed...))
	if list := got.Value.AsSlice(); list[2].AsString() != redact.Redacted || !list[3].AsBool() {
		t.Errorf("got %v", got.Value.AsInterface())
	}
	if _, changed := redact.New(redact.Emails()).Attribute(attribute.StringSlice("args", []string{"--password", "x"})); changed {
		t.Error("without the rule for keys the value after a flag was changed")
	}
}

// A number may be a card number.
func TestNumbers(t *testing.T) {
	const card, alsoCard = 4111111111111111, 5555555555554444
	hidden := attribute.StringValue("[REDACTED:card]")
	for _, tt := range []struct {
		name     string
		in, want attribute.Value
	}{
		{"an integer", attribute.Int64Value(card), hidden},
		{"a floating point number", attribute.Float64Value(card), hidden},
		{"in a list of integers", attribute.Int64SliceValue([]int64{1, card}), attribute.SliceValue(attribute.Int64Value(1), hidden)},
		{"in a list of floating point numbers", attribute.Float64SliceValue([]float64{card, 0.5}), attribute.SliceValue(hidden, attribute.Float64Value(0.5))},
		{"in a list of values", attribute.SliceValue(attribute.Int64Value(alsoCard)), attribute.SliceValue(hidden)},
		{"in a map", attribute.MapValue(attribute.Int64("n", alsoCard)), attribute.MapValue(attribute.KeyValue{Key: "n", Value: hidden})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := redact.New(redact.Default()...)
			got, changed := r.Attribute(attribute.KeyValue{Key: "order", Value: tt.in})
			if !changed || got.Value != tt.want {
				t.Errorf("got %v, want %v", got.Value.AsInterface(), tt.want.AsInterface())
			}
			if again, changed := r.Attribute(got); changed {
				t.Errorf("the second time %v", again.Value.AsInterface())
			}
		})
	}
	r := redact.New(redact.Default()...)
	for _, kv := range []attribute.KeyValue{
		attribute.Int64("check", card+1), attribute.Int64("nanoseconds", 1_700_000_000_123_456_789), attribute.Int64("negative", -card),
		attribute.Int64("small", 4111), attribute.Int64("max", math.MaxInt64), attribute.Int64("min", math.MinInt64),
		attribute.Float64("half", card+0.5), attribute.Float64("inf", math.Inf(1)), attribute.Float64("nan", math.NaN()), attribute.Float64("large", 4e300),
		attribute.Bool("bool", true), attribute.Int64Slice("sizes", []int64{512, 256, 1024}), attribute.Float64Slice("latencies", []float64{0.1}),
	} {
		if got, changed := r.Attribute(kv); changed {
			t.Errorf("%s became %v", kv.Key, got.Value.AsInterface())
		}
	}
}

// Lists keep their order and their length.
func TestListsKeepTheirShape(t *testing.T) {
	r := redact.New(redact.Default()...)
	got, _ := r.Attribute(attribute.StringSlice("to", []string{"ada@example.com", "", "bob"}))
	if list := got.Value.AsStringSlice(); !slices.Equal(list, []string{"[REDACTED:email]", "", "bob"}) {
		t.Errorf("got %q", list)
	}
}
