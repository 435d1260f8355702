// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// The level is INFO unless an option sets another, and is read for each record.
func TestNewLogLevel(t *testing.T) {
	var level slog.LevelVar
	for _, tt := range []struct {
		name string
		opts []otelvoice.Option
		set  slog.Level
		want []string
	}{
		{"default", nil, slog.LevelDebug, []string{"info", "warn"}},
		{"option", []otelvoice.Option{otelvoice.WithLogLevel(slog.LevelWarn)}, slog.LevelDebug, []string{"warn"}},
		{"variable at INFO", []otelvoice.Option{otelvoice.WithLogLevel(&level)}, slog.LevelInfo, []string{"info", "warn"}},
		{"variable at DEBUG", []otelvoice.Option{otelvoice.WithLogLevel(&level)}, slog.LevelDebug, []string{"debug", "info", "warn"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			own := newOwnSDK()
			level.Set(slog.LevelError)
			tel := own.start(t, tt.opts...)
			level.Set(tt.set)
			logger := tel.Logger("m")
			logger.Debug("debug")
			logger.Info("info")
			logger.Warn("warn")
			if got := own.logs.bodies(); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Records of tel.Logger and of the program's own bridge have the IDs of the call.
func TestNewLoggersAddIDs(t *testing.T) {
	own := newOwnSDK()
	tel := own.start(t)
	ctx, session := tel.StartSession(t.Context(), otelvoice.WithSessionID("sess_test"))
	ctx, _ = session.StartTurn(ctx)
	bridge := otelslog.NewLogger("bridge", otelslog.WithLoggerProvider(tel.LoggerProvider()))
	for name, logger := range map[string]*slog.Logger{"agent": tel.Logger("agent"), "bridge": bridge} {
		before := len(own.logs.all())
		logger.InfoContext(ctx, "table booked", "guests", 4)
		records := own.logs.all()[before:]
		if len(records) != 1 || records[0].TraceID() != trace.SpanContextFromContext(ctx).TraceID() || records[0].InstrumentationScope().Name != name {
			t.Errorf("%s: the records are %v", name, logShapes(records))
			continue
		}
		shape := logShapes(records)[0]
		for _, want := range []string{"guests=4", " " + string(semconv.VoiceTurnIDKey), " session.id"} {
			if !strings.Contains(shape, want) {
				t.Errorf("%s: %q is missing in %s", name, want, shape)
			}
		}
	}
	session.End()
}

// With the ID generator the correlation ID is the trace ID. Without it the provider chooses the
// trace ID, and the correlation ID is an attribute and a header.
func TestNewCorrelation(t *testing.T) {
	const caller = "550e8400-e29b-41d4-a716-446655440000"
	for _, tt := range []struct {
		name      string
		opts      []sdktrace.TracerProviderOption
		generator bool
	}{
		{"with the generator", []sdktrace.TracerProviderOption{sdktrace.WithIDGenerator(otelvoice.NewIDGenerator())}, true},
		{"without it", nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			own := newOwnSDK(tt.opts...)
			tel := own.start(t)
			ctx, session := tel.StartSession(otelvoice.ContextWithCorrelationID(t.Context(), caller))
			if got := session.CorrelationID(); got != caller {
				t.Errorf("the correlation ID is %s", got)
			}
			carrier := propagation.MapCarrier{}
			tel.Propagator().Inject(ctx, carrier)
			if got := carrier[otelvoice.CorrelationHeader]; got != caller {
				t.Errorf("the header is %q", got)
			}
			session.End()
			span := own.spans.Ended()[0]
			if same := span.SpanContext().TraceID().String() == strings.ReplaceAll(caller, "-", ""); same != tt.generator {
				t.Errorf("the trace ID is %s", span.SpanContext().TraceID())
			}
			got, _ := spanAttribute(span, semconv.VoiceCorrelationIDKey)
			if got.AsString() != caller {
				t.Errorf("the attribute is %q", got.AsString())
			}
		})
	}
}

// Content is captured if an option or the environment enables it.
func TestNewContentCapture(t *testing.T) {
	for _, tt := range []struct {
		name, variable string
		opts           []otelvoice.Option
		want           bool
	}{
		{"default", "", nil, false},
		{"option", "", []otelvoice.Option{otelvoice.WithContentCapture()}, true},
		{"environment", "true", nil, true},
		{"environment in capitals", " TRUE ", nil, true},
		{"environment says no", "false", nil, false},
		{"environment says something else", "span_and_event", nil, false},
		{"option against it", "true", []otelvoice.Option{otelvoice.WithoutContentCapture()}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", tt.variable)
			own := newOwnSDK()
			tel := own.start(t, tt.opts...)
			ctx, session := tel.StartSession(t.Context())
			ctx, turn := session.StartTurn(ctx)
			_, tts := turn.StartTTS(ctx, sonic3)
			tts.AddText("We open at nine.")
			tts.End(nil)
			session.End()
			if got := strings.Contains(own.text(t), "We open at nine."); got != tt.want {
				t.Errorf("captured: %v, want %v\n%s", got, tt.want, own.text(t))
			}
		})
	}
}
