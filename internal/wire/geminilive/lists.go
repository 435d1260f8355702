// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package geminilive

import (
	"bytes"

	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/geminiusage"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// lists are the parts of a message that it has several of. They are used again for each message, so that
// messages are not allocated.
type lists struct {
	chunks   []chunk
	parts    []part
	calls    []call
	results  []result
	ids      []span // Of the calls that are taken back.
	isText   bool   // Answers are text.
	isVoice  bool
	usage    geminiusage.Counter
	hasUsage bool
	held     []byte // What spans are of.
	isFull   bool
}

// maxItems is how many elements of a list are read.
const maxItems = 64

// A span is a text in held.
type span struct {
	start, end int
	isOpen     bool // Pieces of it follow.
}

// A chunk is a piece of the user's audio. Of its data only the size is of interest.
type chunk struct {
	name   span // The mimeType.
	digits int  // Of base64.
}

// A part is one of an answer's content.
type part struct {
	name, data, text span
	isThought        bool
	hasData, hasText bool
}

type call struct{ id, name, arguments span }

type result struct {
	id       span
	isMore   bool // More results of the call follow.
	isSilent bool // The model is not to answer it.
	isError  bool
}

func (l *lists) reset() {
	*l = lists{
		chunks: l.chunks[:0], parts: l.parts[:0], calls: l.calls[:0], results: l.results[:0], ids: l.ids[:0],
		held: l.held[:0],
	}
}

// text returns the text of a span.
func (l *lists) text(s span) []byte { return l.held[s.start:s.end] }

// add adds a text, or a piece of one. A second value of the same name replaces the first.
func (l *lists) add(to *span, v *jsonscan.Value) {
	if !to.isOpen {
		*to = span{start: len(l.held), end: len(l.held)}
	}
	switch v.Kind {
	case jsonscan.String, jsonscan.Object: // An object is one of arguments.
		l.held = append(l.held, v.Text...)
	default:
	}
	to.end, to.isOpen = len(l.held), v.More
}

// value reads a value of a list.
func (c *connection) value(v *jsonscan.Value) {
	l := &c.lists
	if v.Field >= usageFields {
		l.hasUsage = l.usage.Read(v, usageFields)
		return
	}
	if v.Field < fields.MaxField || l.isFull {
		return
	}
	switch v.Field {
	case chunkBegin:
		l.chunks = grown(l, l.chunks, v)
	case partBegin:
		l.parts = grown(l, l.parts, v)
	case callBegin:
		l.calls = grown(l, l.calls, v)
	case resultBegin:
		l.results = grown(l, l.results, v)
	case cancelledID:
		l.ofCancelled(v)
	case modality:
		l.isText = l.isText || bytes.EqualFold(v.Text, []byte("TEXT"))
		l.isVoice = l.isVoice || bytes.EqualFold(v.Text, []byte("AUDIO"))
	case chunkType, chunkData:
		l.ofChunk(v)
	case partType, partData, partText, partThought:
		l.ofPart(v)
	case callID, callName, callArguments:
		l.ofCall(v)
	case resultID, resultMore, resultSchedule, resultError:
		l.ofResult(v)
	}
}

// grown appends an element to a list for an object that begins. After a list that is full, no more of the
// message's lists is read.
func grown[E any](l *lists, list []E, v *jsonscan.Value) []E {
	if v.Kind != jsonscan.Object {
		return list
	}
	if len(list) == maxItems {
		l.isFull = true
		return list
	}
	var zero E
	return append(list, zero)
}

func (l *lists) ofCancelled(v *jsonscan.Value) {
	if v.Kind == jsonscan.String && len(l.ids) < maxItems {
		l.ids = append(l.ids, span{})
		l.add(&l.ids[len(l.ids)-1], v)
	}
}

func (l *lists) ofChunk(v *jsonscan.Value) {
	if len(l.chunks) == 0 {
		return
	}
	k := &l.chunks[len(l.chunks)-1]
	switch v.Field {
	case chunkType:
		l.add(&k.name, v)
	case chunkData:
		k.digits += len(v.Text) - bytes.Count(v.Text, []byte("="))
	}
}

func (l *lists) ofPart(v *jsonscan.Value) {
	if len(l.parts) == 0 {
		return
	}
	p := &l.parts[len(l.parts)-1]
	switch v.Field {
	case partType:
		l.add(&p.name, v)
	case partData:
		p.hasData = true
		l.add(&p.data, v)
	case partText:
		p.hasText = true
		l.add(&p.text, v)
	case partThought:
		p.isThought = v.Kind == jsonscan.True
	}
}

func (l *lists) ofCall(v *jsonscan.Value) {
	if len(l.calls) == 0 {
		return
	}
	k := &l.calls[len(l.calls)-1]
	switch v.Field {
	case callID:
		l.add(&k.id, v)
	case callName:
		l.add(&k.name, v)
	case callArguments:
		l.add(&k.arguments, v)
	}
}

func (l *lists) ofResult(v *jsonscan.Value) {
	if len(l.results) == 0 {
		return
	}
	r := &l.results[len(l.results)-1]
	switch v.Field {
	case resultID:
		l.add(&r.id, v)
	case resultMore:
		r.isMore = v.Kind == jsonscan.True
	case resultSchedule:
		r.isSilent = string(v.Text) == "SILENT"
	case resultError:
		switch v.Kind {
		case jsonscan.Null, jsonscan.False:
		case jsonscan.String:
			r.isError = r.isError || len(v.Text) > 0
		default:
			r.isError = true
		}
	}
}
