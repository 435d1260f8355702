// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package grpcspeech_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	speechv1 "cloud.google.com/go/speech/apiv1/speechpb"
	speechv2 "cloud.google.com/go/speech/apiv2/speechpb"

	"github.com/voice-agents/telemetry/otelgrpcspeech"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
	"github.com/voice-agents/telemetry/semconv"
)

// serve serves the steps on loopback, and returns the address.
func serve(t *testing.T, s script) string {
	t.Helper()
	server := register(s)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

// receiveAll receives until the end of the stream, and returns the transcripts and the error.
func receiveAll(s stream) (texts []string, err error) {
	for {
		h, err := s.receive()
		if err != nil {
			return texts, err
		}
		if h.isFinal {
			texts = append(texts, h.text)
		}
	}
}

// A stream over TCP, that the program ends: what the stream and the utterance have.
func TestLoopback(t *testing.T) {
	for version, dial := range versions {
		t.Run(version, func(t *testing.T) {
			sdk, rec := voicetest.Setup(t)
			steps := append(utterance(0), step{heard: 1500 * ms, kind: finishes})
			open := dial(t, options(serve(t, script{steps})))
			ctx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
			s, err := open(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(s.send(make([]byte, 12000)), s.closeSend()); err != nil {
				t.Fatal(err)
			}
			texts, err := receiveAll(s)
			if !errors.Is(err, io.EOF) || len(texts) != 1 || texts[0] != "a table for two" {
				t.Fatalf("%q, %v", texts, err)
			}
			call.End()
			voicetest.Check(t, rec)
			expect(t, rec, "speech_to_text_stream telephony", map[attribute.Key]string{
				semconv.GenAIProviderNameKey: "google", semconv.VoiceAudioCodecKey: "pcm_mulaw", semconv.VoiceStreamAudioSentKey: "1.5",
				semconv.VoiceStreamAudioBilledKey: "1.5", semconv.VoiceProviderRequestIDsKey: `["42"]`,
				semconv.VoiceStreamOutcomeKey: "completed", semconv.VoiceStreamNotUnderstoodCountKey: "",
			})
			expect(t, rec, "speech_to_text telephony", map[attribute.Key]string{
				semconv.VoiceSTTConfidenceKey: "0.9", semconv.VoiceSTTSpeechEndKey: "1", semconv.VoiceSTTPartialCountKey: "1",
				semconv.VoiceSTTTranscriptKey: "",
			})
		})
	}
}

// A status is the class of the error, and the program gets it as it is.
func TestLoopbackStatus(t *testing.T) {
	exhausted := status.Error(codes.ResourceExhausted, "quota")
	for version, dial := range versions {
		t.Run(version, func(t *testing.T) {
			sdk, rec := voicetest.Setup(t)
			open := dial(t, options(serve(t, script{{{kind: fails, err: exhausted}}})))
			ctx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
			s, err := open(ctx)
			if err != nil && !errors.Is(err, io.EOF) { // The stream may have ended when the first message is sent.
				t.Fatal(err)
			}
			if _, err := receiveAll(s); status.Code(err) != codes.ResourceExhausted {
				t.Errorf("%v", err)
			}
			call.End()
			voicetest.Check(t, rec)
			expect(t, rec, "speech_to_text_stream telephony", map[attribute.Key]string{
				semconv.ErrorTypeKey: "RESOURCE_EXHAUSTED", semconv.VoiceStreamOutcomeKey: "failed",
			})
		})
	}
}

// sink is a stream that sends nothing.
type sink struct{ grpc.ClientStream }

// SendMsg does nothing.
func (sink) SendMsg(any) error { return nil }

// Google's messages with audio cost no allocation.
func TestFrameAllocates(t *testing.T) {
	sdk, _ := voicetest.Setup(t)
	ctx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
	defer call.End()
	audio := make([]byte, 160)
	for _, m := range []any{
		&speechv1.StreamingRecognizeRequest{StreamingRequest: &speechv1.StreamingRecognizeRequest_AudioContent{AudioContent: audio}},
		&speechv2.StreamingRecognizeRequest{StreamingRequest: &speechv2.StreamingRecognizeRequest_Audio{Audio: audio}},
	} {
		open := func(context.Context, *grpc.StreamDesc, *grpc.ClientConn, string, ...grpc.CallOption) (grpc.ClientStream, error) {
			return sink{}, nil
		}
		s, err := otelgrpcspeech.StreamClientInterceptor()(ctx, nil, nil, "/google.cloud.speech.v1.Speech/StreamingRecognize", open)
		if err != nil {
			t.Fatal(err)
		}
		_ = s.SendMsg(m) // The first one starts the recording.
		if n := testing.AllocsPerRun(1000, func() { _ = s.SendMsg(m) }); n != 0 {
			t.Errorf("%T: %v allocations, want 0", m, n)
		}
	}
}

// expect compares attributes of the only span of a name.
func expect(t *testing.T, rec *voicetest.Recorder, name string, want map[attribute.Key]string) {
	t.Helper()
	spans := rec.Named(name)
	if len(spans) != 1 {
		t.Fatalf("%d spans %s\n%s", len(spans), name, rec.Shape())
	}
	got := make(map[attribute.Key]string)
	for _, kv := range spans[0].Attributes() {
		got[kv.Key] = kv.Value.String()
	}
	for key, value := range want {
		if got[key] != value {
			t.Errorf("%s: %s is %q, want %q", name, key, got[key], value)
		}
	}
}
