// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package oteldeepgram_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/coder/websocket"
	listen "github.com/deepgram/deepgram-go-sdk/v3/pkg/api/listen/v1/websocket/interfaces"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/oteldeepgram"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

var errCallback = errors.New("the program's error")

// program is the callback of a program.
type program struct {
	session *otelvoice.Session
	calls   chan string
	closed  chan struct{}
	turns   []*otelvoice.Turn // That was newest at each final transcript.
	err     error
}

func newProgram(session *otelvoice.Session) *program {
	return &program{session: session, calls: make(chan string, 100), closed: make(chan struct{}, 10)}
}

func (p *program) called(name string) error {
	p.calls <- name
	return p.err
}

func (p *program) Open(*listen.OpenResponse) error { return p.called("open") }

func (p *program) Message(mr *listen.MessageResponse) error {
	text := ""
	if len(mr.Channel.Alternatives) > 0 {
		text = mr.Channel.Alternatives[0].Transcript
	}
	if mr.IsFinal && text != "" {
		p.turns = append(p.turns, otelvoice.TurnFromContext(p.session.Context(context.Background())))
	}
	return p.called("message " + text)
}
func (p *program) Metadata(*listen.MetadataResponse) error           { return p.called("metadata") }
func (p *program) SpeechStarted(*listen.SpeechStartedResponse) error { return p.called("speech") }
func (p *program) UtteranceEnd(*listen.UtteranceEndResponse) error   { return p.called("utterance end") }

func (p *program) Close(*listen.CloseResponse) error {
	p.closed <- struct{}{}
	return p.called("close")
}
func (p *program) Error(er *listen.ErrorResponse) error { return p.called("error " + er.Variant) }
func (p *program) UnhandledEvent([]byte) error          { return p.called("unhandled") }

// waitFor reads the calls up to one, and returns them.
func (p *program) waitFor(last string) (calls []string) {
	for call := range p.calls {
		calls = append(calls, call)
		if call == last {
			break
		}
	}
	return calls
}

const (
	started = `{"type":"SpeechStarted","channel":[0,1],"timestamp":0.5}`
	interim = `{"type":"Results","channel_index":[0,1],"duration":1.0,"start":0.0,"is_final":false,"speech_final":false,"channel":{"alternatives":[{"transcript":"a table","confidence":0.7,"words":[{"word":"a","start":0.6,"end":0.7,"confidence":0.7},{"word":"table","start":0.7,"end":0.9,"confidence":0.7}]}]},"metadata":{"request_id":"dg-1","model_info":{"name":"general-nova-3","version":"2026-01-09.0","arch":"nova-3"},"model_uuid":"u"}}`
	final   = `{"type":"Results","channel_index":[0,1],"duration":1.2,"start":0.0,"is_final":true,"speech_final":false,"channel":{"alternatives":[{"transcript":"a table","confidence":0.75,"words":[{"word":"a","start":0.6,"end":0.7,"confidence":0.75},{"word":"table","start":0.7,"end":0.9,"confidence":0.75}]}]},"metadata":{"request_id":"dg-1"}}`
	last    = `{"type":"Results","channel_index":[0,1],"duration":0.8,"start":1.2,"is_final":true,"speech_final":true,"channel":{"alternatives":[{"transcript":"for two please sir","confidence":0.5,"words":[{"word":"for","start":1.3,"end":1.4},{"word":"two","start":1.4,"end":1.5},{"word":"please","start":1.5,"end":1.6},{"word":"sir","start":1.6,"end":1.75}]}]},"metadata":{"request_id":"dg-1"}}`
	silence = `{"type":"Results","channel_index":[0,1],"duration":0.5,"start":2.0,"is_final":true,"speech_final":false,"channel":{"alternatives":[{"transcript":"","confidence":0.0,"words":[]}]},"metadata":{"request_id":"dg-1"}}`
	ended   = `{"type":"UtteranceEnd","channel":[0,1],"last_word_end":0.95}`
	// Deepgram sends its summary after CloseStream. The SDK may close the connection before it has read
	// the summary, so that the servers here send it before.
	summary = `{"type":"Metadata","transaction_key":"deprecated","request_id":"dg-1","sha256":"0","created":"2026-11-20T09:00:00.000Z","duration":2.0,"channels":1}`
)

func twoSeconds() []byte { return make([]byte, 2*2*16000) }

// setup returns a session and its recorder.
func setup(t *testing.T, opts ...voicesdk.Option) (*otelvoice.Session, *voicetest.Recorder) {
	t.Helper()
	tel, rec := voicetest.Setup(t, opts...)
	_, session := tel.StartSession(t.Context())
	return session, rec
}

func attributes(t *testing.T, rec *voicetest.Recorder, name string) []attribute.Set {
	t.Helper()
	var sets []attribute.Set
	for _, span := range rec.Named(name) {
		sets = append(sets, attribute.NewSet(span.Attributes()...))
	}
	return sets
}

