// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"bytes"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/errorbody"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// The fields of a response, and of the events of its stream.
const (
	respID = iota
	respModel
	respStatus
	respReason
	respType
	respDelta
	respItem
	respItemType
	respItemName
	respItemID
	respCallID
	respItemPlace
	respItemInput
	respPart
	respPartType
	respText
)

var (
	respRequest        = requestPlan(false)
	respContentRequest = requestPlan(
		true,
		jsonscan.Field{Path: "input", ID: askMessages, Mode: jsonscan.Raw},
		jsonscan.Field{Path: "instructions", ID: askSystem, Mode: jsonscan.Raw},
	)
	respResponse = respPlan(false)
	respContent  = respPlan(true)
)

// respPlan returns the plan of a response. The inputs of tools are read only if they are wanted.
func respPlan(content bool) *jsonscan.Plan {
	fields := append(
		usageFields("response.usage", "usage"),
		// Of an event.
		jsonscan.Field{Path: "type", ID: respType},
		jsonscan.Field{Path: "delta", ID: respDelta, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "response.id", ID: respID},
		jsonscan.Field{Path: "response.model", ID: respModel},
		jsonscan.Field{Path: "response.status", ID: respStatus},
		jsonscan.Field{Path: "response.incomplete_details.reason", ID: respReason},
		jsonscan.Field{Path: "response.error", ID: errorbody.Begin, Mode: jsonscan.Begin},
		jsonscan.Field{Path: "response.error.code", ID: errorbody.Code},
		jsonscan.Field{Path: "response.error.message", ID: errorbody.Message},
		// Of a response that is not streamed.
		jsonscan.Field{Path: "id", ID: respID},
		jsonscan.Field{Path: "model", ID: respModel},
		jsonscan.Field{Path: "status", ID: respStatus},
		jsonscan.Field{Path: "incomplete_details.reason", ID: respReason},
		jsonscan.Field{Path: "output.*.content.*", ID: respPart, Mode: jsonscan.Begin},
		jsonscan.Field{Path: "output.*.content.*.type", ID: respPartType},
		jsonscan.Field{Path: "output.*.content.*.text", ID: respText, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "output.*.content.*.refusal", ID: respText, Mode: jsonscan.Pieces},
	)
	for _, path := range []string{"item", "output.*"} {
		fields = append(fields, itemFields(path, content)...)
	}
	return errorbody.Plan(fields...)
}

// maxPending is how many bytes of a delta are kept until the type of its event is known.
const maxPending = 4 << 10

// responses decodes a response.
type responses struct {
	exchange

	id, model string
	isNew     bool // The ID or the model was not reported.
	calls     toolCalls
	inputs    wire.Names // The IDs of the calls whose input was reported.
	finishes  wire.Names
	usage     usageReader

	// Of the current document.
	kind     [64]byte // The type of the event.
	kindSize int
	hasText  bool // It has a delta that is not empty.
	pending  []byte
	state    []byte // The status of the response.
	reason   []byte

	item     item
	partType []byte // Of the current part of the item.
}

func newResponses(target *wire.Target, report wire.Report) *responses {
	r := &responses{exchange: newExchange(target, wire.LLM, report)}
	asked, response := respRequest, respResponse
	if target.Content {
		asked, response = respContentRequest, respContent
	}
	r.sent = jsonscan.NewScanner(asked, r.asked)
	r.body = body.NewReader(response, r)
	return r
}

// Value reads a value of the response.
func (r *responses) Value(v *jsonscan.Value) {
	switch v.Field {
	case respID:
		r.isNew = set(&r.id, v.Text) || r.isNew
	case respModel:
		r.isNew = set(&r.model, v.Text) || r.isNew
	case respStatus:
		keep(&r.state, v)
	case respReason:
		keep(&r.reason, v)
	case respType:
		r.kindSize = copy(r.kind[:], v.Text)
	case respDelta:
		r.delta(v)
	case respItem:
		r.endItem()
		r.answered()
	case respItemType, respItemName, respItemID, respCallID, respItemPlace, respItemInput:
		r.item.read(v)
	case respPart:
		r.partType = r.partType[:0]
	case respPartType:
		keep(&r.partType, v)
	case respText:
		r.text(v)
	default:
		if !r.usage.read(v) {
			r.failure.Read(v, r.status)
		}
	}
}

