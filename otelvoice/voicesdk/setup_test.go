// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"testing/slogtest"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// variables replaces the process environment with the given pairs.
func variables(pairs ...string) voicesdk.Option {
	env := make(map[string]string)
	for i := 0; i < len(pairs); i += 2 {
		env[pairs[i]] = pairs[i+1]
	}
	return voicesdk.WithLookupEnv(func(name string) (string, bool) { v, ok := env[name]; return v, ok })
}

func TestSetupNamesEveryBadVariable(t *testing.T) {
	for _, tt := range []struct{ variable, value string }{
		{"OTEL_TRACES_SAMPLER", "bogus"},
		{"OTEL_SDK_DISABLED", "perhaps"},
		{"OTEL_PROPAGATORS", "carrierpigeon"},
		{"OTEL_TRACES_EXPORTER", "zipkin"},
		{"OTEL_METRICS_EXPORTER", "smoke"},
		{"OTEL_LOGS_EXPORTER", "drum"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "no url"},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "://"},
		{"OTEL_RESOURCE_ATTRIBUTES", "justakey"},
		{"OTEL_RESOURCE_ATTRIBUTES", "a=%zz"},
		{"LOG_LEVEL", "loud"},
		{"LOG_FORMAT", "xml"},
		{"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "maybe"},
	} {
		t.Run(tt.variable+"="+tt.value, func(t *testing.T) {
			tel, err := voicesdk.Setup(t.Context(), variables(tt.variable, tt.value), voicesdk.WithoutGlobals())
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), tt.variable) || !strings.Contains(err.Error(), tt.value) {
				t.Errorf("the error names neither variable nor value:\n%v", err)
			}
			_, session := tel.StartSession(t.Context()) // It records nothing.
			session.End()
		})
	}
	t.Run("all at once", func(t *testing.T) {
		_, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(),
			variables("OTEL_TRACES_SAMPLER", "bogus", "LOG_LEVEL", "loud"))
		if err == nil || !strings.Contains(err.Error(), "OTEL_TRACES_SAMPLER") || !strings.Contains(err.Error(), "LOG_LEVEL") {
			t.Errorf("want both variables in one error, got %v", err)
		}
	})
	t.Run("the sampler's argument", func(t *testing.T) {
		_, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(),
			variables("OTEL_TRACES_SAMPLER", "traceidratio", "OTEL_TRACES_SAMPLER_ARG", "1.5"))
		if err == nil || !strings.Contains(err.Error(), "OTEL_TRACES_SAMPLER_ARG") {
			t.Errorf("want the argument named, got %v", err)
		}
	})
}

func FuzzSetup(f *testing.F) {
	f.Add("OTEL_RESOURCE_ATTRIBUTES", "a=b,c=%20")
	f.Add("OTEL_TRACES_SAMPLER_ARG", "NaN")
	f.Add("LOG_LEVEL", "INFO+99999999999999999999")
	f.Add("OTEL_PROPAGATORS", "none,b3")
	f.Fuzz(func(t *testing.T, variable, value string) {
		if strings.Contains(variable, "ENDPOINT") || strings.Contains(variable, "EXPORTER") {
			return // These need a network; the exporters have fuzz tests of their own.
		}
		tel, err := voicesdk.Setup(t.Context(), variables(variable, value), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&bytes.Buffer{}))
		if err != nil && !strings.Contains(err.Error(), variable) {
			t.Fatalf("%s=%q: the error does not name the variable: %v", variable, value, err)
		}
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Fatalf("%s=%q: Shutdown: %v", variable, value, err)
		}
	})
}

// line logs one line and returns it, parsed.
func line(t *testing.T, buf *bytes.Buffer, emit func()) map[string]any {
	t.Helper()
	buf.Reset()
	emit()
	var got map[string]any
	if err := json.Unmarshal(buf.Bytes(), &got); err != nil {
		t.Fatalf("%v in %q", err, buf.Bytes())
	}
	return got
}

