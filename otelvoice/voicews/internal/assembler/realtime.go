// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"context"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice/internal/sttstream"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/semconv"
)

// A realtime records a connection to a speech-to-speech model. Each response is a realtime stage.
type realtime struct {
	call    *Call
	request *wire.Request
	// input is the user's audio that was sent: the clock of the model's offsets.
	input     sttstream.Stream
	response  *stage    // The open one, or nil.
	newest    *stage    // The newest one, which may have ended.
	last      *turn     // Of the newest response.
	ended     time.Time // Of the newest response.
	resulted  time.Time // When the newest result of a tool was sent that no response has answered.
	user      user
	sessionID string
	answers   string // The model that the session reports.
	requestID string
	err       error
	stream    stream
}

func newRealtime(c *Call, request *wire.Request, started time.Time) *realtime {
	r := &realtime{call: c, request: request}
	r.stream = c.providerStream(semconv.SpanRealtimeSession(request.Model), semconv.GenAIOperationNameRealtimeInference, request, started)
	r.input.Connect(0)
	return r
}

func (r *realtime) opened(id string) {
	r.requestID = id
	r.stream.opened()
}

func (r *realtime) measured(m *Measures)      { r.stream.measured(m) }
func (r *realtime) notUnderstood(kind string) { r.stream.notUnderstood(kind) }

func (r *realtime) event(e *wire.Event, now time.Time) {
	switch e.Kind {
	case wire.UserAudio:
		r.input.AddFrame(e.Audio, now)
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
		r.call.interrupt(r.answering(), -1, now)
	case wire.Interrupted:
		r.bargedIn(now)
		r.call.interrupt(r.answering(), -1, now)
	case wire.ToolAnswered:
		r.toolEnded(e.ID, nil, now)
	case wire.ToolCancelled:
		r.toolEnded(e.ID, context.Canceled, now)
	case wire.Failed:
		r.failed(e)
	default:
		r.responseEvent(e, now)
	}
}

// responseEvent records an event of a response on its stage.
func (r *realtime) responseEvent(e *wire.Event, now time.Time) {
	switch e.Kind {
	case wire.Responding:
		r.begin(e, now)
		return
	case wire.Audio, wire.ToolCalled, wire.Answer, wire.Token:
		if r.response == nil {
			r.begin(e, now) // Its beginning was not seen.
		}
	default:
	}
	s := r.response
	if s == nil {
		if e.Kind == wire.Used && r.newest != nil { // Tokens can be reported after the end.
			r.newest.Stage.Event(e)
		}
		return
	}
	s.Stage.Event(e)
	s.observe(e, now)
	if e.Kind == wire.Responded {
		var err error
		switch e.Name {
		case "cancelled":
			r.call.interrupt(s.turn, -1, now)
			err = context.Canceled
		case "failed":
			err = r.err
			if err == nil {
				err = &providerError{}
			}
		}
		r.finish(err, now)
	}
}

// begin opens the stage of a response.
func (r *realtime) begin(e *wire.Event, now time.Time) {
	r.finish(nil, now)
	c := r.call
	c.resulted(wire.Realtime)
	started, isKnown := r.asked(e.Name, now)
	request := *r.request
	request.Stage = wire.Realtime
	if request.Output.Codec != "" {
		request.Format = request.Output
	}
	_, s := c.openStage(c.sessionCtx, &vendorcall.Call{Request: &request, Start: started, IsUnderway: !isKnown}, now)
	r.response, r.newest, r.last, r.err = s, s, s.turn, nil
	s.Stage.Event(&wire.Event{Kind: wire.Requested, Request: &request})
	r.answered(s)
	if e.ID != "" {
		s.Stage.Event(&wire.Event{Kind: wire.Answered, ID: e.ID, Name: r.answers})
	}
	if r.requestID != "" {
		s.AddRequestID(r.requestID)
	}
	if r.sessionID != "" {
		s.SetAttributes(semconv.GenAIRealtimeSessionID(r.sessionID))
	}
}

// finish ends the stage of the response.
func (r *realtime) finish(err error, now time.Time) {
	s := r.response
	if s == nil {
		return
	}
	r.response, r.ended = nil, now
	r.call.runTools(s, now)
	s.isFailed = err != nil
	s.Stage.End(err)
	s.ended(now)
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
	r.err = &providerError{class: e.Name}
	if r.response != nil {
		r.response.Stage.Event(e)
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
	if r.err != nil && err != nil {
		err = r.err
	}
	r.finish(err, time.Now())
	r.stream.end(err, r.call.ended)
}