// keep copies a text that is used when the document or the item ends.
func keep(to *[]byte, v *jsonscan.Value) {
	if v.Kind == jsonscan.String {
		*to = append((*to)[:0], v.Text...)
	}
}

// event returns the type of the current event, from the document or from the stream.
func (r *responses) event() []byte {
	if r.kindSize > 0 {
		return r.kind[:r.kindSize]
	}
	return r.body.Event()
}

// isText reports whether the deltas of a type of events hold the answer's text.
func isText(event []byte) bool {
	switch string(event) {
	case "response.output_text.delta", "response.refusal.delta", "response.audio.transcript.delta", "response.output_audio_transcript.delta":
		return true
	}
	return false
}

// isAnswer reports whether the deltas of a type of events hold the answer.
func isAnswer(event []byte) bool {
	switch string(event) {
	case "response.audio.delta", "response.output_audio.delta":
		return true
	}
	return isText(event)
}

// delta reads a piece of a delta. Servers that name the type behind the delta usually name the event
// before it, but a server may do neither.
func (r *responses) delta(v *jsonscan.Value) {
	if v.Kind != jsonscan.String || len(v.Text) == 0 {
		return
	}
	r.hasText = true
	if !r.Target.Content {
		return
	}
	switch event := r.event(); {
	case len(event) == 0:
		r.pending = append(r.pending, v.Text[:min(len(v.Text), maxPending-len(r.pending))]...)
	case isText(event):
		r.Send(wire.Event{Kind: wire.Answer, Text: v.Text})
	}
}

// text reads a piece of the text of a response that is not streamed.
func (r *responses) text(v *jsonscan.Value) {
	isThought := bytes.HasPrefix(r.item.kind, []byte("reasoning")) || bytes.HasPrefix(r.partType, []byte("reasoning"))
	if r.Target.Content && !isThought && v.Kind == jsonscan.String && len(v.Text) > 0 {
		r.Send(wire.Event{Kind: wire.Answer, Text: v.Text})
	}
}

func (r *responses) answered() {
	if r.isNew {
		r.isNew = false
		r.Send(wire.Event{Kind: wire.Answered, ID: r.id, Name: r.model})
	}
}

// Document reports what the whole document says: an event of the stream, or the response. Each event is
// a chunk, as it is for a program that reads the stream through OpenAI's SDK.
func (r *responses) Document([]byte) {
	event := r.event()
	r.answered()
	if len(r.pending) > 0 && isText(event) {
		r.Send(wire.Event{Kind: wire.Answer, Text: r.pending})
	}
	r.failure.IsDocument = r.failure.IsDocument || string(event) == "error"
	if r.isEvent && string(event) != "keepalive" && !r.failure.Is(r.status) {
		kind := wire.Chunk
		if r.hasText && isAnswer(event) {
			kind = wire.Token
		}
		r.Send(wire.Event{Kind: kind})
	}
	r.endItem()
	r.finished()
	r.usage.end(&r.Base)
	r.fail()
	switch string(event) {
	case "response.completed", "response.incomplete", "response.failed", "response.done":
		r.end()
	}
	r.kindSize, r.hasText, r.pending, r.state, r.reason = 0, false, r.pending[:0], r.state[:0], r.reason[:0]
}

// finished reports why the response ended: the reason why it is incomplete, or else its status.
func (r *responses) finished() {
	reason := r.reason
	switch string(r.state) {
	case "completed", "failed", "cancelled", "incomplete":
	default: // "queued", "in_progress".
		return
	}
	if len(reason) == 0 {
		reason = r.state
	}
	if r.finishes.Add(string(reason)) {
		r.Send(wire.Event{Kind: wire.Finished, Name: string(reason)})
	}
}
