// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// front is the HTTP transport of an OTLP exporter. It puts requests into a queue and responds as a
// collector that accepts them.
type front struct {
	queue *queue.Queue
	packs func() bool // Whether requests are compressed before they wait.
}

// RoundTrip implements [http.RoundTripper].
func (f *front) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil {
		return nil, errors.New("spool: request without a body")
	}
	// Read into a buffer of the known size: ReadAll grows it in steps, and takes three times as much.
	read := bytes.NewBuffer(f.queue.Buffers.Take(int(min(max(req.ContentLength, 0), segment.MaxPayload)) + bytes.MinRead))
	_, err := read.ReadFrom(req.Body)
	_ = req.Body.Close()
	body := read.Bytes()
	if err != nil {
		return nil, fmt.Errorf("spool: read a request: %w", err)
	}
	if err := f.put(segment.Request{Items: max(segment.CountItems(f.queue.Signal, body), 1), Payload: body, Buffer: body}); err != nil {
		return nil, err
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/x-protobuf"}}, Body: http.NoBody, Request: req,
	}, nil
}

// put adds a request with the current time to the queue.
func (f *front) put(r segment.Request) error {
	r.At = time.Now()
	if f.packs() {
		if packed, err := segment.Compress(r.Payload); err == nil {
			f.queue.Buffers.Give(r.Buffer)
			r.Payload, r.Buffer, r.Gzipped, r.Borrowed = packed, packed, true, false
		}
	}
	return f.queue.Put(r)
}
