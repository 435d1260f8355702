// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// points formats a metric's points, sorted: "voice.stage=stt n=1 sum=1.05".
func points(rec *voicetest.Recorder, name string) string {
	data, _ := rec.Metric(name)
	var out []string
	add := func(set attribute.Set, text string) {
		var attrs []string
		for _, kv := range set.ToSlice() {
			attrs = append(attrs, string(kv.Key)+"="+kv.Value.String())
		}
		out = append(out, strings.Join(append(attrs, text), " "))
	}
	switch data := data.(type) {
	case metricdata.Histogram[float64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, fmt.Sprintf("n=%d sum=%.3f", p.Count, p.Sum))
		}
	case metricdata.Sum[int64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, fmt.Sprint(p.Value))
		}
	case metricdata.Sum[float64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, fmt.Sprintf("%.3f", p.Value))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func TestMetricsOfACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		ctx, session := tel.StartSession(t.Context(), otelvoice.WithChannel("web"))
		if got := points(rec, "voice.session.active"); got != "voice.channel=web 1" {
			t.Errorf("active during the call: %s", got)
		}
		speak(ctx, session)
		// Each is recorded when its operation ends, not when the call does.
		for name, want := range map[string]string{
			"voice.turn.response_latency": "voice.channel=web voice.turn.anchor=vad voice.turn.outcome=completed n=1 sum=0.895",
			"voice.turn.count":            "voice.channel=web voice.turn.initiator=user voice.turn.outcome=completed 1",
			"voice.turn.segment_latency": strings.Join([]string{
				"voice.channel=web voice.segment=aggregation voice.turn.anchor=vad voice.turn.outcome=completed n=1 sum=0.080",
				"voice.channel=web voice.segment=dispatch voice.turn.anchor=vad voice.turn.outcome=completed n=1 sum=0.005",
				"voice.channel=web voice.segment=endpointing voice.turn.anchor=vad voice.turn.outcome=completed n=1 sum=0.100",
				"voice.channel=web voice.segment=generation voice.turn.anchor=vad voice.turn.outcome=completed n=1 sum=0.300",
				"voice.channel=web voice.segment=playout voice.turn.anchor=vad voice.turn.outcome=completed n=1 sum=0.010",
				"voice.channel=web voice.segment=synthesis voice.turn.anchor=vad voice.turn.outcome=completed n=1 sum=0.150",
				"voice.channel=web voice.segment=transcription voice.turn.anchor=vad voice.turn.outcome=completed n=1 sum=0.250",
			}, "\n"),
			"voice.stage.duration": strings.Join([]string{
				"gen_ai.provider.name=cartesia gen_ai.request.model=sonic-3 voice.stage=tts voice.stage.outcome=completed n=1 sum=1.060",
				"gen_ai.provider.name=deepgram gen_ai.request.model=nova-3 voice.stage=stt voice.stage.outcome=completed n=1 sum=1.050",
				"gen_ai.provider.name=openai gen_ai.request.model=gpt-4o-mini voice.stage=llm voice.stage.outcome=completed n=1 sum=0.380",
			}, "\n"),
			"voice.stt.final_latency":                     "gen_ai.provider.name=deepgram gen_ai.request.model=nova-3 gen_ai.speech.input.language=en voice.stage.outcome=completed n=1 sum=0.250",
			"voice.stt.confidence":                        "gen_ai.provider.name=deepgram gen_ai.request.model=nova-3 gen_ai.speech.input.language=en voice.stage.outcome=completed n=1 sum=0.930",
			"voice.stt.audio.duration":                    "gen_ai.provider.name=deepgram gen_ai.request.model=nova-3 gen_ai.speech.input.language=en voice.stage.outcome=completed 0.800",
			"voice.stt.real_time_factor":                  "",
			"voice.tts.time_to_first_byte":                "gen_ai.provider.name=cartesia gen_ai.request.model=sonic-3 voice.stage.outcome=completed n=1 sum=0.150",
			"voice.tts.characters":                        "gen_ai.provider.name=cartesia gen_ai.request.model=sonic-3 voice.stage.outcome=completed 16",
			"voice.tts.audio.duration":                    "gen_ai.provider.name=cartesia gen_ai.request.model=sonic-3 voice.stage.outcome=completed 1.200",
			"gen_ai.client.inference.duration":            "gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=gpt-4o-mini voice.stage.outcome=completed n=1 sum=0.380",
			"gen_ai.client.inference.time_to_first_chunk": "gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=gpt-4o-mini voice.stage.outcome=completed n=1 sum=0.300",
			"gen_ai.client.inference.usage.input_tokens":  "gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=gpt-4o-mini gen_ai.token.modality=unknown voice.stage.outcome=completed 80",
			"gen_ai.client.inference.usage.output_tokens": "gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=gpt-4o-mini gen_ai.token.modality=unknown voice.stage.outcome=completed 4",
			"voice.session.duration":                      "",
		} {
			if got := points(rec, name); got != want {
				t.Errorf("%s\ngot  %s\nwant %s", name, got, want)
			}
		}
		session.SetEndReason(otelvoice.EndUserHangup)
		session.End()
		for name, want := range map[string]string{
			"voice.session.active":              "voice.channel=web 0",
			"voice.session.duration":            "voice.channel=web voice.session.end_reason=user_hangup n=1 sum=2.595",
			"voice.session.time_to_first_audio": "voice.channel=web n=1 sum=1.695",
			"voice.measurements.dropped":        "",
		} {
			if got := points(rec, name); got != want {
				t.Errorf("%s\ngot  %s\nwant %s", name, got, want)
			}
		}
	})
}

