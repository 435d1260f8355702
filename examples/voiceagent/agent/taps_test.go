// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
	"github.com/voice-agents/telemetry/semconv"
)

// A call at life's speed, with a greeting, a tool and a barge-in, is recorded by the handles of the agent and, in
// the same run, by taps on its requests alone. The turns, outcomes, tokens and interruptions are the same. No
// tap hears the line, so that the end of the user's speech is not known, and no segment.
func TestToldByTaps(t *testing.T) {
	tel, taps := voicetest.Setup(t)
	ctx, call := voicews.NewCall(t.Context(), tel.Telemetry)
	network := &http.Transport{}
	t.Cleanup(network.CloseIdleConnections)
	w := worldAt(t, 1, tapped{ctx, voicehttp.Transport(tel.Telemetry, network)})
	if _, err := w.call(t, 1, 2, ""); err != nil {
		t.Fatal(err)
	}
	w.hangUp()
	call.End()
	voicetest.Check(t, w.recorder)
	voicetest.Check(t, taps)
	if got, want := turns(taps), turns(w.recorder); !slices.Equal(got, want) || len(got) != 3 {
		t.Errorf("by taps\n%s\nby handles\n%s", taps.Timeline(), w.recorder.Timeline())
	}
	for _, turn := range taps.Named(semconv.SpanVoiceTurn) {
		if got := value(turn, semconv.VoiceTurnResponseLatencyKey); got != nil {
			t.Errorf("a turn has the response latency %v", got)
		}
	}
}

// tapped sends requests with the context of a call that has no handles.
type tapped struct {
	call context.Context //nolint:containedctx // It is in place of the request's.
	next http.RoundTripper
}

func (t tapped) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(t.call)
	request := r.Context()
	context.AfterFunc(request, func() { cancel(context.Cause(request)) })
	return t.next.RoundTrip(r.Clone(ctx)) //nolint:contextcheck // See call.
}

// turns returns a line for each turn: who began, how it ended, and its stages.
func turns(rec *voicetest.Recorder) (lines []string) {
	spans := rec.Spans()
	slices.SortStableFunc(spans, func(a, b sdktrace.ReadOnlySpan) int { return a.StartTime().Compare(b.StartTime()) })
	for _, turn := range spans {
		if turn.Name() != semconv.SpanVoiceTurn {
			continue
		}
		line := fmt.Sprintf("%v %v:", value(turn, semconv.VoiceTurnInitiatorKey), value(turn, semconv.VoiceTurnOutcomeKey))
		for _, s := range spans {
			if s.Parent().SpanID() != turn.SpanContext().SpanID() {
				continue
			}
			line += fmt.Sprintf(" %s %v", s.Name(), value(s, semconv.VoiceStageOutcomeKey))
			if in := value(s, semconv.GenAIUsageInputTokensKey); in != nil {
				line += fmt.Sprintf(" (%v in, %v out)", in, value(s, semconv.GenAIUsageOutputTokensKey))
			}
		}
		lines = append(lines, line)
	}
	return lines
}
