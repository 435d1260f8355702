// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/examples/voiceagent/provider"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

var update = flag.Bool("update", false, "write the golden files anew")

const correlationID = "550e8400-e29b-41d4-a716-446655440000"

// The golden file has the spans of a call as Jaeger shows them, with their kinds and parents.
func TestCallIsOneStory(t *testing.T) {
	w := newWorld(t)
	report, err := w.call(t, 2, 4, correlationID)
	if err != nil {
		t.Fatal(err)
	}
	w.hangUp()
	if report.Replies != 5 || report.Interrupted != 0 || report.CorrelationID != correlationID {
		t.Errorf("the caller reports %+v", report)
	}
	voicetest.Check(t, w.recorder)
	golden(t, "call.golden", w.recorder.Shape())

	trace := strings.ReplaceAll(correlationID, "-", "")
	for _, s := range w.recorder.Spans() {
		if got := s.SpanContext().TraceID().String(); got != trace {
			t.Errorf("%s is in trace %s, want %s", s.Name(), got, trace)
		}
	}
}

func TestEveryTurnHasItsSegments(t *testing.T) {
	w := newWorld(t)
	if _, err := w.call(t, 2, 2, ""); err != nil {
		t.Fatal(err)
	}
	w.hangUp()
	turns := w.recorder.Named(semconv.SpanVoiceTurn)
	if len(turns) != 3 {
		t.Fatalf("%d turns, want a greeting and 2", len(turns))
	}
	if got := value(turns[0], semconv.VoiceTurnInitiatorKey); got != semconv.VoiceTurnInitiatorAgent {
		t.Errorf("the greeting has the opener %v", got)
	}
	if got := value(turns[0], semconv.VoiceTurnResponseLatencyKey); got != nil {
		t.Errorf("the greeting has a response latency of %v, want none", got)
	}
	for i, turn := range turns[1:] {
		for _, s := range []string{
			semconv.VoiceSegmentTranscription, semconv.VoiceSegmentEndpointing, semconv.VoiceSegmentDispatch,
			semconv.VoiceSegmentGeneration, semconv.VoiceSegmentAggregation, semconv.VoiceSegmentSynthesis, semconv.VoiceSegmentPlayout,
		} {
			found := false
			for _, kv := range turn.Attributes() {
				found = found || strings.HasSuffix(string(kv.Key), "."+s)
			}
			if !found {
				t.Errorf("turn %d has no segment %s: %v", i+2, s, turn.Attributes())
			}
		}
		if got := value(turn, semconv.VoiceTurnAnchorKey); got != semconv.VoiceTurnAnchorVAD {
			t.Errorf("turn %d has the anchor %v", i+2, got)
		}
	}
	session := w.recorder.Named(semconv.SpanVoiceSession)[0]
	if got := value(session, semconv.VoiceSessionTimeToFirstAudioKey); got == nil {
		t.Error("the session has no time of the first agent audio")
	}
}

func TestBargeInAndRetry(t *testing.T) {
	w := newWorld(t, provider.Fault{Path: provider.PathSpeech, Text: "tomorrow at eight"})
	report, err := w.call(t, 1, 3, "")
	if err != nil {
		t.Fatal(err)
	}
	w.hangUp()
	if report.Interrupted != 1 || report.Replies != 4 {
		t.Errorf("the caller reports %+v, want 1 of 4 replies cut short", report)
	}
	voicetest.Check(t, w.recorder)

	turns := w.recorder.Named(semconv.SpanVoiceTurn)
	for i, want := range []otelvoice.Outcome{
		otelvoice.Completed, otelvoice.Interrupted, otelvoice.Completed, otelvoice.Completed,
	} {
		if got := value(turns[i], semconv.VoiceTurnOutcomeKey); got != string(want) {
			t.Errorf("turn %d is %v, want %s", i+1, got, want)
		}
	}
	if got := value(turns[1], semconv.VoiceInterruptionSourceKey); got != semconv.VoiceInterruptionSourceAudioActivity {
		t.Errorf("turn 2 was interrupted by %v", got)
	}
	// The caller barges in after 0.8 s.
	if got, _ := value(turns[1], semconv.VoicePlayoutPositionKey).(float64); got < 0.5 || got > 3 {
		t.Errorf("turn 2 was interrupted after %v s of playout", got)
	}

	lines, err := w.recorder.Lines()
	if err != nil {
		t.Fatal(err)
	}
	failures := 0
	for _, line := range lines {
		if line["level"] != "ERROR" {
			continue
		}
		failures++
		exception, _ := line["exception"].(map[string]any)
		if line["stage"] != "tts" || exception["type"] != "service_unavailable" || exception["message"] == "" {
			t.Errorf("error line %v", line)
		}
	}
	if failures != 1 {
		t.Errorf("%d error lines, want 1", failures)
	}
}

// Telemetry does not record what people say unless content capture is enabled.
func TestSpeechIsNotRecorded(t *testing.T) {
	w := newWorld(t)
	if _, err := w.call(t, 2, 3, ""); err != nil {
		t.Fatal(err)
	}
	w.hangUp()
	lines, err := w.recorder.Lines()
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, line := range lines {
		text, err := json.Marshal(line)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for _, s := range w.recorder.Spans() {
		all.WriteString(s.Name() + s.Status().Description)
		for _, kv := range s.Attributes() {
			all.WriteString(kv.Value.String())
		}
	}
	for _, said := range []string{"dinner", "Sunday", "half past five", "Good news", "concierge", "party_size"} {
		if strings.Contains(all.String(), said) {
			t.Errorf("%q was recorded in the log or in a span", said)
		}
	}
}

func TestProviderSeesTheTraceButNotTheCaller(t *testing.T) {
	w := newWorld(t)
	if _, err := w.call(t, 2, 2, correlationID); err != nil {
		t.Fatal(err)
	}
	w.hangUp()
	requests := w.provider.Requests()
	if len(requests) < 8 {
		t.Fatalf("the provider saw %d requests", len(requests))
	}
	for _, r := range requests {
		if got, ok := r.Header["X-Correlation-Id"]; ok {
			t.Errorf("%s came with the caller's correlation ID %q", r.Path, got)
		}
		trace := strings.ReplaceAll(correlationID, "-", "")
		if got := r.Header.Get("Traceparent"); !strings.HasPrefix(got, "00-"+trace+"-") {
			t.Errorf("%s came with traceparent %q", r.Path, got)
		}
		if got, ok := r.Header["Baggage"]; ok {
			t.Errorf("%s came with baggage %q", r.Path, got)
		}
	}
	// The provider's request IDs are on the stages.
	for _, s := range w.recorder.Spans() {
		if s.SpanKind().String() == "client" && value(s, semconv.VoiceStageOutcomeKey) != nil && value(s, semconv.VoiceProviderRequestIDsKey) == nil {
			t.Errorf("%s does not know its request's id", s.Name())
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update writes it anew)\ngot\n%s\nwant\n%s", path, got, want)
	}
}
