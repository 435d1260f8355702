// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package gemini

import (
	"bytes"
	"net/http"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/geminiusage"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
)

// generate decodes a request to generate content.
type generate struct {
	wire.Base

	sent      *jsonscan.Scanner
	body      *body.Reader
	stray     *jsonscan.Scanner // See Received. Nil before it is used.
	isEvents  bool              // The response is server-sent events.
	inLine    bool              // The last byte of the response did not end a line.
	id, model string
	isNew     bool // The ID or the model was not reported.
	finishes  wire.Names
	finish    []byte // It is used again for each reason.

	// Of the current document.
	hasCandidates, hasAnswer bool
	part                     part
	usage                    geminiusage.Counter
	failure                  wire.Failure
}

// A part is what is known of the current part of a candidate's content.
type part struct {
	hasAnswer, isThought bool
	text                 []byte // At most jsonscan.MaxRaw bytes, and empty without content.
	hasTool              bool
	toolID, toolName     string
	arguments            []byte // As text.
}

func newGenerate(target *wire.Target, report wire.Report) *generate {
	g := &generate{Base: wire.NewBase(target, wire.LLM, report)}
	plan := plainRequest
	if target.Content {
		plan = contentRequest
	}
	g.sent = jsonscan.NewScanner(plan, g.asked)
	g.body = body.NewReader(response, g)
	return g
}

func (g *generate) asked(v *jsonscan.Value) {
	switch v.Field {
	case askTemperature:
		g.Request.Temperature = v.Float()
	case askTopP:
		g.Request.TopP = v.Float()
	case askMaxTokens:
		g.Request.MaxTokens = v.Int()
	case askContents:
		g.Request.Messages = append([]byte(nil), v.Text...)
	case askSystem:
		g.Request.System = append([]byte(nil), v.Text...)
	}
}

// Sent reads a piece of the request.
func (g *generate) Sent(p []byte) {
	if !g.IsAsked() {
		g.sent.Scan(p)
	}
}

// SentAll reports the request.
func (g *generate) SentAll() {
	if g.IsAsked() {
		return
	}
	g.Asked()
	if g.sent.Broken() {
		g.NotUnderstood("json")
	}
}

// Answered begins to read the response. A server may answer before it has read the request.
func (g *generate) Answered(_ int, h http.Header) {
	g.SentAll()
	g.isEvents = g.body.Begin(h, body.Unknown) == body.Events && h.Get("Content-Encoding") == ""
}

// Received reads a piece of the response. When the model fails in the middle of server-sent events,
// the API sends the error as a document between the events, without "data:" before its lines. Such
// a document begins with a brace at the start of a line, where no event has one.
func (g *generate) Received(p []byte) {
	if g.isEvents && g.stray == nil && len(p) > 0 {
		if i := g.strayAt(p); i >= 0 {
			g.body.Read(p[:i])
			p = p[i:]
			g.stray = jsonscan.NewScanner(response, g.strayValue)
		} else {
			g.inLine = p[len(p)-1] != '\n'
		}
	}
	if g.stray != nil {
		g.stray.Scan(p)
		return
	}
	g.body.Read(p)
}

// strayAt returns the index of a line that begins with a brace, or -1.
func (g *generate) strayAt(p []byte) int {
	if p[0] == '{' && !g.inLine {
		return 0
	}
	if i := bytes.Index(p, []byte("\n{")); i >= 0 {
		return i + 1
	}
	return -1
}

func (g *generate) strayValue(v *jsonscan.Value) {
	if v.Field == jsonscan.DocumentEnd {
		g.Document(nil)
		return
	}
	g.Value(v)
}

// ReceivedAll reads the end of the response.
func (g *generate) ReceivedAll() {
	if g.stray != nil && !g.stray.Complete() {
		g.NotUnderstood("event")
	}
	g.body.End()
}

// Value reads a value of the response.
func (g *generate) Value(v *jsonscan.Value) {
	switch v.Field {
	case responseID:
		g.isNew = v.Kind == jsonscan.String && wire.Set(&g.id, v.Text) || g.isNew
	case modelVersion:
		g.isNew = v.Kind == jsonscan.String && wire.Set(&g.model, v.Text) || g.isNew
	case candidateBegin:
		g.endPart()
		g.hasCandidates = true
	case partBegin:
		g.endPart()
	case partText, partThought, partData, toolID, toolName, toolArguments:
		g.inPart(v)
	case finishReason:
		g.finished(v, v.Index[0])
	case blockReason:
		g.finished(v, 0)
	case errorBegin, errorCode, errorStatus, errorMessage:
		g.failed(v)
	default:
		g.usage.Read(v, usageFields)
	}
}

