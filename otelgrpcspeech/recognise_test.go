// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelgrpcspeech_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
	"github.com/voice-agents/telemetry/semconv"
)

const (
	rivaConfig   = `{"streamingConfig":{"config":{"encoding":"LINEAR_PCM","sampleRateHertz":16000,"languageCode":"en-US","model":"parakeet"},"interimResults":true}}`
	rivaPartial  = `{"results":[{"alternatives":[{"transcript":"a table"}],"stability":0.5,"audioProcessed":0.8,"pipelineStates":{"vadProbabilities":[0.9]}}]}`
	rivaFinal    = `{"results":[{"alternatives":[{"transcript":"a table for two ","confidence":0.9,"words":[{"startTime":200,"endTime":400,"word":"a"},{"startTime":700,"endTime":900,"word":"two"}]}],"isFinal":true,"channelTag":1,"audioProcessed":1.8}]}`
	googleConfig = `{"streamingConfig":{"config":{"encoding":"MULAW","sampleRateHertz":8000,"languageCode":"en-US","model":"telephony"}}}`
	googleFinal  = `{"results":[{"alternatives":[{"transcript":"a table","confidence":0.9,"words":[{"startTime":"0.2s","endTime":"0.9s"}]}],"isFinal":true,"languageCode":"en-us"}]}`
	googleBilled = `{"totalBilledTime":"2s","requestId":"4611"}`
)

// attributes returns the attributes of a span, as texts.
func attributes(span sdktrace.ReadOnlySpan) map[attribute.Key]string {
	all := make(map[attribute.Key]string)
	for _, kv := range span.Attributes() {
		all[kv.Key] = kv.Value.String()
	}
	return all
}

// expect compares attributes of the only span of a name.
func expect(t *testing.T, rec *voicetest.Recorder, name string, want map[attribute.Key]string) {
	t.Helper()
	spans := rec.Named(name)
	if len(spans) != 1 {
		t.Fatalf("%d spans %s\n%s", len(spans), name, rec.Shape())
	}
	got := attributes(spans[0])
	for key, value := range want {
		if got[key] != value {
			t.Errorf("%s: %s is %q, want %q", name, key, got[key], value)
		}
	}
}

// count compares how many spans of a name there are.
func count(t *testing.T, rec *voicetest.Recorder, want map[string]int) {
	t.Helper()
	for name, n := range want {
		if got := len(rec.Named(name)); got != n {
			t.Errorf("%d spans %s, want %d\n%s", got, name, n, rec.Shape())
		}
	}
}

func TestRiva(t *testing.T) {
	sdk, rec := voicetest.Setup(t)
	p := riva(t)
	conn := serve(t, p, steps(p.hear(3), p.say(t, rivaPartial, rivaFinal), p.hear(1), p.say(t, strings.ReplaceAll(rivaFinal, "00,", "50,"))))
	ctx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
	stream := p.dial(ctx, t, conn)
	send(t, stream, p.asks(t, rivaConfig), p.frame(32000), p.frame(32000), p.frame(640))
	if n, err := p.receive(stream); n != 3 || !errors.Is(err, io.EOF) {
		t.Fatalf("%d messages, %v", n, err)
	}
	call.End()
	voicetest.Check(t, rec)
	count(t, rec, map[string]int{"voice.turn": 1, "speech_to_text parakeet": 2})
	expect(t, rec, "speech_to_text_stream parakeet", map[attribute.Key]string{
		semconv.GenAIProviderNameKey: "nvidia", semconv.VoiceStreamAudioSentKey: "2.02", semconv.VoiceStreamUtteranceCountKey: "2",
		semconv.VoiceAudioCodecKey: "pcm_s16le", semconv.VoiceStreamOutcomeKey: "completed",
	})
	first := attributes(rec.Named("speech_to_text parakeet")[0])
	for key, want := range map[attribute.Key]string{
		semconv.VoiceSTTConfidenceKey: "0.9", semconv.VoiceSTTSpeechStartKey: "0.2", semconv.VoiceSTTSpeechEndKey: "0.9",
		semconv.GenAISpeechInputLanguageKey: "en-US", semconv.VoiceSTTPartialCountKey: "1", semconv.VoiceSTTTranscriptKey: "",
	} {
		if first[key] != want {
			t.Errorf("%s is %q, want %q", key, first[key], want)
		}
	}
}

// Google breaks streams after five minutes. The next one goes on.
func TestReconnect(t *testing.T) {
	sdk, rec := voicetest.Setup(t)
	p := google(t)
	limit := status.Error(codes.OutOfRange, "Exceeded maximum allowed stream duration of 305 seconds.")
	conn := serve(t, p,
		steps(p.hear(2), p.say(t, googleFinal), fail(limit)),
		steps(p.hear(2), p.say(t, googleFinal, googleBilled)))
	ctx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
	for _, want := range []error{limit, io.EOF} {
		stream := p.dial(ctx, t, conn)
		send(t, stream, p.asks(t, googleConfig), p.frame(8000))
		if _, err := p.receive(stream); !errors.Is(err, want) {
			t.Fatalf("%v, want %v", err, want)
		}
	}
	call.End()
	voicetest.Check(t, rec)
	expect(t, rec, "speech_to_text_stream telephony", map[attribute.Key]string{
		semconv.GenAIProviderNameKey: "google", semconv.VoiceStreamReconnectCountKey: "1", semconv.VoiceStreamAudioSentKey: "2",
		semconv.VoiceStreamAudioBilledKey: "2", semconv.VoiceProviderRequestIDsKey: `["4611"]`, semconv.VoiceStreamOutcomeKey: "completed",
		semconv.VoiceStreamUtteranceCountKey: "2",
	})
}

