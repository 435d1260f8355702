// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package client

import (
	"io"
	"net/http"
	"sync"

	"github.com/voice-agents/telemetry/semconv"
)

// receivedBody is the body of a response. Its end ends the span.
type receivedBody struct {
	io.ReadCloser

	call *call
}

// upgradedBody is the body of an upgraded connection, which can be written to.
type upgradedBody struct {
	*receivedBody
	io.Writer
}

// watch returns a body that ends the span when it ends. It is an [io.Writer] if body is.
func (c *call) watch(body io.ReadCloser) io.ReadCloser {
	c.received = receivedBody{ReadCloser: body, call: c}
	if w, ok := body.(io.Writer); ok {
		return upgradedBody{receivedBody: &c.received, Writer: w}
	}
	return &c.received
}

func (b *receivedBody) Read(p []byte) (int, error) {
	x := b.call.exchange
	if x != nil {
		x.release()
	}
	n, err := b.ReadCloser.Read(p)
	data := p[:min(max(n, 0), len(p))] // A defective reader may return a wrong n.
	switch err {
	case nil:
		if x != nil {
			x.received(data)
		}
	case io.EOF:
		if x != nil {
			x.receivedAll(data)
		}
		b.call.end()
	default:
		if x != nil {
			x.received(data)
			x.failed(b.call.cause(err))
		}
		b.call.fail(err)
	}
	return n, err
}

// Close ends the span before it closes the body, which may block. A body that is closed
// after a barge-in is interrupted, whether or not Read returned the cancellation.
func (b *receivedBody) Close() error {
	if b.call.isInterrupted() {
		b.call.span.SetAttributes(semconv.VoiceHTTPOutcome(semconv.VoiceHTTPOutcomeInterrupted))
	}
	if x := b.call.exchange; x != nil {
		x.closed()
	}
	b.call.end()
	return b.ReadCloser.Close()
}

// sentBody counts the bytes that are sent of a request's body. The size is known when the
// round trip is over and the body is closed, which may be later.
type sentBody struct {
	mu     sync.Mutex
	isOver bool // The round trip is over.
	open   int  // How many bodies are not closed.
	size   int64
}

// watchRequest counts the body of the request, and the bodies that GetBody returns for
// retries.
func (c *call) watchRequest() {
	r := c.request
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	c.sent.open++
	r.Body = &sentReader{ReadCloser: r.Body, call: c}
	again := r.GetBody
	if again == nil {
		return
	}
	r.GetBody = func() (io.ReadCloser, error) {
		body, err := again()
		if err != nil || body == nil || body == http.NoBody {
			return body, err
		}
		c.sent.mu.Lock()
		defer c.sent.mu.Unlock()
		c.sent.open, c.sent.size = c.sent.open+1, 0
		if c.exchange != nil {
			c.exchange.fed.Store(true) // A second copy is not decoded.
		}
		return &sentReader{ReadCloser: body, call: c}, nil
	}
}

// returned records that the round trip is over. It returns the size if it is known.
func (s *sentBody) returned() (size int64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isOver = true
	return s.size, s.open == 0
}

// closed records that a body was closed. It returns the size if it is known.
func (s *sentBody) closed() (size int64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
	return s.size, s.isOver && s.open == 0
}

func (s *sentBody) add(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.size += int64(n)
}

// sentReader is a request's body whose bytes are counted.
type sentReader struct {
	io.ReadCloser

	call *call
	once sync.Once
}

func (r *sentReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if n > 0 {
		r.call.sent.add(n)
		if x := r.call.exchange; x != nil {
			x.sent(p[:min(n, len(p))]) // A defective reader may return a wrong n.
		}
	}
	if err == io.EOF && r.call.exchange != nil {
		r.call.exchange.sentAll()
	}
	return n, err
}

// Close records the end before it closes the body, which may block.
func (r *sentReader) Close() error {
	r.once.Do(func() {
		if size, ok := r.call.sent.closed(); ok {
			r.call.measureSize(size)
		}
	})
	return r.ReadCloser.Close()
}
