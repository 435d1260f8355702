// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package synthesis

import (
	"bytes"
	"slices"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/payload"
)

// The limits of what is kept of a connection's contexts.
const (
	maxContexts = 32
	maxName     = 128 // Bytes of a name.
)

// Contexts reports the texts that are spoken on one connection. Each context is a text that is spoken as
// a whole. The oldest context is dropped if there are more than 32. Use [NewContexts] to make one.
type Contexts struct {
	base    *wire.Base
	list    []*Context // The oldest is first.
	current *Context   // Of the audio that is decoded.
	base64  payload.Base64
	decoded func([]byte)
}

// A Context is a text that is spoken as a whole.
type Context struct {
	// Of is the name of the context.
	Of string
	// IsFlushed is true if the provider was asked to speak all text that was sent.
	IsFlushed bool

	format    wire.Format
	isAsked   bool // Requested was reported.
	isOver    bool // Ended or Cleared was reported, or an error.
	hasFormat bool // AudioFormat was reported.
}

// NewContexts returns the contexts of a decoder's connection.
func NewContexts(base *wire.Base) *Contexts {
	c := &Contexts{base: base}
	c.decoded = c.audio // Made once, because each method value is allocated.
	return c
}

// Text reads a piece of text that is sent, with its length in code points. A context begins with its
// first text that is not blank: a blank one opens the context at the provider, which speaks nothing.
// The request is that of the decoder's base.
func (c *Contexts) Text(name, text []byte, characters int) {
	x := c.find(name)
	if x == nil || x.isOver {
		if len(bytes.TrimSpace(text)) == 0 {
			return
		}
		x = c.add(name)
	}
	if !x.isAsked {
		x.isAsked, x.format = true, c.base.Request.Format
		c.base.Send(wire.Event{Kind: wire.Requested, Of: x.Of, Request: &c.base.Request})
	}
	if characters == 0 {
		return
	}
	x.IsFlushed = false
	e := wire.Event{Kind: wire.TextSent, Of: x.Of, Characters: characters}
	if c.base.Target.Content {
		e.Text = text
	}
	c.base.Send(e)
}

// Audio reads audio in base64. The audio of a context that has ended or was given up is not reported.
func (c *Contexts) Audio(name, text []byte) {
	x := c.Find(name)
	if x == nil {
		if c.find(name) == nil {
			c.base.NotUnderstood("event")
		}
		return
	}
	c.current = x
	if !c.base64.Decode(text, c.decoded) {
		c.base.NotUnderstood("base64")
	}
}

// Bytes reads audio that is not in base64.
func (c *Contexts) Bytes(name, audio []byte) {
	if x := c.Find(name); x != nil && len(audio) > 0 {
		c.current = x
		c.audio(audio)
	}
}

func (c *Contexts) audio(p []byte) {
	x := c.current
	if !x.hasFormat {
		x.hasFormat = true
		if x.format != (wire.Format{}) {
			c.base.Send(wire.Event{Kind: wire.AudioFormat, Of: x.Of, Format: x.format})
		}
	}
	c.base.Send(wire.Event{Kind: wire.Audio, Of: x.Of, Data: p, Audio: payload.Duration(x.format, len(p))})
}

// End reports that all audio of a context was received.
func (c *Contexts) End(name []byte) { c.over(c.Find(name), wire.Ended) }

// Clear reports that the program gave up a context.
func (c *Contexts) Clear(name []byte) { c.over(c.Find(name), wire.Cleared) }

// ClearAll reports that the program gave up all contexts.
func (c *Contexts) ClearAll() {
	for _, x := range c.list {
		if !x.isOver {
			c.over(x, wire.Cleared)
		}
	}
}

func (c *Contexts) over(x *Context, kind wire.Kind) {
	if x != nil {
		x.isOver = true
		c.base.Send(wire.Event{Kind: kind, Of: x.Of})
	}
}

// Fail reports an error. It ends the context, if the error is one of a context.
func (c *Contexts) Fail(name []byte, class, message string) {
	e := wire.Event{Kind: wire.Failed, Name: class, Text: []byte(message)}
	if len(name) > 0 {
		if x := c.Find(name); x != nil {
			x.isOver, e.Of = true, x.Of
		}
	}
	c.base.Send(e)
}

// Find returns the open context that a message belongs to, or nil. A message without a name belongs to
// the only open context. A name that was not sent is that of the open context without a name: the
// provider gives it one.
func (c *Contexts) Find(name []byte) *Context {
	if x := c.find(name); x != nil {
		if x.isOver {
			return nil
		}
		return x
	}
	var only *Context
	open := 0
	for _, x := range c.list {
		switch {
		case x.isOver:
		case x.Of == "":
			return x
		default:
			only = x
			open++
		}
	}
	if len(name) == 0 && open == 1 {
		return only
	}
	return nil
}

// find returns the newest context of a name, or nil.
func (c *Contexts) find(name []byte) *Context {
	name = name[:min(len(name), maxName)]
	for _, x := range slices.Backward(c.list) {
		if x.Of == string(name) {
			return x
		}
	}
	return nil
}

// add opens a context. A context whose name is used again takes the place of the one before.
func (c *Contexts) add(name []byte) *Context {
	if old := c.find(name); old != nil {
		*old = Context{Of: old.Of}
		return old
	}
	x := &Context{Of: string(name[:min(len(name), maxName)])}
	if len(c.list) == maxContexts {
		copy(c.list, c.list[1:])
		c.list[len(c.list)-1] = x
		return x
	}
	c.list = append(c.list, x)
	return x
}
