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
	"os"
	"time"

	"google.golang.org/grpc/codes"
)

var (
	errLong     = fmt.Errorf("the request has more than %d bytes", MaxRequest)
	errBusy     = errors.New("send the request again: too many are being received")
	errEncoding = errors.New("the Content-Encoding is not gzip")
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

// decompress returns a body without its compression.
func decompress(body []byte, encoding string, held *holding) ([]byte, error) {
	switch encoding {
	case "", "identity":
		return body, nil
	case "gzip":
	default:
		return nil, fmt.Errorf("%w: %.40q", errEncoding, encoding)
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(body))
	if err == nil {
		body, err = held.read(io.LimitReader(unzipped, MaxRequest+1))
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

// refuse counts and answers a request that has no body.
func (r *Receiver) refuse(w http.ResponseWriter, form string, err error) {
	if errors.Is(err, errBusy) {
		r.counts.refused.Add(1)
		w.Header().Set("Retry-After", "1")
		r.answer(w, form, http.StatusServiceUnavailable, codes.Unavailable, err.Error())
		return
	}
	r.counts.malformed.Add(1)
	code, message := http.StatusBadRequest, "read the request: "+err.Error()
	switch {
	case errors.Is(err, errLong):
		code, message = http.StatusRequestEntityTooLarge, err.Error()
	case errors.Is(err, errEncoding):
		code, message = http.StatusUnsupportedMediaType, err.Error()
	case errors.Is(err, os.ErrDeadlineExceeded):
		code, message = http.StatusRequestTimeout, "the request did not come in time"
	}
	r.answer(w, form, code, codes.InvalidArgument, message)
}

// A holding is what the body of a request takes of the memory for all bodies.
type holding struct {
	of    *Receiver
	bytes int64
}

// read reads all, or returns errBusy if the bodies of all requests take too much memory.
func (h *holding) read(in io.Reader) ([]byte, error) {
	var all bytes.Buffer
	_, err := all.ReadFrom(&metered{in: in, to: h})
	return all.Bytes(), err
}

func (h *holding) release() { h.of.held.Add(-h.bytes) }

// metered counts what is read.
type metered struct {
	in io.Reader
	to *holding
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.in.Read(p)
	m.to.bytes += int64(n)
	if m.to.of.held.Add(int64(n)) > maxHeld {
		return n, errBusy
	}
	return n, err
}