// How a stream ends.
func TestEnd(t *testing.T) {
	denied := status.Error(codes.PermissionDenied, "denied")
	for _, tt := range []struct {
		name    string
		server  func(p protocol) script
		ends    func(t *testing.T, p protocol, cancel func(), stream io.Closer)
		outcome string
		class   string
	}{
		{
			"a status", func(p protocol) script { return steps(p.hear(1), fail(denied)) },
			nil, "failed", "PERMISSION_DENIED",
		},
		{
			"an error in a response", func(p protocol) script {
				return steps(p.hear(1), p.say(t, `{"error":{"code":3,"message":"bad audio"}}`))
			},
			nil, "failed", "INVALID_ARGUMENT",
		},
		{
			"the program cancels", func(p protocol) script { return steps(p.hear(1), p.say(t, googleFinal), wait) },
			func(_ *testing.T, _ protocol, cancel func(), _ io.Closer) { cancel() }, "abandoned", "",
		},
		{
			"the call ends", func(p protocol) script { return steps(p.hear(1), p.say(t, googleFinal), wait) },
			func(_ *testing.T, _ protocol, _ func(), call io.Closer) { _ = call.Close() }, "abandoned", "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sdk, rec := voicetest.Setup(t)
			p := google(t)
			conn := serve(t, p, tt.server(p))
			callCtx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
			ctx, cancel := context.WithCancel(callCtx)
			defer cancel()
			stream := p.dial(ctx, t, conn)
			send(t, stream, p.asks(t, googleConfig))
			if tt.ends != nil {
				if err := stream.RecvMsg(p.answers(t, "{}")); err != nil {
					t.Fatal(err)
				}
				tt.ends(t, p, cancel, closer(call.End))
				cancel()
			}
			_, err := p.receive(stream)
			call.End()
			voicetest.Check(t, rec)
			if err == nil {
				t.Error("the stream goes on")
			}
			expect(t, rec, "speech_to_text_stream telephony", map[attribute.Key]string{
				semconv.VoiceStreamOutcomeKey: tt.outcome, semconv.ErrorTypeKey: tt.class, semconv.VoiceStreamReconnectCountKey: "",
			})
		})
	}
}

type closer func()

func (c closer) Close() error { c(); return nil }

// A stream that cannot be opened is one that failed. Its model is unknown.
func TestUnavailable(t *testing.T) {
	sdk, rec := voicetest.Setup(t)
	p := google(t)
	conn := serve(t, p)
	_ = conn.Close()
	ctx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
	if stream, err := conn.NewStream(ctx, streaming, p.method); err == nil || stream != nil {
		t.Fatalf("%v, %v", stream, err)
	}
	call.End()
	voicetest.Check(t, rec)
	expect(t, rec, semconv.SpanSpeechToTextStream(""), map[attribute.Key]string{
		semconv.VoiceStreamOutcomeKey: "abandoned", semconv.GenAIProviderNameKey: "google",
	})
}

// A session without a call has a turn for each utterance, unless the program has one open.
func TestSession(t *testing.T) {
	sdk, rec := voicetest.Setup(t)
	p := google(t)
	begin := `{"speechEventType":"SPEECH_ACTIVITY_BEGIN","speechEventTime":"0.3s"}`
	conn := serve(t, p, steps(p.hear(2), p.say(t, begin, `{"results":[{"alternatives":[{"transcript":"a"}]}]}`, googleFinal, begin, googleFinal, googleBilled),
		p.hear(1), p.say(t, googleFinal)))
	ctx, session := sdk.StartSession(t.Context())
	stream := p.dial(ctx, t, conn)
	send(t, stream, p.asks(t, googleConfig), p.frame(16000))
	for range 6 {
		if err := stream.RecvMsg(p.answers(t, "{}")); err != nil {
			t.Fatal(err)
		}
	}
	_, turn := session.StartTurn(ctx)
	send(t, stream, p.frame(160))
	if _, err := p.receive(stream); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	turn.End()
	session.End()
	voicetest.Check(t, rec)
	count(t, rec, map[string]int{"voice.turn": 3, "speech_to_text telephony": 3})
	expect(t, rec, "speech_to_text_stream telephony", map[attribute.Key]string{
		semconv.VoiceStreamUtteranceCountKey: "3", semconv.VoiceStreamAudioBilledKey: "2", semconv.VoiceStreamAudioSentKey: "2.02",
	})
	for i, want := range []string{"0.3", "0.2", "0.2"} {
		if got := attributes(rec.Named("speech_to_text telephony")[i])[semconv.VoiceSTTSpeechStartKey]; got != want {
			t.Errorf("utterance %d starts at %q, want %q", i, got, want)
		}
	}
}
