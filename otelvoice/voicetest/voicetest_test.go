// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicetest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// broken builds spans by hand, as a defective toolkit would.
type broken struct {
	tracer trace.Tracer
}

func (b broken) start(ctx context.Context, name string, kind trace.SpanKind, attrs ...attribute.KeyValue) (context.Context, trace.Span) {
	return b.tracer.Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(attrs...))
}

// of returns the attributes that every span of a session has.
func of(session string, more ...attribute.KeyValue) []attribute.KeyValue {
	return append([]attribute.KeyValue{
		semconv.SessionID(session), semconv.GenAIConversationID(session), semconv.VoiceCorrelationID("c"),
	}, more...)
}

func turnOf(session string, more ...attribute.KeyValue) []attribute.KeyValue {
	return of(session, append([]attribute.KeyValue{
		semconv.GenAIOperationName(semconv.GenAIOperationNameInvokeAgent), semconv.VoiceTurnID("t"), semconv.VoiceTurnIndex(1),
		semconv.VoiceTurnInitiator(semconv.VoiceTurnInitiatorUser), semconv.VoiceTurnOutcome(semconv.VoiceTurnOutcomeCompleted),
	}, more...)...)
}

func TestVerifyFindsDefects(t *testing.T) {
	const internal = trace.SpanKindInternal
	for _, tt := range []struct {
		name string
		run  func(ctx context.Context, b broken)
		want string
	}{
		{"a turn without a session", func(ctx context.Context, b broken) {
			_, turn := b.start(ctx, semconv.SpanVoiceTurn, internal, turnOf("s")...)
			turn.End()
		}, "has no parent among the spans that ended, want a voice.session"},
		{"a turn of another session", func(ctx context.Context, b broken) {
			ctx, session := b.start(ctx, semconv.SpanVoiceSession, internal, of("a")...)
			_, turn := b.start(ctx, semconv.SpanVoiceTurn, internal, turnOf("b")...)
			turn.End()
			session.End()
		}, `is of session "b" under one of session "a"`},
		{"a span left open", func(ctx context.Context, b broken) {
			ctx, session := b.start(ctx, semconv.SpanVoiceSession, internal, of("s")...)
			b.start(ctx, semconv.SpanVoiceTurn, internal, turnOf("s")...)
			session.End()
		}, `is open although its parent "voice.session" has ended`},
		{"a turn in a trace of its own left open", func(ctx context.Context, b broken) {
			_, session := b.start(ctx, semconv.SpanVoiceSession, internal, of("s")...)
			session.End()
			b.tracer.Start(ctx, semconv.SpanVoiceTurn, trace.WithAttributes(turnOf("s")...),
				trace.WithLinks(trace.Link{SpanContext: session.SpanContext()}))
		}, `is open although its parent "voice.session" has ended`},
		{"the wrong kind", func(ctx context.Context, b broken) {
			_, session := b.start(ctx, semconv.SpanVoiceSession, trace.SpanKindServer, of("s")...)
			session.End()
		}, "is server, want internal"},
		{"an attribute that is not in the registry", func(ctx context.Context, b broken) {
			_, session := b.start(ctx, semconv.SpanVoiceSession, internal, of("s", attribute.String("voice.mood", "good"))...)
			session.End()
		}, "has voice.mood, which is not in the registry"},
		{"a required attribute that is missing", func(ctx context.Context, b broken) {
			_, session := b.start(ctx, semconv.SpanVoiceSession, internal)
			session.End()
		}, "lacks session.id"},
		{"an error without a type", func(ctx context.Context, b broken) {
			_, session := b.start(ctx, semconv.SpanVoiceSession, internal, of("s")...)
			session.SetStatus(codes.Error, "x")
			session.End()
		}, `has error status true and error.type ""`},
		{"segments that do not add up", func(ctx context.Context, b broken) {
			ctx, session := b.start(ctx, semconv.SpanVoiceSession, internal, of("s")...)
			_, turn := b.start(ctx, semconv.SpanVoiceTurn, internal,
				turnOf("s", semconv.VoiceTurnResponseLatency(1), semconv.VoiceTurnSegmentPlayout(.7))...)
			turn.End()
			session.End()
		}, "has segments of 0.700000000s in a response latency of 1.000000000s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			tt.run(t.Context(), broken{tel.TracerProvider().Tracer(otelvoice.ScopeName)})
			if err := rec.Verify(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("\ngot  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestRecorderKeepsLinesAndLogs(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	tel.Logger("m").Warn("odd", "n", 1)
	lines, err := rec.Lines()
	if err != nil {
		t.Fatal(err)
	}
	logs := rec.Logs()
	if len(lines) != 1 || len(logs) != 1 || lines[0]["message"] != "odd" || logs[0].Body().AsString() != "odd" {
		t.Errorf("lines %v, logs %v", lines, logs)
	}
	if _, err := rec.Writer().Write([]byte("no JSON\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := rec.Lines(); err == nil {
		t.Error("a line that is not JSON is no error")
	}
	if data, ok := rec.Metric("voice.turn.count"); ok {
		t.Errorf("measured without a turn: %v", data)
	}
}

func Example() {
	rec := voicetest.NewRecorder()
	tel, err := voicesdk.Setup(context.Background(), append(rec.Options(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(context.Background()) }()

	ctx, session := tel.StartSession(context.Background())
	_, turn := session.StartTurn(ctx)
	turn.End()
	session.End()
	fmt.Print(rec.Shape())
	fmt.Println("holds together:", rec.Verify() == nil)
	// Output:
	// voice.session INTERNAL
	//   voice.turn INTERNAL
	// holds together: true
}
