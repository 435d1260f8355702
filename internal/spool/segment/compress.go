// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"sync"
)

// writers compress at the fastest level, which keeps up with the disk. Level 1 reduces telemetry to
// a fifth of its size; level 6 reduces it to a sixth and takes three times as long.
var writers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	return w
}}

// Compress returns gzip data.
func Compress(b []byte) ([]byte, error) {
	var packed bytes.Buffer
	w := writers.Get().(*gzip.Writer) //nolint:forcetypeassert // The pool holds only these.
	defer writers.Put(w)
	w.Reset(&packed)
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return bytes.Clone(packed.Bytes()), nil // The buffer has up to twice the capacity.
}

// packedFrom is the smallest payload that is worth packing.
const packedFrom = 2 << 10

// Pack compresses a request that is about to wait in memory, unless it is small, compressed
// already, or does not become smaller.
func (r Request) Pack() Request {
	if r.Packed || r.Gzipped || len(r.Payload) < packedFrom || len(r.Payload) > MaxPayload {
		return r
	}
	packed, err := Compress(r.Payload)
	if err != nil || len(packed) >= len(r.Payload) {
		return r
	}
	r.Payload, r.Buffer, r.Packed, r.Borrowed = packed, nil, true, false
	return r
}

func decompress(into, b []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("spool: decompress: %w", err)
	}
	unpacked, err := appendAll(into, io.LimitReader(r, MaxPayload+1))
	if err != nil {
		return nil, fmt.Errorf("spool: decompress: %w", err)
	}
	if len(unpacked) > MaxPayload {
		return nil, fmt.Errorf("spool: decompress: a request of more than %d bytes", MaxPayload)
	}
	return unpacked, nil
}

// appendAll appends all that a reader has.
func appendAll(b []byte, from io.Reader) ([]byte, error) {
	for {
		b = slices.Grow(b, bytes.MinRead)
		n, err := from.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return b, err
		}
	}
}

// Unpacked returns the request without compression.
func (r Request) Unpacked() (Request, error) {
	if !r.Gzipped && !r.Packed {
		return r, nil
	}
	payload, err := decompress(nil, r.Payload)
	if err != nil {
		return Request{}, err
	}
	r.Payload, r.Gzipped, r.Packed = payload, false, false
	return r, nil
}

// UnpackedSize returns the size without compression, which is in the last four bytes of gzip data.
func (r Request) UnpackedSize() int {
	if n := len(r.Payload); (r.Gzipped || r.Packed) && n >= 4 {
		return int(min(binary.LittleEndian.Uint32(r.Payload[n-4:]), MaxPayload))
	}
	return len(r.Payload)
}

// sendable returns the request as the endpoint gets it, in a buffer of the pool if it was packed.
func (r Request) sendable(from *Buffers) (Request, error) {
	if !r.Packed {
		return r, nil
	}
	payload, err := decompress(from.Take(r.UnpackedSize()+bytes.MinRead), r.Payload)
	if err != nil {
		return Request{}, err
	}
	r.Payload, r.Buffer, r.Packed = payload, payload, false
	return r, nil
}
