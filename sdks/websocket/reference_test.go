// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package websocket_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1" //nolint:depguard // RFC 6455 asks for SHA-1, which protects nothing here.
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"time"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"

	"github.com/voice-agents/telemetry/internal/wire/websocket"
)

// A script is a connection that gives bytes to its reader. Writes are ignored, except for the key
// of an upgrade request.
type script struct {
	reader io.Reader
	frames []byte
	extra  string // A header of the response.
}

var keyLine = regexp.MustCompile(`(?i)Sec-WebSocket-Key: ([^\r\n]*)`)

func (s *script) Write(p []byte) (int, error) {
	if key := keyLine.FindSubmatch(p); key != nil && s.reader == nil {
		s.reader = io.MultiReader(
			bytes.NewReader([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
				s.extra+"Sec-WebSocket-Accept: "+accept(string(key[1]))+"\r\n\r\n")), bytes.NewReader(s.frames))
	}
	return len(p), nil
}
func (s *script) Read(p []byte) (int, error)     { return s.reader.Read(p) }
func (*script) Close() error                     { return nil }
func (*script) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (*script) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (*script) SetDeadline(time.Time) error      { return nil }
func (*script) SetReadDeadline(time.Time) error  { return nil }
func (*script) SetWriteDeadline(time.Time) error { return nil }