func TestSetupSetsGlobals(t *testing.T) {
	t.Cleanup(globals())
	var buf bytes.Buffer
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithServiceName("concierge"), variables(), voicesdk.WithLogWriter(&buf))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	ctx, span := otel.Tracer("x").Start(t.Context(), "y")
	defer span.End()
	got := line(t, &buf, func() { slog.InfoContext(ctx, "hello", "n", 1) })
	if got["trace_id"] != span.SpanContext().TraceID().String() || got["module"] != "concierge" || got["message"] != "hello" {
		t.Errorf("the default logger wrote %v", got)
	}
	if function, _ := got["function"].(string); !strings.Contains(function, "TestSetupSetsGlobals") {
		t.Errorf("function = %v", got["function"])
	}
}

func TestWithoutGlobalsSetsNone(t *testing.T) {
	logger, tracers, propagator := slog.Default(), otel.GetTracerProvider(), otel.GetTextMapPropagator()
	voicetest.Setup(t)
	if slog.Default() != logger || otel.GetTracerProvider() != tracers || len(otel.GetTextMapPropagator().Fields()) != len(propagator.Fields()) {
		t.Error("a global was changed")
	}
}

func TestSDKDisabled(t *testing.T) {
	var buf bytes.Buffer
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&buf),
		variables("OTEL_SDK_DISABLED", "true", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := otelvoice.ContextWithCorrelationID(t.Context(), "order-42")
	ctx, session := tel.StartSession(ctx)
	if session.CorrelationID() != "order-42" {
		t.Errorf("correlation ID %q, want the caller's", session.CorrelationID())
	}
	got := line(t, &buf, func() { tel.Logger("m").InfoContext(ctx, "still here") })
	if got["correlation_id"] != "order-42" || got["session_id"] != session.ID() || got["trace_id"] != nil {
		t.Errorf("the line has other ids: %v", got)
	}
	_, other := tel.StartSession(t.Context())
	if len(other.CorrelationID()) != 36 {
		t.Errorf("a session without a trace has correlation ID %q, want a UUID", other.CorrelationID())
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// With a tracer provider of the program's own, trace IDs stay as they are, and the correlation ID
// is still the caller's.
func TestBringYourOwnTracerProvider(t *testing.T) {
	const caller = "550e8400-e29b-41d4-a716-446655440000"
	for _, tt := range []struct {
		name      string
		generator bool
	}{{"with the generator", true}, {"without it", false}} {
		t.Run(tt.name, func(t *testing.T) {
			recorder := tracetest.NewSpanRecorder()
			opts := []sdktrace.TracerProviderOption{sdktrace.WithSpanProcessor(recorder)}
			if tt.generator {
				opts = append(opts, sdktrace.WithIDGenerator(otelvoice.NewIDGenerator()))
			}
			provider := sdktrace.NewTracerProvider(opts...)
			tel, _ := voicetest.Setup(t, voicesdk.WithTracerProvider(provider))
			ctx, session := tel.StartSession(otelvoice.ContextWithCorrelationID(t.Context(), caller))
			tid := trace.SpanContextFromContext(ctx).TraceID().String()
			if same := tid == strings.ReplaceAll(caller, "-", ""); same != tt.generator {
				t.Errorf("trace ID %s", tid)
			}
			if session.CorrelationID() != caller {
				t.Errorf("correlation ID %s, want %s", session.CorrelationID(), caller)
			}
			session.End()
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			// The provider still belongs to the program.
			_, span := provider.Tracer("x").Start(t.Context(), "after")
			span.End()
			if n := len(recorder.Ended()); n != 2 {
				t.Errorf("%d spans at a provider that was brought, want 2", n)
			}
		})
	}
}

// The standard otelslog bridge gives the same lines as the toolkit's own logger.
func TestStockBridgeWritesTheSameLines(t *testing.T) {
	var buf bytes.Buffer
	tel, _ := voicetest.Setup(t, voicesdk.WithLogWriter(&buf), voicesdk.WithLogLevel(slog.LevelDebug))
	ctx, session := tel.StartSession(t.Context(), otelvoice.WithUserID("user_123"))
	ctx, turn := session.StartTurn(ctx)
	ctx, _ = turn.StartSTT(ctx, nova3)
	emit := func(l *slog.Logger) {
		l.With("bound", 1).WithGroup("g").LogAttrs(ctx, slog.LevelWarn, "odd",
			slog.String("s", "x"), slog.Float64("f", .5), slog.Any("error", errors.New("broken")))
	}
	stock := slog.New(otelslog.NewHandler("m", otelslog.WithLoggerProvider(tel.LoggerProvider()), otelslog.WithSource(true)))
	want := line(t, &buf, func() { emit(tel.Logger("m")) })
	got := line(t, &buf, func() { emit(stock) })
	for _, l := range []map[string]any{got, want} {
		delete(l, "timestamp")
		delete(l, "thread_id") // The scheduler may move the goroutine between the two.
	}
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if !bytes.Equal(a, b) {
		t.Errorf("\nstock   %s\ntoolkit %s", a, b)
	}
	if want["stage"] != "stt" || want["user_id"] != "user_123" || want["turn_id"] != turn.ID() || want["request_id"] == nil {
		t.Errorf("ids are missing in %s", b)
	}
}

func TestHandlerIsAHandler(t *testing.T) {
	var buf bytes.Buffer
	slogtest.Run(t,
		func(t *testing.T) slog.Handler {
			t.Helper()
			buf.Reset()
			tel, _ := voicetest.Setup(t, voicesdk.WithLogWriter(&buf))
			return tel.Logger("m").Handler()
		},
		func(t *testing.T) map[string]any {
			t.Helper()
			var l map[string]any
			if err := json.Unmarshal(buf.Bytes(), &l); err != nil {
				t.Fatalf("%v in %q", err, buf.Bytes())
			}
			// The names that slog gives the record's own fields, and the attributes.
			got := map[string]any{slog.LevelKey: l["level"], slog.MessageKey: l["message"]}
			// A record without a time gets the time of writing: every line of this log has one.
			if !strings.Contains(t.Name(), "zero-time") {
				got[slog.TimeKey] = l["timestamp"]
			}
			extra, _ := l["extra_data"].(map[string]any)
			maps.Copy(got, extra)
			return got
		})
}

// cycle is a LogValuer that contains itself twice.
type cycle struct{}

func (c cycle) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("a", c), slog.Any("b", c))
}

