// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelgrpcspeech_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/voice-agents/telemetry/otelgrpcspeech"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
	"github.com/voice-agents/telemetry/semconv"
)

// Everything but messages passes through, and messages and errors are the same values.
func TestPassesThrough(t *testing.T) {
	sdk, rec := voicetest.Setup(t)
	p := google(t)
	ctx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
	under := &fake{err: status.Error(codes.Internal, "marshal")}
	stream := tap(ctx, t, p.method, under)
	first := p.asks(t, googleConfig)
	if err := stream.SendMsg(first); !errors.Is(err, under.err) || under.sent[0] != any(first) {
		t.Errorf("%v, %v", err, under.sent)
	}
	header, err := stream.Header()
	if err != nil || header.Get("header")[0] != "1" || stream.Trailer().Get("trailer")[0] != "1" {
		t.Error("metadata are lost", err)
	}
	if err := stream.CloseSend(); err != nil || !under.closed || stream.Context() != ctx {
		t.Error("the end of sending or the context is lost")
	}
	p.ends(t, under, stream, io.EOF)
	call.End()
	voicetest.Check(t, rec)
	expect(t, rec, "speech_to_text_stream telephony", map[attribute.Key]string{semconv.ErrorTypeKey: "INTERNAL"})
}

// Streams of other methods, and of contexts without a call and a session, have no tap.
func TestNoTap(t *testing.T) {
	sdk, _ := voicetest.Setup(t)
	ctx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
	defer call.End()
	for _, tt := range []struct {
		name   string
		ctx    context.Context
		method string
		want   bool
	}{
		{"v1", ctx, "/google.cloud.speech.v1.Speech/StreamingRecognize", true},
		{"v1p1beta1", ctx, "/google.cloud.speech.v1p1beta1.Speech/StreamingRecognize", true},
		{"v2", ctx, "/google.cloud.speech.v2.Speech/StreamingRecognize", true},
		{"Riva", ctx, rivaMethod, true},
		{"added", ctx, "/acme.Stt/Stream", true},
		{"another", ctx, "/acme.Vision/StreamingRecognize", false},
		{"no call", t.Context(), googleMethod, false},
	} {
		under := new(fake)
		stream := tap(tt.ctx, t, tt.method, under, otelgrpcspeech.WithMethod("/acme.Stt/Stream", "acme"), nil)
		if got := stream != grpc.ClientStream(under); got != tt.want {
			t.Errorf("%s: a tap: %t, want %t", tt.name, got, tt.want)
		}
	}
}

// An error of the dial is returned, and the stream with it.
func TestDialError(t *testing.T) {
	sdk, rec := voicetest.Setup(t)
	callCtx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
	refused := status.Error(codes.Unavailable, "connection refused")
	streamer := func(context.Context, *grpc.StreamDesc, *grpc.ClientConn, string, ...grpc.CallOption) (grpc.ClientStream, error) {
		return nil, refused
	}
	cancelled, cancel := context.WithCancel(callCtx)
	cancel()
	for _, ctx := range []context.Context{callCtx, cancelled} {
		if stream, err := otelgrpcspeech.StreamClientInterceptor()(ctx, streaming, nil, rivaMethod, streamer); stream != nil || !errors.Is(err, refused) {
			t.Errorf("%v, %v", stream, err)
		}
	}
	call.End()
	voicetest.Check(t, rec)
	expect(t, rec, semconv.SpanSpeechToTextStream(""), map[attribute.Key]string{
		semconv.VoiceStreamOutcomeKey: "failed", semconv.ErrorTypeKey: "UNAVAILABLE", semconv.GenAIProviderNameKey: "nvidia",
	})
}

// A broken message is one whose reflection panics.
type broken struct{}

func (broken) ProtoReflect() protoreflect.Message { panic("broken") }

