// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package receive

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/klauspost/compress/zstd"
)

// bodyOf returns the body as it was sent.
func (r *Receiver) bodyOf(w http.ResponseWriter, req *http.Request, held *holding) ([]byte, error) {
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Now().Add(r.bodyTime))
	body, err := held.read(http.MaxBytesReader(w, req.Body, MaxRequest))
	_ = connection.SetReadDeadline(time.Time{}) // It would end the request while it waits for its turn.
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, errLong
	}
	return body, err
}

// The compressions of a body. Each is the name in the headers of HTTP and of gRPC.
const (
	identity = "identity"
	inGzip   = "gzip"
	inZstd   = "zstd"
)

// maxWindow is the largest window of zstd, which the decompression holds. Encoders at their best level have it.
const maxWindow = 32 << 20

// decompress returns a body without its compression.
func decompress(body []byte, encoding string, held *holding) ([]byte, error) {
	var plain io.Reader
	var err error
	switch encoding {
	case "", identity:
		return body, nil
	case inGzip:
		plain, err = gzip.NewReader(bytes.NewReader(body))
	case inZstd:
		var head zstd.Header
		var unzipped *zstd.Decoder
		if err = head.Decode(body); err == nil {
			err = held.take(int64(min(head.WindowSize, maxWindow))) // #nosec G115 -- the least of both is small.
		}
		if err == nil {
			unzipped, err = zstd.NewReader(bytes.NewReader(body), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		}
		if err == nil {
			defer unzipped.Close()
			plain = unzipped
		}
	default:
		return nil, fmt.Errorf("%w: %.40q", errEncoding, encoding)
	}
	if err == nil {
		body, err = held.read(io.LimitReader(plain, MaxRequest+1))
	}
	switch {
	case errors.Is(err, errBusy):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("decompress the request: %w", err)
	case len(body) > MaxRequest:
		return nil, errLong
	}
	return body, nil
}

// A holding is what a request takes of the memory for all bodies.
type holding struct {
	of    *Receiver
	bytes int64
}

// take counts bytes, or returns errBusy if the bodies of all requests take too much memory.
func (h *holding) take(bytes int64) error {
	h.bytes += bytes
	if h.of.held.Add(bytes) > maxHeld {
		return errBusy
	}
	return nil
}

func (h *holding) release() { h.of.held.Add(-h.bytes) }

// read reads all, and counts it.
func (h *holding) read(in io.Reader) ([]byte, error) {
	var all bytes.Buffer
	_, err := all.ReadFrom(&metered{in: in, to: h})
	return all.Bytes(), err
}

// metered counts what is read.
type metered struct {
	in io.Reader
	to *holding
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.in.Read(p)
	if busy := m.to.take(int64(n)); busy != nil {
		return n, busy
	}
	return n, err
}
