// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/exporters/jsonlog"
)

func TestLevel(t *testing.T) {
	for _, tt := range []struct {
		text     string
		severity log.Severity
		want     string
	}{
		{"INFO", log.SeverityInfo, "INFO"},
		{"INFO+2", log.SeverityInfo3, "INFO+2"},
		{"DEBUG-4", log.SeverityTrace, "DEBUG-4"},
		{"ERROR", log.SeverityUndefined, "ERROR"},
		{"warn", log.SeverityWarn, "WARN"},
		{"INFO+5", log.SeverityUndefined, "WARN+1"},
		{"", log.SeverityTrace1, "DEBUG-4"},
		{"", log.SeverityTrace4, "DEBUG-1"},
		{"", log.SeverityDebug1, "DEBUG"},
		{"", log.SeverityDebug4, "DEBUG+3"},
		{"", log.SeverityInfo1, "INFO"},
		{"", log.SeverityInfo3, "INFO+2"},
		{"", log.SeverityWarn1, "WARN"},
		{"", log.SeverityError1, "ERROR"},
		{"", log.SeverityFatal1, "ERROR+4"},
		{"", log.SeverityFatal4, "ERROR+7"},
		{"", log.SeverityUndefined, "INFO"},
		{"Information", log.SeverityInfo, "INFO"},
		{"FATAL", log.SeverityFatal1, "ERROR+4"},
		{"INFO\",\"forged\":\"", log.SeverityWarn, "WARN"},
		{"INFO+99999999999999999999", log.SeverityError, "ERROR"},
		{"ERROR+9223372036854775807", log.SeverityError, "DEBUG-1073741820"}, // slog's own arithmetic wraps.
		{"", math.MinInt32, "DEBUG-1073741829"},
		{"", math.MaxInt32, "ERROR+1073741807"},
	} {
		t.Run(fmt.Sprintf("%q,%d", tt.text, tt.severity), func(t *testing.T) {
			r := record("m")
			r.SetSeverityText(tt.text)
			r.SetSeverity(tt.severity)
			want := strings.Replace(head, "INFO", tt.want, 1) + `"module":"voice.stt","process_id":1234}`
			compare(t, line(t, t.Context(), r), want)
		})
	}
}

func TestTimestamp(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	for _, tt := range []struct {
		name string
		in   time.Time
		want string
	}{
		{"milliseconds", noon.Add(5 * time.Millisecond), "2024-01-01T12:00:00.005Z"},
		{"cut, not rounded", noon.Add(time.Second - 1), "2024-01-01T12:00:00.999Z"},
		{"the same second again", noon.Add(120 * time.Millisecond), "2024-01-01T12:00:00.120Z"},
		{"another zone", time.Date(2024, 1, 1, 0, 30, 0, 0, berlin), "2023-12-31T23:30:00.000Z"},
		{"before 1970", time.Date(1969, 12, 31, 23, 59, 59, 250e6, time.UTC), "1969-12-31T23:59:59.250Z"},
		{"1970", time.Unix(0, 0), "1970-01-01T00:00:00.000Z"},
		{"year 7", time.Date(7, 1, 2, 3, 4, 5, 6e6, time.UTC), "0007-01-02T03:04:05.006Z"},
		{"year 0", time.Date(0, 1, 1, 0, 0, 0, 1, time.UTC), "0000-01-01T00:00:00.000Z"},
		{"before year 0", time.Date(-1, 12, 31, 0, 0, 0, 0, time.UTC), "0000-01-01T00:00:00.000Z"},
		{"the end", time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), "9999-12-31T23:59:59.999Z"},
		{"after the end", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "9999-12-31T23:59:59.999Z"},
		{"in the last year elsewhere", time.Date(10000, 1, 1, 0, 30, 0, 0, berlin), "9999-12-31T23:30:00.000Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := record("m")
			r.SetTimestamp(tt.in)
			r.SetObservedTimestamp(noon.Add(time.Hour))
			want := strings.Replace(head, "2024-01-01T12:00:00.000Z", tt.want, 1) + `"module":"voice.stt","process_id":1234}`
			compare(t, line(t, t.Context(), r), want)
		})
	}
}