func has(t *testing.T, got attribute.Set, want ...attribute.KeyValue) {
	t.Helper()
	for _, want := range want {
		if value, ok := got.Value(want.Key); !ok || value != want.Value {
			t.Errorf("%s is %s, want %s", want.Key, value.String(), want.Value.String())
		}
	}
}

const (
	streamName = "speech_to_text_stream nova-3"
	stageName  = "speech_to_text nova-3"
)

func TestUtterance(t *testing.T) {
	for _, tt := range []struct {
		name     string
		messages []string
		calls    []string
		partials int
		conf     float64
		start    float64 // voice.stt.speech.start
		end      float64
		text     string
	}{
		{
			name:     "of two transcripts, ended by speech_final",
			messages: []string{started, interim, final, last, summary, silence},
			calls:    []string{"open", "speech", "message a table", "message a table", "message for two please sir", "metadata", "message "},
			partials: 1, conf: (0.75*2 + 0.5*4) / 6, start: 0.5, end: 1.75, text: "a table for two please sir",
		},
		{
			name:     "ended by UtteranceEnd, without SpeechStarted",
			messages: []string{interim, interim, final, ended, summary, silence},
			calls:    []string{"open", "message a table", "message a table", "message a table", "utterance end", "metadata", "message "},
			partials: 2, conf: 0.75, start: 0.6, end: 0.95, text: "a table",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			session, rec := setup(t, voicesdk.WithInstrumentation(otelvoice.WithContentCapture()))
			s := serve(t, steps(hear(len(twoSeconds())), say(tt.messages...)))
			p := newProgram(session)
			recognizer := oteldeepgram.Wrap(session, options(), p)
			client := s.dial(t, recognizer)
			if err := client.Stream(recognizer.Reader(bytes.NewReader(twoSeconds()))); !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			if got := p.waitFor("message "); !slices.Equal(got, tt.calls) {
				t.Errorf("the program was called with %q, want %q", got, tt.calls)
			}
			client.Stop()
			<-p.closed
			if got := p.waitFor("close"); len(got) != 1 {
				t.Errorf("at the end the program was called with %q", got)
			}
			turn := p.turns[0]
			if turn == nil || slices.ContainsFunc(p.turns, func(t *otelvoice.Turn) bool { return t != turn }) {
				t.Fatalf("the program's turns are %v", p.turns)
			}
			turn.End()
			session.End()
			voicetest.Check(t, rec)

			stages := attributes(t, rec, stageName)
			if len(stages) != 1 {
				t.Fatalf("%d stages, want 1:\n%s", len(stages), rec.Shape())
			}
			has(t, stages[0],
				semconv.GenAIProviderName("deepgram"), semconv.GenAIRequestModel("nova-3"), semconv.GenAISpeechInputLanguage("en"),
				semconv.VoiceSTTPartialCount(tt.partials), semconv.VoiceSTTConfidence(tt.conf),
				semconv.VoiceSTTSpeechStart(tt.start), semconv.VoiceSTTSpeechEnd(tt.end), semconv.VoiceSTTTranscript(tt.text),
				semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeCompleted))
			streams := attributes(t, rec, streamName)
			if len(streams) != 1 {
				t.Fatalf("%d streams, want 1:\n%s", len(streams), rec.Shape())
			}
			has(t, streams[0],
				semconv.VoiceStreamAudioSent(2), semconv.VoiceStreamAudioBilled(2), semconv.VoiceProviderRequestIDs("dg-1"))
		})
	}
}

// The connection fails in the middle of an utterance; the program connects again.
func TestConnectionFails(t *testing.T) {
	session, rec := setup(t)
	s := serve(t,
		steps(hear(len(twoSeconds())), say(started, interim), closeWith(websocket.StatusInternalError, "data was not transmitted within the timeout window: NET-0001")),
		steps(hear(len(twoSeconds())), say(started, interim, last, silence)))
	p := newProgram(session)
	recognizer := oteldeepgram.Wrap(session, options(), p)
	client := s.dial(t, recognizer)
	if _, err := recognizer.Writer(client).Write(twoSeconds()); err != nil {
		t.Fatal(err)
	}
	<-p.closed
	p.waitFor("close")
	if !client.AttemptReconnect(t.Context(), 1) {
		t.Fatal("the SDK did not connect again")
	}
	if _, err := recognizer.Writer(client).Write(twoSeconds()); err != nil {
		t.Fatal(err)
	}
	p.waitFor("message ")
	client.Stop()
	<-p.closed
	p.turns[0].End()
	session.End()
	voicetest.Check(t, rec)

	stages, streams := rec.Named(stageName), rec.Named(streamName)
	if len(stages) != 2 || len(streams) != 2 {
		t.Fatalf("%d stages and %d streams, want 2 and 2:\n%s", len(stages), len(streams), rec.Shape())
	}
	for _, span := range []sdktrace.ReadOnlySpan{stages[0], streams[0]} {
		has(t, attribute.NewSet(span.Attributes()...), semconv.ErrorType("1011"))
	}
	has(t, attribute.NewSet(stages[1].Attributes()...), semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeCompleted))
}

