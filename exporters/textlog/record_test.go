// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package textlog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/exporters/jsonlog"
	"github.com/voice-agents/telemetry/exporters/textlog"
)

// textOf returns the text of the record that a JSON line has. It checks that the text of the record and
// that of the record's JSON line are the same.
func textOf(tb testing.TB, line []byte, opts textlog.Options) string {
	tb.Helper()
	ctx, module, record := recordOf(tb, line)
	return emit(tb, ctx, module, record, opts)
}

// emit returns the text of a record, and compares it with that of the record's JSON line.
func emit(tb testing.TB, ctx context.Context, module string, record log.Record, opts textlog.Options) string { //nolint:revive // As in testing, tb is first.
	tb.Helper()
	if record.Timestamp().IsZero() {
		record.SetTimestamp(time.Unix(1704110400, 0)) // Both would show the current time.
	}
	var text, asJSON bytes.Buffer
	p := textlog.New(&text, &opts)
	p.Logger(module).Emit(ctx, record)
	jsonlog.New(&asJSON, nil).Logger(module).Emit(ctx, record)
	if want := string(textlog.AppendJSON(nil, asJSON.Bytes(), opts)); text.String() != want {
		tb.Errorf("text of the record\n%sand of its line\n%s%s", text.String(), want, asJSON.String())
	}
	if p.Dropped() != 0 {
		tb.Errorf("%d lines were dropped", p.Dropped())
	}
	return text.String()
}

// conventional are the keys of the fields of a JSON line that have no short key.
var conventional = map[string]string{
	"correlation_id": "voice.correlation.id", "function": "code.function.name", "line_number": "code.line.number", "file_path": "code.file.path", "thread_id": "thread.id",
}

// recordOf returns a record that has the fields of a JSON line.
func recordOf(tb testing.TB, line []byte) (ctx context.Context, module string, r log.Record) {
	tb.Helper()
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	root := valueOf(tb, d)
	var span trace.SpanContextConfig
	for _, kv := range root.AsSlice() {
		pair := kv.AsSlice()
		name, v := pair[0].AsString(), pair[1]
		switch name {
		case "timestamp":
			at, _ := time.Parse(time.RFC3339Nano, v.AsString())
			r.SetTimestamp(at)
		case "level":
			r.SetSeverityText(v.AsString())
		case "message":
			r.SetBody(v)
		case "module":
			module = v.AsString()
		case "process_id":
		case "trace_id":
			span.TraceID, _ = trace.TraceIDFromHex(v.AsString())
		case "span_id":
			span.SpanID, _ = trace.SpanIDFromHex(v.AsString())
		case "extra_data":
			for _, kv := range v.AsSlice() {
				pair := kv.AsSlice()
				r.AddAttributes(attribute.KeyValue{Key: attribute.Key(pair[0].AsString()), Value: mapsOf(pair[1])})
			}
		case "exception":
			for _, kv := range v.AsSlice() {
				pair := kv.AsSlice()
				key, value := "exception."+pair[0].AsString(), mapsOf(pair[1])
				if key == "exception.chain" {
					var chain []string
					for _, text := range value.AsSlice() {
						chain = append(chain, text.AsString())
					}
					key, value = "voice.exception.chain", attribute.StringSliceValue(chain)
				}
				r.AddAttributes(attribute.KeyValue{Key: attribute.Key(key), Value: value})
			}
		default:
			if key, ok := conventional[name]; ok {
				name = key
			}
			r.AddAttributes(attribute.KeyValue{Key: attribute.Key(name), Value: mapsOf(v)})
		}
	}
	return trace.ContextWithSpanContext(tb.Context(), trace.NewSpanContext(span)), module, r
}

// valueOf returns the next JSON value. An object becomes a list of its members, which are lists of key
// and value after a marker, so that they keep their order.
func valueOf(tb testing.TB, d *json.Decoder) attribute.Value {
	tb.Helper()
	token, err := d.Token()
	if err != nil {
		tb.Fatal(err)
	}
	switch token := token.(type) {
	case json.Delim:
		var list []attribute.Value
		for d.More() {
			if token == '[' {
				list = append(list, valueOf(tb, d))
				continue
			}
			key := valueOf(tb, d)
			list = append(list, attribute.SliceValue(key, valueOf(tb, d), attribute.BoolValue(true)))
		}
		_, _ = d.Token()
		return attribute.SliceValue(list...)
	case string:
		return attribute.StringValue(token)
	case bool:
		return attribute.BoolValue(token)
	case json.Number:
		if i, err := token.Int64(); err == nil {
			return attribute.Int64Value(i)
		}
		f, _ := token.Float64()
		return attribute.Float64Value(f)
	}
	return attribute.Value{}
}

// mapsOf turns the lists that valueOf makes of objects into maps.
func mapsOf(v attribute.Value) attribute.Value {
	if v.Type() != attribute.SLICE {
		return v
	}
	var list []attribute.Value
	var members []attribute.KeyValue
	for _, element := range v.AsSlice() {
		if element.Type() == attribute.SLICE && len(element.AsSlice()) == 3 && element.AsSlice()[2].Type() == attribute.BOOL {
			pair := element.AsSlice()
			members = append(members, attribute.KeyValue{Key: attribute.Key(pair[0].AsString()), Value: mapsOf(pair[1])})
			continue
		}
		list = append(list, mapsOf(element))
	}
	if len(members) > 0 {
		return attribute.MapValue(members...)
	}
	return attribute.SliceValue(list...)
}
