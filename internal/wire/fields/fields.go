// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package fields reads a JSON message and holds the values of its fields until the next message.
// A decoder needs them at once where the field that says what the message is may come last.
package fields

import (
	"bytes"
	"strconv"

	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// MaxField is how many field IDs a plan may use: 0 to MaxField-1.
const MaxField = 48

// A Message reads JSON messages. Use [New] to make one. It is used again for each message, so that
// messages are not allocated.
type Message struct {
	scanner *jsonscan.Scanner
	has     uint64          // A bit for each value that the message has.
	values  [MaxField]value // Those of earlier messages stay: a thousand connections share the processor's cache.
	text    []byte
	ended   int // How many documents have ended.
	each    func(*jsonscan.Value)
}

type value struct {
	start, end uint32 // In text.
	runes      uint32
	kind       jsonscan.Kind
	isOpen     bool // Pieces of the value follow.
}

// maxText is how many bytes of text a message holds. Decoders get messages of 1 MiB at most, except from programs
// that pass messages themselves.
const maxText = 1 << 30

// New returns a reader of the fields of a plan. Of a field that the message has several times, as
// in an array, the last value is held. each is called with every value, in the order of the
// message; it may be nil.
func New(plan *jsonscan.Plan, each func(*jsonscan.Value)) *Message {
	m := &Message{each: each}
	m.scanner = jsonscan.NewScanner(plan, m.value)
	return m
}

// Read reads a message, and reports whether it is one JSON document.
func (m *Message) Read(data []byte) bool {
	m.has, m.text, m.ended = 0, m.text[:0], 0
	m.scanner.Reset()
	m.scanner.Scan(data)
	m.scanner.End()
	return m.ended == 1 && m.scanner.Complete()
}

func (m *Message) value(v *jsonscan.Value) {
	if v.Field == jsonscan.DocumentEnd {
		m.ended++
		return
	}
	if m.each != nil {
		m.each(v)
	}
	if v.Field < 0 || v.Field >= MaxField {
		return
	}
	h, bit := &m.values[v.Field], uint64(1)<<v.Field
	if m.has&bit == 0 || !h.isOpen {
		*h = value{start: uint32(len(m.text))}
	}
	m.has |= bit
	m.text = append(m.text, v.Text[:min(len(v.Text), maxText-len(m.text))]...)
	h.kind, h.end, h.isOpen = v.Kind, uint32(len(m.text)), v.More
	h.runes = uint32(min(v.Runes, maxText))
}

// of returns the value of a field. It is zero if the message does not have the field.
func (m *Message) of(field int) value {
	if m.has&(1<<field) == 0 {
		return value{}
	}
	return m.values[field]
}

// Has reports whether the message has a field that is not null.
func (m *Message) Has(field int) bool {
	k := m.of(field).kind
	return k != 0 && k != jsonscan.Null
}

// Kind returns the kind of a field's value, or 0.
func (m *Message) Kind(field int) jsonscan.Kind { return m.of(field).kind }

// Text returns the text of a string or number, or nil. It is valid until the next Read.
func (m *Message) Text(field int) []byte {
	h := m.of(field)
	if h.kind != jsonscan.String && h.kind != jsonscan.Number {
		return nil
	}
	return m.text[h.start:h.end]
}

// Raw returns the value as it was held, whatever its kind.
func (m *Message) Raw(field int) []byte {
	h := m.of(field)
	return m.text[h.start:h.end]
}

// Runes returns how many code points a string has.
func (m *Message) Runes(field int) int { return int(m.of(field).runes) }

// Is reports whether a field is the string s.
func (m *Message) Is(field int, s string) bool {
	return m.of(field).kind == jsonscan.String && string(m.Text(field)) == s
}

// True reports whether a field is true.
func (m *Message) True(field int) bool { return m.of(field).kind == jsonscan.True }

// Float returns a number, also one in a string, and whether it is one.
func (m *Message) Float(field int) (float64, bool) {
	text := m.Text(field)
	if len(text) == 0 || len(text) > 32 {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(bytes.TrimSpace(text)), 64)
	return f, err == nil && f-f == 0 // Neither infinite nor NaN.
}

// Int returns a whole number, also one in a string, and whether it is one.
func (m *Message) Int(field int) (int64, bool) {
	f, ok := m.Float(field)
	if !ok || f < -1<<53 || f > 1<<53 || f != float64(int64(f)) {
		return 0, false
	}
	return int64(f), true
}
