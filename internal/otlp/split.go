// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"errors"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// The errors of [SplitRequest].
var (
	// ErrOneItem reports a request that has fewer than two items.
	ErrOneItem = errors.New("otlp: a request with fewer than two items cannot be split")
	// ErrInvalid reports a request that is not valid protobuf.
	ErrInvalid = errors.New("otlp: the request is not valid protobuf")
)

// Half is one part of a split request.
type Half struct {
	Request []byte
	Items   int // Spans, log records or data points.
}

// SplitRequest divides a request into two of about the same size, in the original order. Each
// half gets a copy of the resources, scopes, schema URLs, metrics and unknown fields around its
// items; containers without items stay in the first half. The halves do not share memory with
// the request.
func SplitRequest(request []byte, kind Kind) (first, second Half, err error) {
	levels := kind.levels()
	var sizes []int
	if !measure(request, levels, &sizes) {
		return Half{}, Half{}, ErrInvalid
	}
	if len(sizes) < 2 {
		return Half{}, Half{}, ErrOneItem
	}
	at := middle(sizes)
	first = Half{Request: (&cutter{to: at, empties: true}).cut(make([]byte, 0, len(request)/2), request, levels), Items: at}
	second = Half{Request: (&cutter{from: at, to: len(sizes)}).cut(make([]byte, 0, len(request)/2), request, levels), Items: len(sizes) - at}
	return first, second, nil
}

// measure appends the size of each item and reports whether b is valid.
func measure(b []byte, levels [][]protowire.Number, sizes *[]int) bool {
	for len(b) > 0 {
		_, number, value, size := next(b)
		if size < 0 {
			return false
		}
		b = b[size:]
		switch {
		case value == nil || !slices.Contains(levels[0], number):
		case len(levels) == 1:
			*sizes = append(*sizes, len(value))
		case !measure(value, levels[1:], sizes):
			return false
		}
	}
	return true
}

// middle returns the number of items in the first half: at least one, and not all.
func middle(sizes []int) int {
	total := 0
	for _, size := range sizes {
		total += size
	}
	sum := 0
	for i, size := range sizes {
		sum += size
		if 2*sum >= total {
			return min(i+1, len(sizes)-1)
		}
	}
	return len(sizes) - 1
}

// cutter copies the items from one index up to another.
type cutter struct {
	from, to int
	empties  bool // Also copy containers without items.
	index    int  // Index of the next item.
}

func (c *cutter) cut(dst, b []byte, levels [][]protowire.Number) []byte {
	for len(b) > 0 {
		raw, number, value, size := next(b)
		b = b[size:]
		if value == nil || !slices.Contains(levels[0], number) {
			dst = append(dst, raw...)
			continue
		}
		if len(levels) == 1 {
			if c.index >= c.from && c.index < c.to {
				dst = append(dst, raw...)
			}
			c.index++
			continue
		}
		n := count(value, levels[1:])
		switch {
		case n == 0:
			if c.empties {
				dst = append(dst, raw...)
			}
		case c.index+n <= c.from || c.index >= c.to: // None of its items.
			c.index += n
		case c.index >= c.from && c.index+n <= c.to: // All of its items.
			dst = append(dst, raw...)
			c.index += n
		default:
			dst = protowire.AppendTag(dst, number, protowire.BytesType)
			dst = protowire.AppendBytes(dst, c.cut(make([]byte, 0, len(value)), value, levels[1:]))
		}
	}
	return dst
}
