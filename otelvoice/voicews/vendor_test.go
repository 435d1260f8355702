// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
	"github.com/voice-agents/telemetry/semconv"
)

// The addresses of OpenAI's Realtime API: one of a speech-to-speech model, one that says that the session only
// transcribes, and one of which the key says it.
const (
	realtimeURL      = "wss://api.openai.com/v1/realtime?model=gpt-realtime"
	transcriptionURL = "wss://api.openai.com/v1/realtime?intent=transcription"
	keyURL           = "wss://api.openai.com/v1/realtime"
)

// The first messages of these sessions. The detector is the value of turn_detection.
const (
	speechSession        = `< {"type":"session.created","session":{"type":"realtime","id":"sess_1","model":"gpt-realtime-2025-08-28","audio":{"input":{"format":{"type":"audio/pcm","rate":24000},"turn_detection":%s},"output":{"format":{"type":"audio/pcm","rate":24000},"voice":"marin"}}}}`
	transcriptionSession = `< {"type":"session.created","session":{"type":"transcription","id":"sess_1","audio":{"input":{"format":{"type":"audio/pcm","rate":24000},"transcription":{"model":"gpt-4o-transcribe","language":"en"},"turn_detection":{"type":"server_vad","silence_duration_ms":500,"prefix_padding_ms":300}}}}}`
	serverVAD            = `{"type":"server_vad","threshold":0.5,"prefix_padding_ms":300,"silence_duration_ms":500}`
)

// A vendorCall is a call whose messages a test writes: "> " is sent, "< " is received, "audio" is a second of the
// user's audio, and a duration is waited.
func vendorCall(t *testing.T, address string, closed error, messages ...string) *voicetest.Recorder {
	t.Helper()
	sdk, rec := voicetest.Setup(t)
	_, call := voicews.NewCall(t.Context(), sdk.Telemetry)
	m := call.Messages(address)
	for _, message := range messages {
		switch {
		case message == "audio":
			for range 50 {
				<-time.After(20 * time.Millisecond)
				m.Sent(false, []byte(`{"type":"input_audio_buffer.append","audio":"`+samples(960)+`"}`))
			}
		case strings.HasPrefix(message, "> "):
			m.Sent(false, []byte(message[2:]))
		case strings.HasPrefix(message, "< "):
			m.Received(false, []byte(message[2:]))
		default:
			d, err := time.ParseDuration(message)
			if err != nil {
				t.Fatal(err)
			}
			<-time.After(d)
		}
	}
	m.Closed(closed)
	call.End()
	voicetest.Check(t, rec)
	return rec
}

var errReset = errors.New("read: connection reset by peer")

func samples(size int) string { return base64.StdEncoding.EncodeToString(make([]byte, size)) }

// tone is audio that is heard.
var tone = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0, 0x40, 0, 0xc0}, 1200))

// said is an utterance of an item, with the words after the end of speech. The audio is that since start ms.
func said(item string, start, stop int) []string {
	return []string{
		fmt.Sprintf(`< {"type":"input_audio_buffer.speech_started","audio_start_ms":%d,"item_id":%q}`, start, item),
		fmt.Sprintf(`< {"type":"input_audio_buffer.speech_stopped","audio_end_ms":%d,"item_id":%q}`, stop, item),
		fmt.Sprintf(`< {"type":"input_audio_buffer.committed","item_id":%q}`, item),
		"200ms",
		fmt.Sprintf(`< {"type":"conversation.item.input_audio_transcription.delta","item_id":%q,"delta":"Hello,"}`, item),
		fmt.Sprintf(`< {"type":"conversation.item.input_audio_transcription.completed","item_id":%q,"transcript":"Hello, how are you?"}`, item),
	}
}

// value returns an attribute of a span, as a text.
func value(s sdktrace.ReadOnlySpan, key attribute.Key) string {
	for _, a := range s.Attributes() {
		if a.Key == key {
			return a.Value.String()
		}
	}
	return ""
}