// A message of any kind passes.
func TestBadMessages(t *testing.T) {
	other := parse(t, "other", `
message StreamingRecognizeRequest
  string note 1
message StreamingRecognizeResponse
  string note 1`)
	// The names of Google, with other types.
	mistyped := parse(t, "mistyped", `
message WordInfo
  string start_time 1
  float end_time 2
message Alternative
  bytes transcript 1
  string confidence 2
  repeated WordInfo words 3
message Result
  repeated Alternative alternatives 1
  bool is_final 2
  string channel_tag 3
  repeated string language_code 4
message StreamingRecognizeRequest
  string streaming_config 1
  repeated bytes audio_content 2
  int32 recognizer 3
message StreamingRecognizeResponse
  repeated Result results 1
  string speech_event_type 2
  int64 speech_event_time 3
  bool error 4
  string metadata 5
  bool request_id 6`)
	result := `{"results":[{"alternatives":[{"transcript":"aGVsbG8=","confidence":"x","words":[{"startTime":"x","endTime":0.9}]}],"isFinal":true,
		"channelTag":"1","languageCode":["en"]},{}],"speechEventType":"SPEECH_ACTIVITY_BEGIN","speechEventTime":"5","error":true,"metadata":"x","requestId":true}`
	for _, tt := range []struct {
		name          string
		sent, heard   any
		notUnderstood string
	}{
		{"nil", nil, nil, "3"},
		{"bytes", []byte("x"), new([]byte), "3"},
		{"a nil message", (*dynamicpb.Message)(nil), (*dynamicpb.Message)(nil), "3"},
		{"a message that panics", broken{}, broken{}, "3"},
		{"other messages", message(t, other.Messages().Get(0), `{"note":"x"}`), message(t, other.Messages().Get(1), `{"note":"x"}`), "3"},
		{"other types", message(t, mistyped.Messages().ByName("StreamingRecognizeRequest"), `{"streamingConfig":"x","audioContent":["AAAA"],"recognizer":5}`), message(t, mistyped.Messages().ByName("StreamingRecognizeResponse"), result), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sdk, rec := voicetest.Setup(t)
			ctx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
			under := &fake{next: []any{tt.heard, io.EOF}}
			stream := tap(ctx, t, googleMethod, under)
			for range 2 {
				if err := stream.SendMsg(tt.sent); err != nil {
					t.Error(err)
				}
			}
			if err := stream.RecvMsg(tt.heard); err != nil {
				t.Error(err)
			}
			if err := stream.RecvMsg(tt.heard); !errors.Is(err, io.EOF) || len(under.sent) != 2 {
				t.Error(err, len(under.sent))
			}
			call.End()
			voicetest.Check(t, rec)
			count(t, rec, map[string]int{"voice.turn": 0})
			expect(t, rec, semconv.SpanSpeechToTextStream(""), map[attribute.Key]string{semconv.VoiceStreamNotUnderstoodCountKey: tt.notUnderstood})
		})
	}
}

// Values that are not plausible are unknown.
func TestImplausibleValues(t *testing.T) {
	for name, response := range map[string]string{
		"negative offsets": `{"results":[{"alternatives":[{"transcript":"x","words":[{"startTime":"-1s","endTime":"-2s"}]}],"isFinal":true}],"totalBilledTime":"-5s"}`,
		"huge offsets":     `{"results":[{"alternatives":[{"transcript":"x","words":[{"startTime":"1s","endTime":"300000000000s"}]}],"isFinal":true}]}`,
		"swapped offsets":  `{"results":[{"alternatives":[{"transcript":"x","words":[{"startTime":"2s","endTime":"1s"}]}],"isFinal":true}]}`,
		"no confidence":    `{"results":[{"alternatives":[{"transcript":"x","confidence":0}],"isFinal":true}]}`,
		"no probability":   `{"results":[{"alternatives":[{"transcript":"x","confidence":-3.5}],"isFinal":true}]}`,
		"NaN":              `{"results":[{"alternatives":[{"transcript":"x","confidence":"NaN"}],"isFinal":true}]}`,
		"above 1":          `{"results":[{"alternatives":[{"transcript":"x","confidence":12}],"isFinal":true}]}`,
		"an unknown code":  `{"results":[{"alternatives":[{"transcript":"x"}],"isFinal":true}],"error":{"code":0},"speechEventType":77}`,
	} {
		t.Run(name, func(t *testing.T) {
			sdk, rec := voicetest.Setup(t)
			p := google(t)
			ctx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
			under := new(fake)
			stream := tap(ctx, t, p.method, under)
			send(t, stream, p.asks(t, `{"streamingConfig":{"config":{"encoding":"LINEAR16","sampleRateHertz":-8000,"audioChannelCount":2000000,"model":"m"}}}`), p.frame(64000))
			p.hears(t, under, stream, response)
			p.ends(t, under, stream, io.EOF)
			call.End()
			voicetest.Check(t, rec)
			expect(t, rec, "speech_to_text m", map[attribute.Key]string{
				semconv.VoiceSTTConfidenceKey: "", semconv.VoiceSTTSpeechEndKey: "", semconv.VoiceSTTSpeechStartKey: "",
			})
			expect(t, rec, "speech_to_text_stream m", map[attribute.Key]string{
				semconv.VoiceStreamAudioSentKey: "", semconv.VoiceStreamAudioBilledKey: "", semconv.VoiceStreamOutcomeKey: "completed",
			})
		})
	}
}