func accept(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// A hijackable is a response writer of a script.
type hijackable struct {
	*httptest.ResponseRecorder
	conn *script
}

func (h hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.conn, bufio.NewReadWriter(bufio.NewReader(h.conn), bufio.NewWriter(h.conn)), nil
}

// upgradeRequest returns the request of a client.
func upgradeRequest(extension string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Sec-WebSocket-Version", "13")
	r.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
	if extension != "" {
		r.Header.Set("Sec-WebSocket-Extensions", extension)
	}
	return r
}

// message describes a message.
func message(isBinary bool, data []byte) string {
	kind := "text"
	if isBinary {
		kind = "binary"
	}
	if len(data) > 200 {
		return fmt.Sprintf("%s %d bytes, %x", kind, len(data), sha1.Sum(data))
	}
	return fmt.Sprintf("%s %q", kind, data)
}

// decoded returns what the decoder reports: messages and control frames, then "end" or "error".
func decoded(config websocket.Config, in []byte, piece int) (lines []string, class string) {
	end := "end"
	d := websocket.NewDecoder(config, func(e *websocket.Event) {
		switch e.Kind {
		case websocket.Message:
			line := message(e.Binary, e.Data)
			if e.Skipped {
				line = "skipped"
			}
			lines = append(lines, line)
		case websocket.Ping:
			lines = append(lines, fmt.Sprintf("ping %q", e.Data))
		case websocket.Pong:
			lines = append(lines, fmt.Sprintf("pong %q", e.Data))
		case websocket.Close:
			lines = append(lines, fmt.Sprintf("close %d %q", e.Code, e.Data))
		case websocket.Error:
			end, class = "error", e.Class
		}
	})
	for len(in) > 0 {
		n := min(piece, len(in))
		d.Feed(in[:n])
		in = in[n:]
	}
	return append(lines, end), class
}

// readGorilla returns what gorilla/websocket reads.
func readGorilla(config websocket.Config, in []byte) ([]string, error) {
	c, err := openGorilla(config, in)
	if err != nil {
		return nil, err
	}
	var lines []string
	c.SetPingHandler(func(data string) error {
		lines = append(lines, fmt.Sprintf("ping %q", data))
		return nil
	})
	c.SetPongHandler(func(data string) error {
		lines = append(lines, fmt.Sprintf("pong %q", data))
		return nil
	})
	for {
		kind, data, err := c.ReadMessage()
		var closed *gorilla.CloseError
		switch {
		case err == nil:
			lines = append(lines, message(kind == gorilla.BinaryMessage, data))
			continue
		case errors.As(err, &closed) && closed.Code != gorilla.CloseAbnormalClosure:
			return append(lines, fmt.Sprintf("close %d %q", closed.Code, closed.Text), "end"), nil
		case isEOF(err), errors.As(err, &closed), errors.Is(err, gorilla.ErrReadLimit):
			return append(lines, "end"), nil
		}
		return append(lines, "error"), nil
	}
}

func openGorilla(config websocket.Config, in []byte) (*gorilla.Conn, error) {
	const extension = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	if config.Client {
		offer := ""
		if config.Deflate {
			offer = extension
		}
		w := hijackable{httptest.NewRecorder(), &script{reader: bytes.NewReader(in)}}
		return (&gorilla.Upgrader{ReadBufferSize: 1024, EnableCompression: config.Deflate}).Upgrade(w, upgradeRequest(offer), nil)
	}
	s := &script{frames: in}
	if config.Deflate {
		s.extra = "Sec-WebSocket-Extensions: " + extension + "\r\n"
	}
	dialer := gorilla.Dialer{
		NetDial:           func(string, string) (net.Conn, error) { return s, nil },
		EnableCompression: config.Deflate,
	}
	c, response, err := dialer.Dial("ws://example.com/", nil)
	if err == nil {
		_ = response.Body.Close()
	}
	return c, err
}

// A tripper answers the upgrade request of coder/websocket.
type tripper struct{ script *script }

func (t tripper) RoundTrip(r *http.Request) (*http.Response, error) {
	header := http.Header{}
	header.Set("Upgrade", "websocket")
	header.Set("Connection", "Upgrade")
	header.Set("Sec-WebSocket-Accept", accept(r.Header.Get("Sec-WebSocket-Key")))
	if t.script.extra != "" {
		header.Set("Sec-WebSocket-Extensions", t.script.extra)
	}
	return &http.Response{StatusCode: http.StatusSwitchingProtocols, Header: header, Body: t.script, Request: r}, nil
}

// readCoder returns what coder/websocket reads.
func readCoder(ctx context.Context, config websocket.Config, in []byte) ([]string, error) {
	var lines []string
	onPing := func(_ context.Context, data []byte) bool {
		lines = append(lines, fmt.Sprintf("ping %q", data))
		return false
	}
	onPong := func(_ context.Context, data []byte) { lines = append(lines, fmt.Sprintf("pong %q", data)) }
	extension, mode := "", coder.CompressionDisabled
	switch {
	case config.Deflate && config.NoContext:
		extension, mode = "permessage-deflate; server_no_context_takeover; client_no_context_takeover", coder.CompressionNoContextTakeover
	case config.Deflate:
		extension, mode = "permessage-deflate", coder.CompressionContextTakeover
	}
	var c *coder.Conn
	var err error
	if config.Client {
		w := hijackable{httptest.NewRecorder(), &script{reader: bytes.NewReader(in)}}
		c, err = coder.Accept(w, upgradeRequest(extension), &coder.AcceptOptions{
			CompressionMode: mode, OnPingReceived: onPing, OnPongReceived: onPong,
		})
	} else {
		s := &script{reader: bytes.NewReader(in), extra: extension}
		c, _, err = coder.Dial(ctx, "ws://example.com/", &coder.DialOptions{
			HTTPClient: &http.Client{Transport: tripper{s}}, CompressionMode: mode,
			OnPingReceived: onPing, OnPongReceived: onPong,
		})
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.CloseNow() }()
	c.SetReadLimit(-1)
	for {
		kind, data, err := c.Read(ctx)
		var closed coder.CloseError
		switch {
		case err == nil:
			lines = append(lines, message(kind == coder.MessageBinary, data))
			continue
		case errors.As(err, &closed):
			return append(lines, fmt.Sprintf("close %d %q", closed.Code, closed.Reason), "end"), nil
		case isEOF(err):
			return append(lines, "end"), nil
		}
		return append(lines, "error"), nil
	}
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