// named returns the spans whose name begins with a text.
func named(rec *voicetest.Recorder, prefix string) (spans []sdktrace.ReadOnlySpan) {
	for _, s := range rec.Spans() {
		if strings.HasPrefix(s.Name(), prefix) {
			spans = append(spans, s)
		}
	}
	return spans
}

func events(s sdktrace.ReadOnlySpan, name string) (n int) {
	for _, e := range s.Events() {
		if e.Name == name {
			n++
		}
	}
	return n
}

func TestResponsesAtOnce(t *testing.T) {
	audio := func(of string) string {
		return `< {"type":"response.output_audio.delta","response_id":"` + of + `","item_id":"item_a","delta":"` + samples(4800) + `"}`
	}
	synctest.Test(t, func(t *testing.T) {
		rec := vendorCall(t, realtimeURL, nil,
			fmt.Sprintf(speechSession, serverVAD), "audio",
			`< {"type":"input_audio_buffer.speech_started","audio_start_ms":0,"item_id":"u1"}`, "audio",
			`< {"type":"input_audio_buffer.speech_stopped","audio_end_ms":2000,"item_id":"u1"}`,
			`< {"type":"input_audio_buffer.committed","item_id":"u1"}`,
			`< {"type":"response.created","response":{"id":"resp_a","status":"in_progress","conversation_id":"conv_1"}}`,
			"300ms", audio("resp_a"),
			`> {"type":"response.create","response":{"conversation":"none","output_modalities":["text"]}}`, "50ms",
			`< {"type":"response.created","response":{"id":"resp_b","status":"in_progress","conversation_id":null}}`, "50ms",
			`< {"type":"response.output_audio_transcript.delta","response_id":"resp_a","item_id":"item_a","delta":"Hello"}`,
			`< {"type":"response.output_text.delta","response_id":"resp_b","item_id":"item_b","delta":"support"}`,
			`< {"type":"response.output_item.added","response_id":"resp_a","item":{"id":"f1","type":"function_call","call_id":"call_1","name":"book"}}`, "50ms",
			`< {"type":"response.done","response":{"id":"resp_b","status":"completed","usage":{"total_tokens":110,"input_tokens":100,"output_tokens":10}}}`, "50ms",
			audio("resp_a"),
			`< {"type":"response.done","response":{"id":"resp_a","status":"completed","usage":{"total_tokens":5300,"input_tokens":5000,"output_tokens":300}}}`,
			audio("resp_a"), // Of a response that has ended: ignored.
			`> {"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"call_1","output":"{}"}}`, "3s",
		)
		var got []string
		for _, s := range named(rec, "realtime_inference") {
			got = append(got, strings.Join([]string{
				value(s, semconv.GenAIResponseIDKey), value(s, semconv.GenAIUsageInputTokensKey),
				value(s, semconv.GenAIUsageOutputTokensKey), value(s, semconv.VoiceLLMToolNamesKey),
				value(s, semconv.VoiceRealtimeOutputAudioDurationKey), value(s, semconv.VoiceRealtimeTimeToFirstAudioKey),
			}, " "))
		}
		slices.Sort(got)
		if want := []string{`resp_a 5000 300 ["book"] 0.2 0.3`, "resp_b 100 10   "}; !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
		if turns := rec.Named(semconv.SpanVoiceTurn); len(turns) != 1 || value(turns[0], semconv.VoiceTurnOutcomeKey) != "completed" {
			t.Errorf("the turns are\n%s", rec.Timeline())
		}
		if tools := named(rec, "execute_tool"); len(tools) != 1 || value(tools[0], semconv.VoiceStageOutcomeKey) != "completed" {
			t.Errorf("the tools are\n%s", rec.Timeline())
		}
	})
}