// The program's errors reach the SDK, and a program without a callback is recorded, too.
func TestCallbackError(t *testing.T) {
	session, _ := setup(t)
	defer session.End()
	p := newProgram(session)
	p.err = errCallback
	for _, tt := range []struct {
		name       string
		recognizer *oteldeepgram.Recognizer
		want       error
	}{
		{"with a callback", oteldeepgram.Wrap(session, options(), p), errCallback},
		{"without a session", oteldeepgram.Wrap(nil, nil, p, nil), errCallback},
		{"without a callback", oteldeepgram.Wrap(session, options(), nil), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.recognizer
			for name, err := range map[string]error{
				"Open": r.Open(new(listen.OpenResponse)), "Message": r.Message(new(listen.MessageResponse)),
				"Metadata": r.Metadata(new(listen.MetadataResponse)), "SpeechStarted": r.SpeechStarted(new(listen.SpeechStartedResponse)),
				"UtteranceEnd": r.UtteranceEnd(new(listen.UtteranceEndResponse)), "Error": r.Error(new(listen.ErrorResponse)),
				"Close": r.Close(new(listen.CloseResponse)), "UnhandledEvent": r.UnhandledEvent(nil),
			} {
				if !errors.Is(err, tt.want) {
					t.Errorf("%s returned %v, want %v", name, err, tt.want)
				}
			}
		})
	}
}

// The program chooses the turn of an utterance.
func TestWithTurn(t *testing.T) {
	session, rec := setup(t)
	ctx, first := session.StartTurn(t.Context())
	_, second := session.StartTurn(ctx)
	r := oteldeepgram.Wrap(session, options(), nil, oteldeepgram.WithTurn(func(context.Context) *otelvoice.Turn { return first }))
	_ = r.Open(nil)
	_ = r.Message(&listen.MessageResponse{IsFinal: true, SpeechFinal: true, Channel: listen.Channel{
		Alternatives: []listen.Alternative{{Transcript: "yes", Confidence: 0.9}},
	}})
	r.End(nil)
	if len(first.Stages()) != 1 || len(second.Stages()) != 0 {
		t.Errorf("%d stages in the first turn and %d in the second, want 1 and 0", len(first.Stages()), len(second.Stages()))
	}
	first.End()
	second.End()
	session.End()
	voicetest.Check(t, rec)
}

// A connection that was never opened ends with the reason that the program gives.
func TestNotConnected(t *testing.T) {
	session, rec := setup(t)
	r := oteldeepgram.Wrap(session, options(), nil)
	r.End(&oteldeepgram.Error{Code: "INVALID_AUTH", Message: "Invalid credentials."})
	session.End()
	voicetest.Check(t, rec)
	has(t, attributes(t, rec, streamName)[0], semconv.ErrorType("INVALID_AUTH"))
}

// Each utterance has a turn of its own, which ends when the next one begins or with the connection.
// Without the audio, the stage starts when SpeechStarted came.
func TestWithTurnPerUtterance(t *testing.T) {
	session, rec := setup(t)
	var turns []*otelvoice.Turn
	session.OnTurn(func(turn *otelvoice.Turn) func() { turns = append(turns, turn); return nil })
	r := oteldeepgram.Wrap(session, options(), nil, oteldeepgram.WithTurnPerUtterance())
	_ = r.Open(nil)
	before := time.Now()
	for _, start := range []float64{0.5, 3} {
		_ = r.SpeechStarted(&listen.SpeechStartedResponse{Channel: []int{0, 1}, Timestamp: start})
		if len(turns) == 1 {
			if _, ended := turns[0].Outcome(); ended {
				t.Error("the first turn ended before the second utterance had words")
			}
		}
		_ = r.Message(&listen.MessageResponse{IsFinal: true, SpeechFinal: true, Start: start, Duration: 1, Channel: listen.Channel{
			Alternatives: []listen.Alternative{{Transcript: "yes", Confidence: 0.9}},
		}})
	}
	if len(turns) != 2 {
		t.Fatalf("%d turns, want 2", len(turns))
	}
	if _, ended := turns[0].Outcome(); !ended {
		t.Error("the first turn is open")
	}
	r.End(nil)
	session.End()
	voicetest.Check(t, rec)
	for i, turn := range turns {
		stages := turn.Stages()
		if outcome, _ := turn.Outcome(); outcome != otelvoice.Completed || len(stages) != 1 {
			t.Fatalf("turn %d is %s with %d stages, want completed with 1", i+1, outcome, len(stages))
		}
		if got := stages[0].AudioDuration; got == nil || *got != time.Second {
			t.Errorf("turn %d: the audio has %v, want 1s", i+1, got)
		}
		if stages[0].Start.Before(before) || !stages[0].Start.Before(stages[0].End) {
			t.Errorf("turn %d: the stage is from %v to %v", i+1, stages[0].Start, stages[0].End)
		}
	}
}
