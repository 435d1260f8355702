// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conn

import (
	"io"
	"net/http"
	"time"

	"github.com/voice-agents/telemetry/internal/wire/websocket"
)

// WrapBody taps the connection in the body of a response with the status 101, as coder/websocket
// uses it: http.Transport returns the body as an [io.ReadWriteCloser]. It reports the handshake at
// once. started is when the request was sent. If the request asks for no WebSocket, the response is
// left as it is.
//
// A response that refuses the upgrade is reported as Foreign and End, and its body is left as it is.
func WrapBody(request *http.Request, response *http.Response, started time.Time, observer *Observer) {
	if observer == nil || !websocket.IsUpgrade(request) {
		return
	}
	t := newTap(observer, Dialled, started)
	t.known(request, response)
	stream, ok := response.Body.(io.ReadWriteCloser)
	if !ok || t.following.Load() != followAll {
		t.end(nil)
		return
	}
	b := &body{stream: stream, tap: t}
	response.Body = b
	if half, ok := stream.(writeCloser); ok {
		response.Body = struct {
			*body
			writeCloser
		}{b, half}
	}
}

// known takes a handshake whose heads do not pass. The response may be nil.
func (t *tap) known(request *http.Request, response *http.Response) {
	if !t.life.enter() {
		return
	}
	defer t.leave()
	t.handshakeLock.Lock()
	defer t.handshakeLock.Unlock()
	t.handshake.Requested(request)
	if response != nil {
		head := *response
		head.Body = http.NoBody
		t.handshake.Responded(&head)
	}
	t.settle(time.Now())
}

// A body is the body of a response with a tap.
type body struct {
	stream io.ReadWriteCloser
	tap    *tap
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.stream.Read(p)
	b.tap.result(&b.tap.read, p, n, err)
	return n, err
}

func (b *body) Write(p []byte) (int, error) {
	n, err := b.stream.Write(p)
	b.tap.result(&b.tap.written, p, n, err)
	return n, err
}

func (b *body) Close() error {
	b.tap.life.close()
	err := b.stream.Close()
	b.tap.end(nil)
	return err
}