func (g *generate) inPart(v *jsonscan.Value) {
	p := &g.part
	switch v.Field {
	case partText:
		if v.Kind != jsonscan.String || len(v.Text) == 0 {
			return
		}
		p.hasAnswer = true
		if g.Target.Content {
			p.text = append(p.text, v.Text[:min(len(v.Text), jsonscan.MaxRaw-len(p.text))]...)
		}
	case partThought:
		p.isThought = v.Kind == jsonscan.True
	case partData: // Speech or an image.
		p.hasAnswer = p.hasAnswer || v.Kind == jsonscan.Object
	case toolID:
		wire.Set(&p.toolID, v.Text)
	case toolName:
		p.hasTool = wire.Set(&p.toolName, v.Text) || p.hasTool
	case toolArguments:
		if g.Target.Content {
			p.arguments = append(p.arguments[:0], v.Text...)
		}
	}
}

// endPart reports a part when the whole of it is known, since the API sends "thought" after the
// text that is one.
func (g *generate) endPart() {
	p := &g.part
	if p.hasAnswer && !p.isThought {
		g.hasAnswer = true
		if len(p.text) > 0 {
			g.Send(wire.Event{Kind: wire.Answer, Text: p.text})
		}
	}
	if p.hasTool {
		g.Send(wire.Event{Kind: wire.ToolCalled, ID: p.toolID, Name: p.toolName})
		if len(p.arguments) > 0 {
			g.Send(wire.Event{Kind: wire.ToolArguments, Text: p.arguments})
		}
	}
	g.part = part{text: p.text[:0], arguments: p.arguments[:0]}
}

// finished reports a reason. Some models send it in each chunk.
func (g *generate) finished(v *jsonscan.Value, candidate int) {
	if v.Kind != jsonscan.String || len(v.Text) == 0 {
		return
	}
	g.finish = append(append(g.finish[:0], byte(candidate)), v.Text...)
	if g.finishes.AddText(g.finish) {
		g.endPart()
		g.Send(wire.Event{Kind: wire.Finished, Name: string(v.Text)})
	}
}

func (g *generate) failed(v *jsonscan.Value) {
	f := &g.failure
	switch v.Field {
	case errorBegin:
		f.Is = f.Is || v.Kind == jsonscan.Object || v.Kind == jsonscan.String
		if v.Kind == jsonscan.String {
			f.Message = string(v.Text)
		}
	case errorCode: // The status, if there is one, is more exact.
		if f.Class == "" {
			wire.Set(&f.Class, v.Text)
		}
	case errorStatus:
		if v.Kind == jsonscan.String {
			wire.Set(&f.Class, v.Text)
		}
	case errorMessage:
		if v.Kind == jsonscan.String {
			wire.Set(&f.Message, v.Text)
		}
	}
}

// Document reports what the whole document says. Most documents are chunks of a stream.
func (g *generate) Document([]byte) {
	g.endPart()
	if g.isNew {
		g.Send(wire.Event{Kind: wire.Answered, ID: g.id, Name: g.model})
	}
	if g.Request.Stream && g.hasCandidates {
		kind := wire.Chunk
		if g.hasAnswer {
			kind = wire.Token
		}
		g.Send(wire.Event{Kind: kind})
	}
	if u := g.usage.Counts().Usage(); u != (llmreport.Usage{}) {
		g.Send(wire.Event{Kind: wire.Used, Usage: u})
	}
	if g.failure.Is {
		g.Send(g.failure.Event())
	}
	g.isNew, g.hasCandidates, g.hasAnswer, g.usage, g.failure = false, false, false, geminiusage.Counter{}, wire.Failure{}
}

// Done reads "[DONE]", which the API does not send.
func (g *generate) Done() {}

// Audio reports that the response is no audio. Speech is in its parts.
func (g *generate) Audio([]byte) { g.NotUnderstood("content") }