// Every metric and attribute that a call produces is in the registry.
func TestMetricsAreRegistered(t *testing.T) {
	known := make(map[string]semconv.Metric)
	for _, m := range semconv.Metrics() {
		known[m.Name] = m
	}
	tel, rec := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context(), otelvoice.WithChannel("web"))
	tctx, turn := session.StartTurn(ctx)
	_, stt := turn.StartSTT(tctx, nova3)
	stt.SetConfidence(math.NaN())
	stt.End(errors.New("x"))
	turn.Interrupt(otelvoice.AudioActivity)
	turn.End()
	_, op := tel.StartOperation(ctx, "load")
	op.End(nil)
	session.End()
	rm, err := rec.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			def, ok := known[m.Name]
			if !ok || def.Unit != m.Unit {
				t.Errorf("%s in %q is not in the registry", m.Name, m.Unit)
			}
			for p := range strings.FieldsSeq(points(rec, m.Name)) {
				key, _, isAttr := strings.Cut(p, "=")
				if isAttr && strings.Contains(key, ".") && !slices.Contains(def.Attributes, key) {
					t.Errorf("%s has the dimension %s, which is not in the registry", m.Name, key)
				}
			}
		}
	}
}

// A slow bucket has an exemplar with the trace ID.
func TestExemplarsLeadToTheTrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		ctx, session := tel.StartSession(t.Context())
		tid := trace.SpanContextFromContext(ctx).TraceID()
		speak(ctx, session)
		session.End()
		data, _ := rec.Metric("voice.turn.response_latency")
		h, ok := data.(metricdata.Histogram[float64])
		if !ok || len(h.DataPoints) != 1 || len(h.DataPoints[0].Exemplars) != 1 {
			t.Fatalf("got %+v", data)
		}
		if got := h.DataPoints[0].Exemplars[0].TraceID; !bytes.Equal(got, tid[:]) {
			t.Errorf("the exemplar leads to %x, want %s", got, tid)
		}
	})
}