func TestErrorsAfterWhichTheProviderGoesOn(t *testing.T) {
	empty := `< {"type":"error","error":{"type":"invalid_request_error","code":"input_audio_buffer_commit_empty","message":"buffer too small"}}`
	unintelligible := `< {"type":"conversation.item.input_audio_transcription.failed","item_id":"u0","error":{"type":"transcription_error","code":"audio_unintelligible","message":"m"}}`
	server := `< {"type":"error","error":{"type":"server_error","message":"The server had an error"}}`
	expired := `< {"type":"error","error":{"type":"invalid_request_error","code":"session_expired","message":"Your session hit the maximum duration"}}`
	for _, tt := range []struct {
		name, address string
		messages      []string
		closed        error
		outcome, kind string
		refused       int
	}{
		{"a commit of nothing", transcriptionURL, slices.Concat([]string{transcriptionSession, "audio", empty}, said("u1", 0, 1000)), nil, "completed", "", 1},
		{"a commit of nothing at the end", transcriptionURL, slices.Concat([]string{transcriptionSession, "audio"}, said("u1", 0, 1000), []string{empty}), nil, "completed", "", 1},
		{"an item without a transcript", transcriptionURL, slices.Concat([]string{transcriptionSession, "audio", unintelligible}, said("u1", 0, 1000)), nil, "completed", "", 1},
		{"an error of the server that passes", transcriptionURL, slices.Concat([]string{transcriptionSession, "audio", server}, said("u1", 0, 1000)), nil, "completed", "", 0},
		{"an error of the server at the end", transcriptionURL, slices.Concat([]string{transcriptionSession, "audio"}, said("u1", 0, 1000), []string{server}), nil, "failed", "server_error", 0},
		{"a session that is too long", transcriptionURL, slices.Concat([]string{transcriptionSession, "audio"}, said("u1", 0, 1000), []string{expired}), nil, "failed", "session_expired", 0},
		{"an error before a break", transcriptionURL, slices.Concat([]string{transcriptionSession, "audio", empty}, said("u1", 0, 1000)), errReset, "failed", "_OTHER", 1},
		{"Flux", "wss://api.deepgram.com/v2/listen?model=flux-general-en&encoding=linear16&sample_rate=16000", []string{
			`< {"type":"Connected","request_id":"r1"}`, `> {"type":"Configure","thresholds":{"eot_threshold":7}}`,
			`< {"type":"ConfigureFailure","request_id":"r1","error_code":"INVALID_CONFIG","description":"out of range"}`,
		}, nil, "completed", "", 1},
		{"Scribe", "wss://api.elevenlabs.io/v1/speech-to-text/realtime?commit_strategy=vad", []string{
			`< {"message_type":"session_started","session_id":"s1","config":{"sample_rate":16000,"audio_format":"pcm_16000","model_id":"scribe_v2_realtime"}}`,
			`< {"message_type":"commit_throttled","error":"Commit request throttled"}`,
		}, nil, "completed", "", 1},
		{"a cancel of nothing", realtimeURL, []string{
			fmt.Sprintf(speechSession, serverVAD),
			`< {"type":"error","error":{"type":"invalid_request_error","code":"response_cancel_not_active","message":"m"}}`,
		}, nil, "completed", "", 1},
		{"a cancel of nothing, and a break later", realtimeURL, []string{
			fmt.Sprintf(speechSession, serverVAD),
			`< {"type":"error","error":{"type":"invalid_request_error","code":"response_cancel_not_active","message":"m"}}`, "audio",
		}, errReset, "failed", "_OTHER", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := vendorCall(t, tt.address, tt.closed, tt.messages...)
				streams := append(named(rec, "speech_to_text_stream"), named(rec, "realtime_session")...)
				if len(streams) != 1 {
					t.Fatal(rec.Timeline())
				}
				s := streams[0]
				if got := value(s, semconv.VoiceStreamOutcomeKey); got != tt.outcome || (s.Status().Code == codes.Error) != (tt.outcome == "failed") {
					t.Errorf("the stream is %s, with status %v", got, s.Status())
				}
				if got := value(s, semconv.ErrorTypeKey); got != tt.kind {
					t.Errorf("error.type is %q, want %q", got, tt.kind)
				}
				if got := events(s, semconv.EventVoiceStreamRefused); got != tt.refused {
					t.Errorf("%d events %s, want %d", got, semconv.EventVoiceStreamRefused, tt.refused)
				}
			})
		})
	}
}

