// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews_test

import (
	"context"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
	"github.com/voice-agents/telemetry/semconv"
)

var (
	chirp = otelvoice.Model{Provider: "google", Name: "chirp_2"}
	pcm   = otelvoice.AudioFormat{Codec: otelvoice.CodecPCM16, SampleRate: 16000, Channels: 1}
)

// A program that gives a connection up ends its stream, as abandoned. The next connection is another stream.
func TestRecognizerGivenUp(t *testing.T) {
	sdk, rec := voicetest.Setup(t)
	_, call := voicews.NewCall(t.Context(), sdk.Telemetry)
	started := time.Now().Add(-time.Second)
	heard := call.RecognizerSince(chirp, "en", pcm, started)
	heard.Opened("")
	heard.SpeechStarted("", -1)
	heard.NotUnderstood("message")
	heard.Final(&voicews.Transcript{Text: "a table"})
	heard.Closed(context.Canceled)
	call.Recognizer(chirp, "en", pcm).Closed(nil)
	call.End()
	streams := rec.Named(semconv.SpanSpeechToTextStream("chirp_2"))
	if len(streams) != 2 || !streams[0].StartTime().Equal(started) {
		t.Fatalf("%d streams\n%s", len(streams), rec.Shape())
	}
	for key, want := range map[attribute.Key]string{
		semconv.VoiceStreamOutcomeKey:            semconv.VoiceStreamOutcomeAbandoned,
		semconv.VoiceStreamReconnectCountKey:     "",
		semconv.VoiceStreamNotUnderstoodCountKey: "1",
	} {
		if got := valueOf(streams[0], key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	voicetest.Check(t, rec)
}

// valueOf returns the text of an attribute, or "".
func valueOf(span sdktrace.ReadOnlySpan, key attribute.Key) string {
	for _, kv := range span.Attributes() {
		if kv.Key == key {
			return kv.Value.String()
		}
	}
	return ""
}

func TestRecognizerAllocatesNothingForAudio(t *testing.T) {
	sdk, _ := voicetest.Setup(t)
	_, call := voicews.NewCall(t.Context(), sdk.Telemetry)
	defer call.End()
	heard := call.Recognizer(chirp, "en", pcm)
	heard.Opened("")
	frame := make([]byte, 640)
	if n := testing.AllocsPerRun(1000, func() { heard.AddAudio(frame) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func TestNilRecognizer(*testing.T) {
	var call *voicews.Call
	heard := call.RecognizerSince(chirp, "", pcm, time.Time{})
	heard.Opened("")
	heard.AddRequestID("r")
	heard.AddAudio(nil)
	heard.SpeechStarted("", 0)
	heard.Partial(nil)
	heard.Final(nil)
	heard.Committed("", 0)
	heard.SetBilled(0)
	heard.NotUnderstood("message")
	heard.Closed(nil)
}
