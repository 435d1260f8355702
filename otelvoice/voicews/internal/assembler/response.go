// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"context"
	"slices"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/semconv"
)

// maxResponses is how many responses of a connection are open at once, and how many that have ended are known.
const maxResponses = 8

// A response is the stage of one response of a speech-to-speech model.
type response struct {
	*stage

	id      string // Empty if the model names none: one is open at a time.
	isAside bool   // It is for the program, and not a part of the conversation.
	err     error  // That the model sent.
}

// find returns the open response of an ID, or the newest one.
func (r *realtime) find(id string) *response {
	for _, of := range slices.Backward(r.open) {
		if id == "" || of.id == id || of.id == "" {
			return of
		}
	}
	return nil
}

// answerTo returns the open response that answers what the user says in a turn, or nil.
func (r *realtime) answerTo(t *turn) *response {
	for _, of := range r.open {
		if of.turn == t && !of.isAside {
			return of
		}
	}
	return nil
}

// responseEvent records an event of a response on its stage.
func (r *realtime) responseEvent(e *wire.Event, now time.Time) {
	if e.Kind == wire.Responding {
		r.begin(e, now)
		return
	}
	of := r.find(e.Of)
	if of == nil {
		if of = r.late(e, now); of == nil {
			return
		}
	}
	of.Stage.Event(e)
	of.observe(e, now)
	if e.Kind == wire.Responded {
		r.responded(of, e.Name, now)
	}
}

// plays follows what the model plays by itself. A response can have ended before it is played.
func (r *realtime) plays(e *wire.Event, now time.Time) {
	if e.Kind == wire.Played {
		for _, t := range r.call.turns {
			t.played(now)
		}
		return
	}
	of := r.find(e.Of)
	if of != nil {
		of.Stage.Event(e)
	} else if i := slices.IndexFunc(r.over, func(of *response) bool { return e.Of != "" && of.id == e.Of }); i >= 0 {
		of = r.over[i]
	}
	if of != nil && !of.isAside && !r.call.hasLine && slices.Contains(r.call.turns, of.turn) {
		r.call.playing(of.turn, now)
	}
}

// late takes an event of no response that is open, and returns the response that it begins: its beginning was
// not seen. Tokens can be reported after the end of a response; all else of one that has ended is ignored.
func (r *realtime) late(e *wire.Event, now time.Time) *response {
	ended := slices.IndexFunc(r.over, func(of *response) bool { return e.Of != "" && of.id == e.Of })
	if e.Kind == wire.Used {
		if e.Of == "" {
			ended = len(r.over) - 1
		}
		if ended >= 0 {
			r.over[ended].Stage.Event(e)
		}
		return nil
	}
	switch e.Kind {
	case wire.Audio, wire.ToolCalled, wire.Answer, wire.Token:
		if ended < 0 {
			return r.begin(&wire.Event{Kind: wire.Responding, Of: e.Of, ID: e.Of}, now)
		}
	default:
	}
	return nil
}

func (r *realtime) responded(of *response, status string, now time.Time) {
	var err error
	switch status {
	case "cancelled":
		if !of.isAside {
			r.call.interrupt(of.turn, -1, now)
		}
		err = context.Canceled
	case "failed":
		if err = of.err; err == nil {
			err = &providerError{}
		}
	}
	r.finish(of, err, now)
}

// begin opens the stage of a response. One without an ID ends those before it.
func (r *realtime) begin(e *wire.Event, now time.Time) *response {
	for len(r.open) > 0 && (e.ID == "" || len(r.open) == maxResponses) {
		r.finish(r.open[0], nil, now)
	}
	of := &response{id: e.ID, isAside: e.Name == wire.Aside}
	c := r.call
	if !of.isAside {
		c.resulted(wire.Realtime)
	}
	started, isKnown := r.asked(e.Name, now)
	request := *r.request
	request.Stage = wire.Realtime
	if request.Output.Codec != "" {
		request.Format = request.Output
	}
	_, of.stage = c.openStage(c.sessionCtx, &vendorcall.Call{Request: &request, Start: started, IsUnderway: !isKnown}, now)
	r.open = append(r.open, of)
	of.Stage.Event(&wire.Event{Kind: wire.Requested, Request: &request})
	if !of.isAside {
		r.last = of.turn
		r.answered(of.stage)
	}
	if e.ID != "" {
		of.Stage.Event(&wire.Event{Kind: wire.Answered, ID: e.ID, Name: r.answers})
	}
	if r.requestID != "" {
		of.AddRequestID(r.requestID)
	}
	if r.sessionID != "" {
		of.SetAttributes(semconv.GenAIRealtimeSessionID(r.sessionID))
	}
	return of
}

// finish ends the stage of a response.
func (r *realtime) finish(of *response, err error, now time.Time) {
	r.open = slices.DeleteFunc(r.open, func(o *response) bool { return o == of })
	if len(r.over) == maxResponses {
		r.over = slices.Delete(r.over, 0, 1)
	}
	r.over, r.ended = append(r.over, of), now
	r.call.runTools(of.stage, now)
	of.isFailed = err != nil
	of.Stage.End(err)
	of.ended(now)
}
