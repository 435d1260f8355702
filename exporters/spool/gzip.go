// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"sync"
)

// writers compress at the speed of the disk, not for the smallest result: the first level
// makes a fifth of telemetry, the sixth a sixth, for three times the time.
var writers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	return w
}}

func compress(b []byte) ([]byte, error) {
	var packed bytes.Buffer
	w := writers.Get().(*gzip.Writer) //nolint:forcetypeassert // That is what is in the pool.
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
	unpacked, err := io.ReadAll(io.LimitReader(r, maxPayload+1))
	if err != nil {
		return nil, fmt.Errorf("spool: decompress: %w", err)
	}
	if len(unpacked) > maxPayload {
		return nil, fmt.Errorf("spool: decompress: a request of more than %d bytes", maxPayload)
	}
	return unpacked, nil
}

// unpacked returns the request without compression.
func (r request) unpacked() (request, error) {
	if !r.gzipped {
		return r, nil
	}
	payload, err := decompress(r.payload)
	if err != nil {
		return request{}, err
	}
	r.payload, r.gzipped = payload, false
	return r, nil
}
