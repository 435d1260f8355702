// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
)

// maxCounted is the size in bytes above which a damaged payload is not counted again.
const maxCounted = 8 << 20

// damagedItems counts the items in a part of a segment that has no valid record. It returns at least
// 1, unless all records in the part were delivered.
func (s *scanner) damagedItems(from, to int64) (items int) {
	for at := from; at < to && s.tries <= 2*maxTries; s.tries++ {
		end, n := s.damagedRecord(at, to)
		items += n
		at = end
	}
	return items
}

// damagedRecord returns the end of a damaged record and its number of items. The number is that of
// the payload if the payload is complete, else that of the header if it is plausible, else 1.
func (s *scanner) damagedRecord(at, to int64) (end int64, items int) {
	h, ok := s.header(at)
	if !ok {
		return to, 1
	}
	fits := h.length <= MaxPayload && at+h.size() <= to && (at+h.size() == to || s.marked(at+h.size()))
	switch {
	case fits:
		end = at + h.size()
	default:
		end = s.nextMarker(at+1, to)
		if !h.marked {
			return end, 1
		}
	}
	if h.done {
		return end, 0
	}
	if n := end - at - HeaderSize; n > 0 && n <= maxCounted {
		payload := make([]byte, n)
		if _, err := s.file.ReadAt(payload, at+HeaderSize); err == nil {
			if n, ok := s.countWhole(payload, h.gzipped); ok && n > 0 {
				return end, n
			}
		}
	}
	// An item takes at least two bytes, and gzip compresses by a factor of at most 1,032.
	most := h.length / 2
	if h.gzipped {
		most = h.length * 1032 / 2
	}
	if h.length <= MaxPayload && h.items > 0 && h.items <= max(most, 1) {
		return end, h.items
	}
	return end, 1
}

// marked reports whether a marker is at an offset. It does not move the scanner's window, because the
// offset may be far away.
func (s *scanner) marked(offset int64) bool {
	var b [markerSize]byte
	n, err := s.file.ReadAt(b[:], offset)
	return n == len(b) && (err == nil || errors.Is(err, io.EOF)) && bytes.Equal(b[:], Marker)
}

// countWhole counts the items of a request. It returns false if the request is incomplete, or if
// decompression has reached MaxPayload bytes: a crafted file may decompress to gigabytes.
func (s *scanner) countWhole(payload []byte, gzipped bool) (int, bool) {
	if gzipped {
		r, err := gzip.NewReader(bytes.NewReader(payload))
		if err != nil {
			return 0, false
		}
		payload, err = io.ReadAll(io.LimitReader(r, max(MaxPayload-s.spread, 0)))
		s.spread += int64(len(payload))
		if err != nil || s.spread >= MaxPayload {
			return 0, false
		}
	}
	if !wholeRequest(payload) {
		return 0, false
	}
	return CountItems(s.signal, payload), true
}

// wholeRequest reports whether the messages of a request are complete, down to its items.
func wholeRequest(b []byte) bool {
	const (
		resources = 1 // Of a request.
		scopes    = 2 // Of a resource.
		items     = 2 // Of a scope.
	)
	whole := func([]byte) bool { return true }
	item := func(b []byte) bool { return wholeMessage(b, 0, whole) }
	return wholeMessage(b, resources, func(b []byte) bool {
		return wholeMessage(b, scopes, func(b []byte) bool { return wholeMessage(b, items, item) })
	})
}

// wholeMessage reports whether a message is complete and field returns true for each of its fields
// with the number.
func wholeMessage(b []byte, number protowire.Number, field func([]byte) bool) bool {
	for len(b) > 0 {
		num, kind, n := protowire.ConsumeField(b)
		if n < 0 {
			return false
		}
		if num == number && kind == protowire.BytesType {
			_, _, tag := protowire.ConsumeTag(b)
			value, _ := protowire.ConsumeBytes(b[tag:])
			if !field(value) {
				return false
			}
		}
		b = b[n:]
	}
	return true
}
