// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
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
	return packed.Bytes(), nil
}

func decompress(b []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("spool: decompress: %w", err)
	}
	unpacked, err := io.ReadAll(io.LimitReader(r, MaxPayload+1))
	if err != nil {
		return nil, fmt.Errorf("spool: decompress: %w", err)
	}
	if len(unpacked) > MaxPayload {
		return nil, fmt.Errorf("spool: decompress: a request of more than %d bytes", MaxPayload)
	}
	return unpacked, nil
}

// Unpacked returns the request without compression.
func (r Request) Unpacked() (Request, error) {
	if !r.Gzipped {
		return r, nil
	}
	payload, err := decompress(r.Payload)
	if err != nil {
		return Request{}, err
	}
	r.Payload, r.Gzipped = payload, false
	return r, nil
}
