// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"context"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice/internal/sttstream"
	"github.com/voice-agents/telemetry/semconv"
)

// A realtime records a connection to a speech-to-speech model. Each response is a realtime stage.
type realtime struct {
	call    *Call
	request *wire.Request
	// input is the user's audio that was sent: the clock of the model's offsets.
	input     sttstream.Stream
	hasInput  bool
	open      []*response // The open ones, the oldest first.
	over      []*response // The newest ones that have ended.
	last      *turn       // Of the newest response of the conversation.
	ended     time.Time   // Of the newest response.
	resulted  time.Time   // When the newest result of a tool was sent that no response has answered.
	user      user
	sessionID string
	answers   string // The model that the session reports.
	requestID string
	fault     fault
	closed    Side
	stream    stream
}

func newRealtime(c *Call, request *wire.Request, started time.Time) *realtime {
	r := &realtime{call: c, request: request}
	r.stream = c.providerStream(semconv.SpanRealtimeSession(request.Model), semconv.GenAIOperationNameRealtimeInference, request, started)
	r.input.Connect(0)
	return r
}

func (r *realtime) opened(id string, at time.Time) {
	r.requestID = id
	r.stream.opened(at)
}

func (r *realtime) measured(m *Measures) {
	r.closed = m.ClosedBy
	r.stream.measured(m)
}

func (r *realtime) notUnderstood(kind string) { r.stream.notUnderstood(kind) }

func (r *realtime) event(e *wire.Event, now time.Time) {
	r.fault.follow(e)
	switch e.Kind {
	case wire.UserAudio:
		r.input.AddFrame(e.Audio, now)
		r.hasInput = r.hasInput || e.Audio > 0
	case wire.Answered:
		if r.sessionID == "" && e.ID != "" {
			r.stream.attrs = append(r.stream.attrs, semconv.GenAIRealtimeSessionID(e.ID))
		}
		r.sessionID = e.ID
		r.answers = e.Name
		if e.Name != "" && r.request.Model == "" {
			r.request.Model = e.Name
		}
		r.stream.asked(r.request.Model)
	case wire.Requested, wire.Reopened:
		r.stream.asked(r.request.Model)
	case wire.SpeechStarted, wire.SpeechStopped, wire.Committed, wire.Partial, wire.Final:
		r.userEvent(e, now)
	case wire.Truncated:
		r.call.interrupt(r.answering(), e.Audio, now)
	case wire.Cleared:
		if of := r.find(e.Of); of != nil && of.isAside {
			return
		}
		r.call.interrupt(r.answering(), -1, now)
	case wire.Interrupted:
		r.bargedIn(now)
		r.call.interrupt(r.answering(), -1, now)
	case wire.Playing, wire.Played:
		r.plays(e, now)
	case wire.ToolAnswered:
		r.toolEnded(e.ID, toolErrorOf(e), now)
	case wire.ToolCancelled:
		r.toolEnded(e.ID, context.Canceled, now)
	case wire.Digit: // A model that answers calls over SIP.
		r.stream.digit(e)
	case wire.Failed:
		r.failed(e)
	case wire.Refused:
		r.refused()
	default:
		r.responseEvent(e, now)
	}
}

// toolEnded ends the run of a tool in the program.
func (r *realtime) toolEnded(id string, err error, now time.Time) {
	r.resulted = now
	t := r.last
	for _, o := range r.call.turns {
		if o.tools.answered(id, err) {
			t = o
			break
		}
	}
	if t != nil {
		t.quiet = now
	}
}

// failed records an error that the model sent. It need not end the response.
func (r *realtime) failed(e *wire.Event) {
	if of := r.find(e.Of); of != nil {
		of.err = &providerError{class: e.Name}
		of.Stage.Event(e)
	}
}

// refused records an error after which the connection goes on.
func (r *realtime) refused() {
	if err := r.fault.refused(); err != nil {
		r.stream.refused(err)
	}
}

// answering returns the turn whose answer is being played.
func (r *realtime) answering() *turn {
	if r.last != nil && !r.last.isCut {
		return r.last
	}
	return r.call.answered()
}

func (r *realtime) end(err error) {
	err = r.fault.cause(err, r.closed)
	for len(r.open) > 0 {
		r.finish(r.open[0], err, time.Now())
	}
	for _, t := range r.call.turns {
		if !r.call.ended { // Else the turn is abandoned.
			t.played(time.Now())
		}
	}
	r.stream.end(err, r.call.ended)
}