// An observer of turns may send on the stream, also if that ends it.
func TestObserverSends(t *testing.T) {
	sdk, rec := voicetest.Setup(t)
	p := google(t)
	ctx, session := sdk.StartSession(t.Context())
	under := new(fake)
	stream := tap(ctx, t, p.method, under)
	send(t, stream, p.asks(t, googleConfig), p.frame(8000))
	session.OnTurn(func(*otelvoice.Turn) func() {
		under.err = status.Error(codes.Internal, "broken")
		_ = stream.SendMsg(p.frame(160))
		return nil
	})
	p.hears(t, under, stream, googleFinal)
	p.hears(t, under, stream, googleFinal)
	session.End()
	voicetest.Check(t, rec)
	expect(t, rec, "speech_to_text_stream telephony", map[attribute.Key]string{
		semconv.ErrorTypeKey: "INTERNAL", semconv.VoiceStreamUtteranceCountKey: "1",
	})
}

// A frame allocates nothing.
func TestAllocations(t *testing.T) {
	sdk, _ := voicetest.Setup(t)
	p := google(t)
	callCtx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
	defer call.End()
	sessionCtx, session := sdk.StartSession(t.Context())
	defer session.End()
	for name, ctx := range map[string]context.Context{"a call": callCtx, "a session": sessionCtx} {
		stream := tap(ctx, t, p.method, &fake{forgets: true})
		send(t, stream, p.asks(t, googleConfig))
		frame := p.frame(160)
		if n := testing.AllocsPerRun(1000, func() { _ = stream.SendMsg(frame) }); n != 0 {
			t.Errorf("%s: %v allocations, want 0", name, n)
		}
	}
}

func FuzzResponse(f *testing.F) {
	// Not voicetest.Setup, which would keep all spans.
	sdk, err := voicesdk.Setup(f.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = sdk.Shutdown(context.WithoutCancel(f.Context())) })
	protocols := []protocol{google(f), riva(f)}
	for _, p := range protocols {
		for _, text := range []string{googleFinal, googleBilled} {
			if data, err := proto.Marshal(google(f).answers(f, text)); err == nil {
				f.Add(data)
			}
		}
		data, err := proto.Marshal(p.answers(f, `{"results":[{"alternatives":[{"transcript":"x"}]}]}`))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(protowire.AppendTag(nil, 2, protowire.BytesType))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, p := range protocols {
			ctx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
			under := new(fake)
			stream := tap(ctx, t, p.method, under)
			request, response := dynamicpb.NewMessage(p.request), dynamicpb.NewMessage(p.response)
			_ = proto.Unmarshal(data, request) // What was read before an error is kept.
			_ = proto.Unmarshal(data, response)
			before := fmt.Sprint(request, response)
			send(t, stream, request)
			under.next = []any{nil, nil, io.EOF}
			_, _ = stream.RecvMsg(response), stream.RecvMsg(response)
			p.ends(t, under, stream, io.EOF)
			call.End()
			if after := fmt.Sprint(request, response); after != before {
				t.Errorf("%s became %s", before, after)
			}
		}
	})
}
