// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// front takes the place of the network under an OTLP/HTTP exporter: what is sent is put
// into a queue, and answered as a collector would that has taken it.
type front struct {
	queue *queue
	packs func() bool // Whether requests are compressed before they wait.
}

// RoundTrip implements [http.RoundTripper].
func (f *front) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil {
		return nil, errors.New("spool: a request without a body")
	}
	// Read into what it needs at once: ReadAll grows step by step, and takes three times as much.
	read := bytes.NewBuffer(f.queue.buffers.take(int(min(max(req.ContentLength, 0), maxPayload)) + bytes.MinRead))
	_, err := read.ReadFrom(req.Body)
	_ = req.Body.Close()
	body := read.Bytes()
	if err != nil {
		return nil, fmt.Errorf("spool: read a request: %w", err)
	}
	if err := f.put(request{items: max(countItems(f.queue.signal, body), 1), payload: body, buffer: body}); err != nil {
		return nil, err
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/x-protobuf"}}, Body: http.NoBody, Request: req,
	}, nil
}

// put puts a request of now into the queue.
func (f *front) put(r request) error {
	r.at = time.Now()
	if f.packs() {
		if packed, err := compress(r.payload); err == nil {
			f.queue.buffers.give(r.buffer)
			r.payload, r.buffer, r.gzipped, r.borrowed = packed, packed, true, false
		}
	}
	return f.queue.put(r)
}
