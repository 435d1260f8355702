// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package cartesia

import (
	"bytes"
	"strconv"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/payload"
	"github.com/voice-agents/telemetry/internal/wire/recognition"
)

// The fields of messages of a recogniser.
const (
	speechIsFinal = ownFields + iota
	speechTranscript
	speechOfTurn
	speechLength
	speechDetected
	speechStart
	speechEnd
)

var (
	recogniserSent     = fields.NewPlan(jsonscan.Field{Path: "type", ID: messageType})
	recogniserReceived = received(
		jsonscan.Field{Path: "is_final", ID: speechIsFinal},
		jsonscan.Field{Path: "text", ID: speechTranscript, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "transcript", ID: speechOfTurn, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "duration", ID: speechLength},
		jsonscan.Field{Path: "language", ID: speechDetected},
		jsonscan.Field{Path: "words.*.start", ID: speechStart},
		jsonscan.Field{Path: "words.*.end", ID: speechEnd},
	)
)

// recogniser decodes /stt/websocket and /stt/turns/websocket. The former reports transcripts, and the
// program decides when a turn is complete. The latter reports turns.
type recogniser struct {
	connection

	utterance recognition.Utterance
	duration  time.Duration
}

func newRecogniser(target *wire.Target, report wire.Report) *recogniser {
	r := &recogniser{connection: newConnection(target, wire.STT, report)}
	r.sent, r.received = fields.New(recogniserSent, nil), fields.New(recogniserReceived, r.value)
	q := target.Query
	r.Request.Model, r.Request.Language = q.Get("model"), q.Get("language")
	rate, err := strconv.Atoi(q.Get("sample_rate"))
	if err != nil || rate < 0 || rate > 1_000_000 {
		rate = 0
	}
	r.Request.Format = formatOf("", q.Get("encoding"), rate)
	if seconds, err := strconv.ParseFloat(q.Get("max_silence_duration_secs"), 64); err == nil && seconds > 0 && seconds < 60 {
		r.Request.Hangover = time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
	}
	return r
}

// value reads a value of a transcript.
func (r *recogniser) value(v *jsonscan.Value) {
	switch v.Field {
	case speechStart:
		r.utterance.Start(v, time.Second)
	case speechEnd:
		r.utterance.End(v, time.Second)
	case speechLength:
		r.duration, _ = recognition.Duration(v, time.Second)
	}
}

// Message reads a message. The query holds all parameters.
func (r *recogniser) Message(m wire.Message) {
	defer r.release()
	r.Asked()
	if m.Sent {
		r.ask(m)
		return
	}
	r.utterance.Reset()
	r.duration = 0
	if f := r.read(m); f != nil {
		r.answer(f)
	}
}

// ask reads a message that is sent: audio, a command in text, or one in JSON.
func (r *recogniser) ask(m wire.Message) {
	if m.Binary {
		if len(m.Data) > 0 {
			r.Send(wire.Event{Kind: wire.UserAudio, Audio: payload.Duration(r.Request.Format, len(m.Data))})
		}
		return
	}
	switch string(bytes.TrimSpace(m.Data)) {
	case "finalize", "done", "close":
		return
	}
	if f := r.read(m); f != nil && !f.Is(messageType, "close") && !f.Is(messageType, "config") && !f.Is(messageType, "finalize") {
		r.NotUnderstood("event")
	}
}

// answer reads a message that is received.
func (r *recogniser) answer(f *fields.Message) {
	if f.Is(messageType, "error") || f.Has(messageError) {
		class, message := failure(f)
		r.Send(wire.Event{Kind: wire.Failed, Name: class, Text: []byte(message)})
		return
	}
	kind := f.Text(messageType)
	if len(kind) > 0 {
		r.identify(f.Text(messageID))
	}
	switch string(kind) {
	case "connected", "flush_done":
	case "transcript":
		if f.True(speechIsFinal) {
			r.final(f, speechTranscript)
		} else {
			r.partial(f, speechTranscript)
		}
	case "done":
		r.Send(wire.Event{Kind: wire.Ended})
	case "turn.start":
		r.Send(wire.Event{Kind: wire.SpeechStarted})
	case "turn.update":
		r.partial(f, speechOfTurn)
	case "turn.eager_end":
		r.partial(f, speechOfTurn)
		r.Send(wire.Event{Kind: wire.CommitExpected})
	case "turn.resume":
		r.Send(wire.Event{Kind: wire.Resumed})
	case "turn.end":
		r.final(f, speechOfTurn)
		r.Send(wire.Event{Kind: wire.Committed})
	default:
		r.NotUnderstood("event")
	}
}

func (r *recogniser) partial(f *fields.Message, field int) {
	r.Send(wire.Event{Kind: wire.Partial, Text: r.content(f.Text(field)), Characters: characters(f, field)})
}

func (r *recogniser) final(f *fields.Message, field int) {
	r.utterance.Language = string(f.Text(speechDetected))
	r.Send(wire.Event{
		Kind: wire.Final, Text: r.content(f.Text(field)), Characters: characters(f, field),
		Speech: r.utterance.Speech(), Audio: r.duration,
	})
}

// characters returns the length of a transcript in code points. A transcript is a piece of the text, with
// the spaces around it; spaces alone are no text.
func characters(f *fields.Message, field int) int {
	if len(bytes.TrimSpace(f.Text(field))) == 0 {
		return 0
	}
	return f.Runes(field)
}
