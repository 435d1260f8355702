// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// EachItem calls found with each span, log record or data point of a request, in order, up to the
// first byte that is not valid protobuf. The item is a part of the request.
func EachItem(request []byte, kind Kind, found func(item []byte)) {
	eachItem(request, kind.levels(), found)
}

func eachItem(b []byte, levels [][]protowire.Number, found func(item []byte)) {
	for len(b) > 0 {
		_, number, value, size := next(b)
		if size < 0 {
			return
		}
		b = b[size:]
		switch {
		case value == nil || !slices.Contains(levels[0], number):
		case len(levels) == 1:
			found(value)
		default:
			eachItem(value, levels[1:], found)
		}
	}
}

// FilterRequest returns a request with the items for which keep is true, given their index. The
// resources, scopes, schema URLs and unknown fields around them are copied. Those without items
// are left out. The result does not share memory with the request. It fails with [ErrInvalid]
// if the request is not valid protobuf.
func FilterRequest(request []byte, kind Kind, keep func(index int) bool) ([]byte, error) {
	var sizes []int
	if !measure(request, kind.levels(), &sizes) {
		return nil, ErrInvalid
	}
	f := filter{keep: keep}
	filtered, _ := f.append(nil, request, kind.levels())
	return filtered, nil
}

// filter copies the items to keep.
type filter struct {
	keep  func(index int) bool
	index int // Of the next item.
}

// append returns the number of items that it copied, too.
func (f *filter) append(dst, b []byte, levels [][]protowire.Number) (_ []byte, kept int) {
	for len(b) > 0 {
		raw, number, value, size := next(b)
		b = b[size:]
		switch {
		case value == nil || !slices.Contains(levels[0], number):
			dst = append(dst, raw...)
		case len(levels) == 1:
			if f.keep(f.index) {
				dst = append(dst, raw...)
				kept++
			}
			f.index++
		default:
			if inner, n := f.append(nil, value, levels[1:]); n > 0 {
				dst = protowire.AppendTag(dst, number, protowire.BytesType)
				dst = protowire.AppendBytes(dst, inner)
				kept += n
			}
		}
	}
	return dst, kept
}