// Measurements that make no sense are dropped and counted.
func TestImplausibleMeasurementsAreCounted(t *testing.T) {
	for _, tt := range []struct {
		name string
		run  func(ctx context.Context, turn *otelvoice.Turn)
		want string
	}{
		{"confidence that is no number", func(ctx context.Context, turn *otelvoice.Turn) {
			_, stt := turn.StartSTT(ctx, nova3)
			stt.SetConfidence(math.NaN())
		}, "voice.drop.reason=not_finite voice.measurement=voice.stt.confidence 1"},
		{"confidence in percent", func(ctx context.Context, turn *otelvoice.Turn) {
			_, stt := turn.StartSTT(ctx, nova3)
			stt.SetConfidence(93)
		}, "voice.drop.reason=out_of_range voice.measurement=voice.stt.confidence 1"},
		{"negative audio", func(ctx context.Context, turn *otelvoice.Turn) {
			_, tts := turn.StartTTS(ctx, sonic3)
			tts.SetAudioDuration(-time.Second)
		}, "voice.drop.reason=negative voice.measurement=voice.tts.audio.duration 1"},
		{"a turn of two hours", func(_ context.Context, turn *otelvoice.Turn) {
			turn.UserStopped(time.Now().Add(-2*time.Hour), otelvoice.AnchorVAD)
			turn.Mark(otelvoice.AgentStarted)
		}, "voice.drop.reason=too_long voice.measurement=voice.turn.response_latency 1"},
		{"the agent before the user", func(_ context.Context, turn *otelvoice.Turn) {
			turn.UserStopped(time.Now().Add(time.Minute), otelvoice.AnchorVAD)
			turn.Mark(otelvoice.AgentStarted)
		}, "voice.drop.reason=negative voice.measurement=voice.turn.response_latency 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec := inTurn(t, tt.run)
			if got := points(rec, "voice.measurements.dropped"); got != tt.want {
				t.Errorf("\ngot  %s\nwant %s", got, tt.want)
			}
			if got := points(rec, "voice.turn.response_latency"); got != "" {
				t.Errorf("recorded all the same: %s", got)
			}
		})
	}
}

// An anchor that remains from the previous turn gives no latency.
func TestStaleAnchorIsDropped(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context())
	stopped := time.Now().Add(-time.Second)
	for range 2 {
		_, turn := session.StartTurn(ctx)
		turn.UserStopped(stopped, otelvoice.AnchorVAD)
		turn.Mark(otelvoice.AgentStarted)
		turn.End()
	}
	session.End()
	if got := points(rec, "voice.measurements.dropped"); got != "voice.drop.reason=stale voice.measurement=voice.turn.response_latency 1" {
		t.Errorf("got %s", got)
	}
}

// A turn that the agent opens has no response latency: the user did not wait.
func TestAgentInitiatedTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		ctx, session := tel.StartSession(t.Context())
		wait(300)
		session.Connected(time.Now())
		wait(200)
		_, turn := session.StartTurn(ctx, otelvoice.AgentInitiated())
		turn.Mark(otelvoice.UserStopped) // Noise on the line.
		turn.Mark(otelvoice.AgentStarted)
		turn.End()
		session.End()
		if got := points(rec, "voice.turn.response_latency"); got != "" {
			t.Errorf("response latency %s", got)
		}
		if got := points(rec, "voice.session.time_to_first_audio"); got != "n=1 sum=0.200" {
			t.Errorf("time to first audio %s, want 0.2 s from the connection", got)
		}
		if got := span(t, rec, semconv.SpanVoiceTurn)[semconv.VoiceTurnInitiatorKey].AsString(); got != "agent" {
			t.Errorf("initiator %s", got)
		}
	})
}

func TestTracePerTurn(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	const caller = "550e8400-e29b-41d4-a716-446655440000"
	ctx, session := tel.StartSession(otelvoice.ContextWithCorrelationID(t.Context(), caller), otelvoice.WithTracePerTurn())
	traces := make(map[trace.TraceID]bool)
	for range 2 {
		ctx, turn := session.StartTurn(ctx)
		traces[trace.SpanContextFromContext(ctx).TraceID()] = true
		if got := otelvoice.CorrelationID(ctx); got != caller {
			t.Errorf("correlation ID %s, want the session's", got)
		}
		_, stt := turn.StartSTT(ctx, nova3)
		stt.End(nil)
		turn.End()
	}
	session.End()
	traces[trace.SpanContextFromContext(ctx).TraceID()] = true
	if len(traces) != 3 {
		t.Errorf("%d traces for a session and two turns, want 3", len(traces))
	}
	voicetest.Check(t, rec)
}

func TestAttributesAreBounded(t *testing.T) {
	rec := inTurn(t, func(ctx context.Context, turn *otelvoice.Turn) {
		_, stt := turn.StartSTT(ctx, nova3)
		for i := range 10_000 {
			stt.SetAttributes(attribute.Int(fmt.Sprint(i), i))
			turn.SetAttributes(attribute.Int(fmt.Sprint(i), i))
			stt.AddRequestID(fmt.Sprint(i))
		}
		stt.End(nil)
	})
	if got := span(t, rec, "speech_to_text nova-3"); got[semconv.VoiceStageOutcomeKey].AsString() != "completed" {
		t.Error("the toolkit's own attributes were crowded out")
	}
}
