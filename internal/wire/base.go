// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"slices"
	"time"
)

// A Base is the common part of decoders: the target, the request as far as it is known, and the
// report of events. A decoder embeds it.
type Base struct {
	Target  *Target
	Request Request

	report  Report
	event   Event // It is used again for each event, so that events are not allocated.
	isOther bool  // It is not of SendAudio.
	isAsked bool
	unknown Names
}

// NewBase returns the base of a decoder of one stage.
func NewBase(target *Target, stage Stage, report Report) Base {
	return Base{Target: target, Request: Request{Stage: stage, Provider: target.Provider}, report: report}
}

// Asks returns the request as far as it is known. Its stage and its provider are known from the start.
func (b *Base) Asks() *Request { return &b.Request }

// Send reports an event.
func (b *Base) Send(e Event) {
	b.event, b.isOther = e, true
	b.report(&b.event)
}

// SendAudio reports audio. It is Send without copies of an event, because most events of a connection are audio.
func (b *Base) SendAudio(kind Kind, data []byte, duration time.Duration, media Media) {
	if b.isOther {
		b.event = Event{}
	}
	b.isOther = false
	b.event.Kind, b.event.Data, b.event.Audio, b.event.Media = kind, data, duration, media
	b.report(&b.event)
}

// IsAsked reports whether Requested was reported, so that no more of the request is read.
func (b *Base) IsAsked() bool { return b.isAsked }

// Asked reports the request once.
func (b *Base) Asked() {
	if !b.isAsked {
		b.isAsked = true
		b.Send(Event{Kind: Requested, Request: &b.Request})
	}
}

// NotUnderstood reports a kind of bytes that cannot be read, once.
func (b *Base) NotUnderstood(kind string) {
	if b.unknown.Add(kind) {
		b.Send(Event{Kind: NotUnderstood, Name: kind})
	}
}

// maxNames is how many names a set keeps.
const maxNames = 64

// Names is a bounded set of names. A full set takes no more.
type Names []string

// Add adds a name, and reports whether it is new and the set was not full.
func (n *Names) Add(name string) bool {
	if len(*n) == maxNames || slices.Contains(*n, name) {
		return false
	}
	*n = append(*n, name)
	return true
}

// AddText adds a name as Add does. It allocates only for a new name.
func (n *Names) AddText(name []byte) bool {
	if slices.ContainsFunc(*n, func(known string) bool { return known == string(name) }) {
		return false
	}
	return n.Add(string(name))
}

// Set sets a text to one that is not empty, and reports whether it changed. It allocates only then.
func Set(to *string, text []byte) bool {
	if len(text) == 0 || string(text) == *to {
		return false
	}
	*to = string(text)
	return true
}

// A Failure is an error in a body, as far as it was read.
type Failure struct {
	// Class is the provider's code or type of the error.
	Class string
	// Message is the provider's text.
	Message string
	// Is is true if there was an error.
	Is bool
}

// Event returns the event that reports the failure.
func (f *Failure) Event() Event {
	return Event{Kind: Failed, Name: f.Class, Text: []byte(f.Message)}
}
