// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonenctest

import (
	"encoding/binary"
	"math"

	"go.opentelemetry.io/otel/attribute"
)

// Source turns fuzzed bytes into values. When the bytes are used up it yields
// zeros, so that every input makes something.
type Source struct{ data []byte }

// NewSource returns a source that reads data.
func NewSource(data []byte) *Source { return &Source{data: data} }

// Empty reports whether the bytes are used up.
func (s *Source) Empty() bool { return len(s.data) == 0 }

// Byte returns the next byte.
func (s *Source) Byte() byte {
	if s.Empty() {
		return 0
	}
	b := s.data[0]
	s.data = s.data[1:]
	return b
}

// Int64 returns the next integer.
func (s *Source) Int64() int64 {
	var b [8]byte
	s.data = s.data[copy(b[:], s.data):]
	return int64(binary.LittleEndian.Uint64(b[:]))
}

// Float64 returns the next float, of any bits.
func (s *Source) Float64() float64 { return math.Float64frombits(uint64(s.Int64())) }

// Text returns the next text of at most 15 bytes, valid UTF-8 or not.
func (s *Source) Text() string {
	n := min(int(s.Byte()&0xF), len(s.data))
	text := string(s.data[:n])
	s.data = s.data[n:]
	return text
}

// Value returns the next value: of any type, nested as deep as the bytes reach.
func (s *Source) Value() attribute.Value {
	switch attribute.Type(s.Byte() % 12) {
	case attribute.BOOL:
		return attribute.BoolValue(s.Byte()&1 == 1)
	case attribute.INT64:
		return attribute.Int64Value(s.Int64())
	case attribute.FLOAT64:
		return attribute.Float64Value(s.Float64())
	case attribute.STRING:
		return attribute.StringValue(s.Text())
	case attribute.BOOLSLICE:
		return attribute.BoolSliceValue(list(s, func() bool { return s.Byte()&1 == 1 }))
	case attribute.INT64SLICE:
		return attribute.Int64SliceValue(list(s, s.Int64))
	case attribute.FLOAT64SLICE:
		return attribute.Float64SliceValue(list(s, s.Float64))
	case attribute.STRINGSLICE:
		return attribute.StringSliceValue(list(s, s.Text))
	case attribute.BYTESLICE:
		return attribute.ByteSliceValue([]byte(s.Text()))
	case attribute.SLICE:
		return attribute.SliceValue(list(s, s.Value)...)
	case attribute.MAP:
		return attribute.MapValue(list(s, func() attribute.KeyValue {
			return attribute.KeyValue{Key: attribute.Key(s.Text()), Value: s.Value()}
		})...)
	}
	return attribute.Value{}
}

// list reads up to seven elements.
func list[T any](s *Source, next func() T) []T {
	elements := make([]T, 0, 7)
	for n := s.Byte() & 7; n > 0 && !s.Empty(); n-- {
		elements = append(elements, next())
	}
	return elements
}
