// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package fields reads a JSON message and holds the values of its fields until the next message.
// A decoder needs them at once where the field that says what the message is may come last.
package fields

import (
	"bytes"
	"strconv"
	"sync"

	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// MaxField is how many field IDs a plan may use: 0 to MaxField-1.
const MaxField = 48

// A Plan is the fields that messages have. Make it with [NewPlan]. Connections share it, and with it the memory
// in which messages are read: with memory of its own for each of a thousand connections, most of the time of a
// message was spent on fetching that memory into the processor's cache. It is safe for concurrent use.
type Plan struct {
	readers sync.Pool
}

// NewPlan returns a plan of fields, whose IDs are less than [MaxField]. Values of other fields are not held.
func NewPlan(fields ...jsonscan.Field) *Plan {
	plan := jsonscan.NewPlan(fields...)
	return &Plan{readers: sync.Pool{New: func() any {
		r := new(reader)
		r.scanner = jsonscan.NewScanner(plan, r.value)
		return r
	}}}
}

// A Message reads the JSON messages of one connection. Use [New] to make one. It is not safe for concurrent use.
type Message struct {
	plan *Plan
	each func(*jsonscan.Value)
	*reader
}

// A reader reads a message and holds its values.
type reader struct {
	scanner *jsonscan.Scanner
	has     uint64          // A bit for each value that the message has.
	values  [MaxField]value // Those of earlier messages stay.
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

// maxShared is how many bytes of text a reader may have that is used again.
const maxShared = 64 << 10

// New returns a reader of the messages of a plan. Of a field that the message has several times, as
// in an array, the last value is held. each is called with every value, in the order of the
// message; it may be nil.
func New(plan *Plan, each func(*jsonscan.Value)) *Message { return &Message{plan: plan, each: each} }

// Read reads a message, and reports whether it is one JSON document. Its values are held until the next Read or
// Release.
func (m *Message) Read(data []byte) bool {
	if m.reader == nil {
		m.reader, _ = m.plan.readers.Get().(*reader)
		m.reader.each = m.each
	}
	return m.read(data)
}

// Release gives the memory of the message to other connections. The message has no values then.
func (m *Message) Release() {
	r := m.reader
	if r == nil {
		return
	}
	m.reader = nil
	if r.each = nil; cap(r.text) <= maxShared {
		m.plan.readers.Put(r)
	}
}

func (r *reader) read(data []byte) bool {
	r.has, r.text, r.ended = 0, r.text[:0], 0
	r.scanner.Reset()
	r.scanner.Scan(data)
	r.scanner.End()
	return r.ended == 1 && r.scanner.Complete()
}

func (r *reader) value(v *jsonscan.Value) {
	if v.Field == jsonscan.DocumentEnd {
		r.ended++
		return
	}
	if r.each != nil {
		r.each(v)
	}
	if v.Field < 0 || v.Field >= MaxField {
		return
	}
	h, bit := &r.values[v.Field], uint64(1)<<v.Field
	if r.has&bit == 0 || !h.isOpen {
		*h = value{start: uint32(len(r.text))}
	}
	r.has |= bit
	r.text = append(r.text, v.Text[:min(len(v.Text), maxText-len(r.text))]...)
	h.kind, h.end, h.isOpen = v.Kind, uint32(len(r.text)), v.More
	h.runes = uint32(min(v.Runes, maxText))
}

// of returns the value of a field. It is zero if the message does not have the field.
func (m *Message) of(field int) value {
	if m.reader == nil || m.has&(1<<field) == 0 {
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

// Text returns the text of a string or number, or nil. It is valid until the next Read or
// Release.
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
	if h.kind == 0 {
		return nil
	}
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