func TestTimestampUnset(t *testing.T) {
	tail := `","level":"INFO","message":"m","module":"voice.stt","process_id":1234}`
	t.Run("observed", func(t *testing.T) {
		r := record("m")
		r.SetTimestamp(time.Time{})
		r.SetObservedTimestamp(noon)
		compare(t, line(t, t.Context(), r), `{"timestamp":"2024-01-01T12:00:00.000Z`+tail)
	})
	t.Run("now", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := record("m")
			r.SetTimestamp(time.Time{})
			compare(t, line(t, t.Context(), r), `{"timestamp":"2000-01-01T00:00:00.000Z`+tail)
		})
	})
}

func TestMessage(t *testing.T) {
	for _, tt := range []struct {
		name string
		body attribute.Value
		want string
	}{
		{"text", attribute.StringValue("say \"hi\"\n"), `"say \"hi\"\n"`},
		{"nothing", attribute.Value{}, `""`},
		{"truth", attribute.BoolValue(true), `"true"`},
		{"integer", attribute.IntValue(42), `"42"`},
		{"float", attribute.Float64Value(0.5), `"0.5"`},
		{"not a number", attribute.Float64Value(math.NaN()), `"NaN"`},
		{"list", attribute.StringSliceValue([]string{"a", "b"}), `"[\"a\",\"b\"]"`},
		{"map", attribute.MapValue(attribute.Int("a", 1), attribute.Int("a", 2)), `"{\"a\":2}"`},
		{"audio", attribute.ByteSliceValue(make([]byte, 640)), `"{\"size_bytes\":640}"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := record("")
			r.SetBody(tt.body)
			want := strings.Replace(head, `"m"`, tt.want, 1) + `"module":"voice.stt","process_id":1234}`
			compare(t, line(t, t.Context(), r), want)
		})
	}
}

func TestSpanContext(t *testing.T) {
	const uuid, hex = `"correlation_id":"550e8400-e29b-41d4-a716-446655440000",`, `"trace_id":"550e8400e29b41d4a716446655440000",`
	for _, tt := range []struct {
		name  string
		span  trace.SpanContextConfig
		attrs []attribute.KeyValue
		want  string
	}{
		{"none", trace.SpanContextConfig{}, nil, ``},
		{"span", trace.SpanContextConfig{TraceID: traceID, SpanID: spanID}, nil, uuid + hex + `"span_id":"a1b2c3d4e5f60718",`},
		{"no span ID", trace.SpanContextConfig{TraceID: traceID}, nil, uuid + hex},
		{"no trace ID", trace.SpanContextConfig{SpanID: spanID}, nil, `"span_id":"a1b2c3d4e5f60718",`},
		{
			"with a correlation ID of its own",
			trace.SpanContextConfig{TraceID: traceID, SpanID: spanID},
			[]attribute.KeyValue{attribute.String("voice.correlation.id", "call-1")},
			`"correlation_id":"call-1",` + hex + `"span_id":"a1b2c3d4e5f60718",`,
		},
		{
			"with an empty correlation ID",
			trace.SpanContextConfig{TraceID: traceID, SpanID: spanID},
			[]attribute.KeyValue{attribute.String("voice.correlation.id", "")},
			uuid + hex + `"span_id":"a1b2c3d4e5f60718",`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(tt.span))
			want := head + tt.want + `"module":"voice.stt","process_id":1234}`
			compare(t, line(t, ctx, record("m", tt.attrs...)), want)
		})
	}
	t.Run("nil context", func(t *testing.T) {
		var ctx context.Context
		compare(t, line(t, ctx, record("m")), head+`"module":"voice.stt","process_id":1234}`)
	})
}

func TestModuleAndProcess(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"voice.stt", `"voice.stt"`},
		{"", `"unknown"`},
		{"a\"b\xff", `"a\"b\ufffd"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			logger := jsonlog.New(&out, nil).Logger(tt.name, log.WithInstrumentationVersion("v1"))
			if !logger.Enabled(t.Context(), log.EnabledParameters{Severity: log.SeverityTrace}) {
				t.Error("Enabled = false, want true")
			}
			logger.Emit(t.Context(), record("m"))
			want := fmt.Sprintf(`%s"module":%s,"process_id":%d}`+"\n", head, tt.want, os.Getpid())
			compare(t, out.String(), want)
		})
	}
}
