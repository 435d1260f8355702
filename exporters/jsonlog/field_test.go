// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog_test

import (
	"fmt"
	"math"
	"testing"

	"go.opentelemetry.io/otel/attribute"
)

func TestAttributes(t *testing.T) {
	const module, pid = `"module":"voice.stt"`, `"process_id":1234`
	for _, tt := range []struct {
		name  string
		attrs []attribute.KeyValue
		want  string // After head.
	}{
		{"none", nil, module + "," + pid + `}`},
		{"in their order", []attribute.KeyValue{attribute.Int("b", 1), attribute.Int("a", 2)}, module + "," + pid + `,"extra_data":{"b":1,"a":2}}`},
		{"no key", []attribute.KeyValue{attribute.Int("", 1)}, module + "," + pid + `}`},
		{"no value", []attribute.KeyValue{{Key: "a"}}, module + "," + pid + `,"extra_data":{"a":null}}`},
		{
			"duplicate key: the last, where the first was",
			[]attribute.KeyValue{attribute.Int("a", 1), attribute.Int("b", 2), attribute.String("a", "3")},
			module + "," + pid + `,"extra_data":{"a":"3","b":2}}`,
		},
		{
			"duplicate keys once they are UTF-8",
			[]attribute.KeyValue{attribute.Int("\xff", 1), attribute.Int("b", 2), attribute.Int("\xfe", 3)},
			module + "," + pid + ",\"extra_data\":{\"\ufffd\":3,\"b\":2}}",
		},
		{
			"duplicate of a field: the last",
			[]attribute.KeyValue{attribute.String("session.id", "a"), attribute.String("session.id", "b")},
			`"session_id":"b",` + module + "," + pid + `}`,
		},
		{
			"duplicate of a field, the last of the wrong type",
			[]attribute.KeyValue{attribute.String("session_id", "a"), attribute.Int("session_id", 42)},
			module + "," + pid + `,"extra_data":{"session_id":42}}`,
		},
		{
			"conventional key before plain one",
			[]attribute.KeyValue{attribute.String("session.id", "a"), attribute.String("session_id", "b")},
			`"session_id":"a",` + module + "," + pid + `,"extra_data":{"session_id":"b"}}`,
		},
		{
			"plain key before conventional one",
			[]attribute.KeyValue{attribute.Int("x", 1), attribute.String("session_id", "b"), attribute.String("session.id", "a"), attribute.Int("y", 2)},
			`"session_id":"a",` + module + "," + pid + `,"extra_data":{"x":1,"session_id":"b","y":2}}`,
		},
		{
			"plain key where the conventional one is empty",
			[]attribute.KeyValue{attribute.String("session_id", "b"), attribute.String("session.id", "")},
			`"session_id":"b",` + module + "," + pid + `}`,
		},
		{
			"plain key where the conventional one is of the wrong type",
			[]attribute.KeyValue{attribute.String("session_id", "b"), attribute.Int("session.id", 0)},
			`"session_id":"b",` + module + "," + pid + `,"extra_data":{"session.id":0}}`,
		},
		{
			"plain key of the wrong type",
			[]attribute.KeyValue{attribute.Int("session_id", 42), attribute.String("performance_metrics", "good"), attribute.String("duration_ms", "150")},
			module + "," + pid + `,"extra_data":{"session_id":42,"performance_metrics":"good","duration_ms":"150"}}`,
		},
		{"plain key, empty", []attribute.KeyValue{attribute.String("stage", "")}, module + "," + pid + `,"extra_data":{"stage":""}}`},
		{
			"unknown is left out",
			[]attribute.KeyValue{
				attribute.Int("code.line.number", 0), attribute.String("code.file.path", ""), attribute.String("code.function.name", ""),
				attribute.Int("thread.id", 0), attribute.String("user.id", ""),
				{Key: "voice.duration"},
				{Key: "voice.performance"},
			},
			module + "," + pid + `}`,
		},
		{
			"conventional keys of the wrong type",
			[]attribute.KeyValue{
				attribute.String("code.line.number", "145"), attribute.Int("thread.id", -1), attribute.Int("voice.duration", 2),
				attribute.Int("voice.performance", 1), attribute.Bool("exception.type", true),
			},
			module + "," + pid + `,"extra_data":{"code.line.number":"145","thread.id":-1,"voice.duration":2,"voice.performance":1,"exception.type":true}}`,
		},
		{"correlation ID without a span", []attribute.KeyValue{attribute.String("voice.correlation.id", "call-1")}, `"correlation_id":"call-1",` + module + "," + pid + `}`},
		{
			"performance metrics without duplicate keys",
			[]attribute.KeyValue{group("voice.performance", attribute.Int("a", 1), attribute.Int("a", 2))},
			module + "," + pid + `,"performance_metrics":{"a":2}}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			compare(t, line(t, t.Context(), record("m", tt.attrs...)), head+tt.want)
		})
	}
}

func TestDuration(t *testing.T) {
	for _, tt := range []struct {
		attr attribute.KeyValue
		want string // After the process ID.
	}{
		{attribute.Float64("voice.duration", 0.15), `,"duration_ms":150`},
		{attribute.Float64("voice.duration", 0.15025), `,"duration_ms":150.25`},
		{attribute.Float64("voice.duration", 0.1234567), `,"duration_ms":123.457`},
		{attribute.Float64("voice.duration", 0.0000004), `,"duration_ms":0`},
		{attribute.Float64("voice.duration", -0.0000004), `,"duration_ms":0`},
		{attribute.Float64("voice.duration", 0), `,"duration_ms":0`},
		{attribute.Float64("voice.duration", 7200.001), `,"duration_ms":7200001`},
		{attribute.Float64("voice.duration", math.NaN()), `,"extra_data":{"voice.duration":"NaN"}`},
		{attribute.Float64("voice.duration", math.MaxFloat64), `,"extra_data":{"voice.duration":1.7976931348623157e+308}`},
		{attribute.Int("duration_ms", 150), `,"duration_ms":150`},
		{attribute.Int("duration_ms", 0), `,"duration_ms":0`},
		{attribute.Float64("duration_ms", 0.12345), `,"duration_ms":0.12345`},
		{attribute.Float64("duration_ms", math.Inf(1)), `,"extra_data":{"duration_ms":"+Inf"}`},
	} {
		t.Run(fmt.Sprintf("%s=%s", tt.attr.Key, tt.attr.Value.String()), func(t *testing.T) {
			want := head + `"module":"voice.stt","process_id":1234` + tt.want + `}`
			compare(t, line(t, t.Context(), record("m", tt.attr)), want)
		})
	}
}

// Beyond 32 attributes a different algorithm finds duplicates.
func TestDuplicatesAmongMany(t *testing.T) {
	for _, n := range []int{31, 32, 33, 34, 64, 300} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			var attrs []attribute.KeyValue
			want := head + `"session_id":"s","module":"voice.stt","process_id":1234,"extra_data":{`
			for i := range n {
				attrs = append(attrs, attribute.Int(fmt.Sprintf("key%d", i), -1), attribute.String("session.id", "s"))
				want += fmt.Sprintf(`"key%d":%d,`, i, i)
			}
			for i := range n {
				attrs = append(attrs, attribute.Int(fmt.Sprintf("key%d", i), i))
			}
			compare(t, line(t, t.Context(), record("m", attrs...)), want[:len(want)-1]+"}}")
		})
	}
}
