// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package deepgram

import (
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/recognition"
)

// The fields of a message of Flux.
const (
	turnEvent = msgFields + iota
	turnText
	turnConfidence
	turnWindowStart
	turnWindowEnd
	turnLanguage
	turnWordConfidence
	turnWordStart
	turnWordEnd
)

var fluxMessage = messagePlan(
	jsonscan.Field{Path: "event", ID: turnEvent},
	jsonscan.Field{Path: "transcript", ID: turnText, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "end_of_turn_confidence", ID: turnConfidence},
	jsonscan.Field{Path: "audio_window_start", ID: turnWindowStart},
	jsonscan.Field{Path: "audio_window_end", ID: turnWindowEnd},
	jsonscan.Field{Path: "languages.*", ID: turnLanguage},
	jsonscan.Field{Path: "words.*.confidence", ID: turnWordConfidence},
	jsonscan.Field{Path: "words.*.start", ID: turnWordStart},
	jsonscan.Field{Path: "words.*.end", ID: turnWordEnd},
)

// flux decodes the transcription of a stream by turns. The model decides when a turn ends, so that
// no silence is known that it waits for. Each TurnInfo holds the transcript of the whole turn. Some
// versions of the service send words without offsets; the audio window of a turn includes the
// silence before it, and is not taken for them.
type flux struct {
	session

	input     *recognition.Input
	utterance recognition.Utterance
}

func newFlux(target *wire.Target, report wire.Report) *flux {
	f := &flux{session: newSession(target, wire.STT, report)}
	f.message = fields.New(fluxMessage, f.value)
	f.input = recognition.NewInput(&f.Base)
	f.ask()
	if hints := target.Query["language_hint"]; len(hints) == 1 && f.Request.Language == "" {
		f.Request.Language = hints[0]
	}
	return f
}

// Message reads a message.
func (f *flux) Message(m wire.Message) {
	defer f.message.Release()
	switch {
	case m.Sent && m.Binary:
		f.input.Read(m.Data)
	case m.Sent:
		f.Asked()
		f.sent(m.Data)
	case m.Binary:
		f.NotUnderstood("content")
	default:
		f.Asked()
		f.received(m.Data)
	}
}

// Closed reads the end of the connection.
func (f *flux) Closed() { f.Asked() }

func (f *flux) received(data []byte) {
	f.utterance.Reset()
	if !f.read(data) {
		return
	}
	f.answered()
	switch string(f.message.Text(msgType)) {
	case "TurnInfo":
		f.turn()
	case "Error", "FatalError":
		f.failed("")
	case "ConfigureFailure": // The stream goes on with what was configured before.
		f.refused()
	case "Connected", "ConfigureSuccess", "Metadata", "Warning":
	default:
		f.NotUnderstood("event")
	}
}

// turn reports an event of a turn.
func (f *flux) turn() {
	switch string(f.message.Text(turnEvent)) {
	case "Update":
		f.partial()
	case "StartOfTurn":
		speech := f.utterance.Speech()
		f.Send(wire.Event{Kind: wire.SpeechStarted, Speech: at(speech.Start, speech.HasOffsets)})
		f.partial()
	case "EagerEndOfTurn":
		f.partial()
		f.Send(wire.Event{Kind: wire.CommitExpected, Speech: f.confidence()})
	case "TurnResumed":
		f.Send(wire.Event{Kind: wire.Resumed})
		f.partial()
	case "EndOfTurn":
		var audio time.Duration
		if start, ok := f.seconds(turnWindowStart); ok {
			if end, ok := f.seconds(turnWindowEnd); ok {
				audio = max(end-start, 0)
			}
		}
		f.utterance.ReportOf(&f.Base, wire.Final, "", audio)
		f.Send(wire.Event{Kind: wire.Committed, Speech: f.confidence()})
	default:
		f.NotUnderstood("event")
	}
}

// partial reports the transcript as it is until now, if it has words.
func (f *flux) partial() {
	if f.utterance.HasText() {
		f.utterance.ReportOf(&f.Base, wire.Partial, "", 0)
	}
}

// confidence returns the confidence in the end of the turn.
func (f *flux) confidence() wire.Speech {
	c, ok := f.message.Float(turnConfidence)
	return wire.Speech{Confidence: c, HasConfidence: ok}
}

// value reads a value of a message.
func (f *flux) value(v *jsonscan.Value) {
	switch v.Field {
	case turnText:
		f.utterance.Text(&f.Base, v)
	case turnLanguage: // They are sorted by how much of the turn they are.
		if v.Index[0] == 0 && v.Kind == jsonscan.String {
			wire.Set(&f.utterance.Language, v.Text)
		}
	case turnWordConfidence:
		f.utterance.WordConfidence(v)
	case turnWordStart:
		f.utterance.Start(v, time.Second)
	case turnWordEnd:
		f.utterance.End(v, time.Second)
	}
}
