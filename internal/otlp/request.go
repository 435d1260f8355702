// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Kind is the kind of items in a request.
//
// The three signals nest alike: request (field 1) → resource (field 2) → scope (field 2) →
// item. An item is a span or a log record. A metric holds its data points in one of five
// data fields, and the point is the unit that is counted and split.
type Kind int

// The kinds of requests.
const (
	Items  Kind = iota // Spans or log records.
	Points             // Metric data points.
)

// levels returns, from the outside in, the field numbers that lead to the next level.
func (k Kind) levels() [][]protowire.Number {
	if k == Points {
		return metricLevels
	}
	return itemLevels
}

var (
	itemLevels   = [][]protowire.Number{{1}, {2}, {2}}
	metricLevels = [][]protowire.Number{{1}, {2}, {2}, {5, 7, 9, 10, 11}, {1}}
)

// CountItems returns the number of spans, log records or data points in a request, up to the
// first byte that is not valid protobuf.
func CountItems(request []byte, kind Kind) int { return count(request, kind.levels()) }

func count(b []byte, levels [][]protowire.Number) (n int) {
	if len(levels) == 0 {
		return 1
	}
	for len(b) > 0 {
		_, number, value, size := next(b)
		if size < 0 {
			return n
		}
		b = b[size:]
		if value != nil && slices.Contains(levels[0], number) {
			n += count(value, levels[1:])
		}
	}
	return n
}

// EachField calls found with the value of each length-delimited field with the number, up to the
// first byte that is not valid protobuf.
func EachField(b []byte, number protowire.Number, found func(value []byte)) {
	for len(b) > 0 {
		_, num, value, size := next(b)
		if size < 0 {
			return
		}
		b = b[size:]
		if value != nil && num == number {
			found(value)
		}
	}
}

// next reads one field: its bytes, its number, and its value, which is nil unless the field is
// length-delimited. The size is negative if the field is invalid.
func next(b []byte) (raw []byte, number protowire.Number, value []byte, size int) {
	number, kind, tag := protowire.ConsumeTag(b)
	if tag < 0 {
		return nil, 0, nil, tag
	}
	if kind == protowire.BytesType {
		value, n := protowire.ConsumeBytes(b[tag:])
		if n < 0 {
			return nil, 0, nil, n
		}
		return b[: tag+n : tag+n], number, slices.Clip(value), tag + n
	}
	n := protowire.ConsumeFieldValue(number, kind, b[tag:])
	if n < 0 {
		return nil, 0, nil, n
	}
	return b[: tag+n : tag+n], number, nil, tag + n
}