type selfish struct{}

func (s selfish) LogValue() slog.Value { return slog.AnyValue(s) }

type panicking struct{}

func (panicking) LogValue() slog.Value { panic("LogValue") }

func TestHostileAttributes(t *testing.T) {
	for _, tt := range []struct {
		name string
		attr slog.Attr
	}{
		{"a group that holds itself", slog.Any("k", cycle{})},
		{"a value that is itself", slog.Any("k", selfish{})},
		{"a value that panics", slog.Any("k", panicking{})},
		{"inside a group", slog.Group("g", slog.Any("k", cycle{}), slog.Any("p", panicking{}))},
		{"10 MB", slog.String("k", strings.Repeat("x", 10<<20))},
		{"not UTF-8", slog.String("k\xff", "v\xff")},
		{"nil error", slog.Any("error", error(nil))},
		{"typed nil error", slog.Any("error", (*json.SyntaxError)(nil))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var buf bytes.Buffer
			tel, _ := voicetest.Setup(t, voicesdk.WithLogWriter(&buf))
			for _, logger := range []*slog.Logger{tel.Logger("m"), tel.Logger("m").With(tt.attr)} {
				got := line(t, &buf, func() { logger.LogAttrs(context.Background(), slog.LevelInfo, "m", tt.attr) })
				if got["message"] != "m" {
					t.Errorf("the line is %v", got)
				}
				if buf.Len() > 1<<20 {
					t.Errorf("the line has %d bytes", buf.Len())
				}
			}
		})
	}
}