// The provider's first message says the model, the language and even that the session only transcribes. The words come
// after the end of speech.
func TestTranscriptionThatIsAskedForInMessages(t *testing.T) {
	for name, address := range map[string]string{"an intent": transcriptionURL, "a key": keyURL} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := vendorCall(t, address, nil, slices.Concat([]string{"audio", transcriptionSession, "audio"}, said("u1", 200, 1900))...)
				streams, stages := named(rec, "speech_to_text_stream gpt-4o-transcribe"), named(rec, "speech_to_text gpt-4o-transcribe")
				if len(streams) != 1 || len(stages) != 1 || len(named(rec, "realtime_session")) != 0 {
					t.Fatal(rec.Timeline())
				}
				if got := value(streams[0], semconv.VoiceStreamAudioSentKey); got != "2" {
					t.Errorf("%s s of audio were sent, want 2", got)
				}
				if got := value(stages[0], semconv.GenAISpeechInputLanguageKey); got != "en" {
					t.Errorf("the language is %q", got)
				}
				turn := rec.Named(semconv.SpanVoiceTurn)[0]
				if events(turn, semconv.EventVoiceUserStopped) != 1 {
					t.Error("the end of speech is not known")
				}
			})
		})
	}
}

// Silence that one detector waits for is not taken off for another.
func TestDetectorThatChanges(t *testing.T) {
	semantic := `{"type":"semantic_vad","eagerness":"auto"}`
	update := func(to string) string {
		return `< {"type":"session.updated","session":{"type":"realtime","id":"sess_1","audio":{"input":{"turn_detection":` + to + `}}}}`
	}
	for _, tt := range []struct {
		name     string
		messages []string
		want     string
	}{
		{"server_vad", []string{fmt.Sprintf(speechSession, serverVAD)}, "0.7"},
		{"semantic_vad", []string{fmt.Sprintf(speechSession, semantic)}, "0.2"},
		{"no detector, then semantic_vad", []string{fmt.Sprintf(speechSession, "null"), update(semantic)}, "0.2"},
		{"server_vad, then semantic_vad", []string{fmt.Sprintf(speechSession, serverVAD), update(semantic)}, "0.2"},
		{"server_vad, then none", []string{fmt.Sprintf(speechSession, serverVAD), update("null")}, "0.2"},
		{"server_vad, and an update without it", []string{fmt.Sprintf(speechSession, serverVAD), `< {"type":"session.updated","session":{"type":"realtime","id":"sess_1"}}`}, "0.7"},
		{"semantic_vad, then server_vad", []string{fmt.Sprintf(speechSession, semantic), update(serverVAD)}, "0.7"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := vendorCall(t, realtimeURL, nil, slices.Concat(tt.messages, []string{
					"audio", `< {"type":"input_audio_buffer.speech_started","audio_start_ms":0,"item_id":"u1"}`, "audio",
					`< {"type":"input_audio_buffer.speech_stopped","audio_end_ms":2000,"item_id":"u1"}`,
					`< {"type":"input_audio_buffer.committed","item_id":"u1"}`,
					`< {"type":"response.created","response":{"id":"resp_a","status":"in_progress"}}`, "200ms",
					`< {"type":"response.output_audio.delta","response_id":"resp_a","item_id":"item_a","delta":"` + tone + `"}`,
					`< {"type":"response.done","response":{"id":"resp_a","status":"completed"}}`, "3s",
				})...)
				if got := value(rec.Named(semconv.SpanVoiceTurn)[0], semconv.VoiceTurnResponseLatencyKey); got != tt.want {
					t.Errorf("the response latency is %s, want %s", got, tt.want)
				}
			})
		})
	}
}
