// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package websocket_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	coder "github.com/coder/websocket"
	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
	gorilla "github.com/gorilla/websocket"

	"github.com/voice-agents/telemetry/internal/conn"
)

// A socket is a WebSocket of any library.
type socket interface {
	read() (isBinary bool, data []byte, err error)
	write(isBinary bool, data []byte) error
	// ping sends a ping. A reader must run until the pong arrives.
	ping() error
	// close does the closing handshake and closes the connection.
	close() error
}

// A library dials and accepts sockets.
type library struct {
	name   string
	accept func(w http.ResponseWriter, r *http.Request, compress bool) (socket, error)
	// dial uses the dialer as the library's users do.
	dial func(ctx context.Context, url string, compress bool, d *conn.Dialer) (socket, error)
	// compresses is true if the library compresses by an option.
	compresses bool
}

var libraries = []library{
	{name: "gorilla", accept: acceptGorilla, dial: dialGorilla, compresses: true},
	{name: "coder", accept: acceptCoder, dial: dialCoder, compresses: true},
	{name: "gobwas", accept: acceptGobwas, dial: dialGobwas},
}

type gorillaSocket struct{ *gorilla.Conn }

func acceptGorilla(w http.ResponseWriter, r *http.Request, compress bool) (socket, error) {
	c, err := (&gorilla.Upgrader{EnableCompression: compress}).Upgrade(w, r, nil)
	return gorillaSocket{c}, err
}

func dialGorilla(ctx context.Context, url string, compress bool, d *conn.Dialer) (socket, error) {
	dialer := gorilla.Dialer{
		EnableCompression: compress, NetDialContext: d.DialContext, NetDialTLSContext: d.DialTLSContext,
	}
	c, response, err := dialer.DialContext(ctx, url, nil)
	if response != nil {
		_ = response.Body.Close()
	}
	return gorillaSocket{c}, err
}

func (s gorillaSocket) read() (bool, []byte, error) {
	kind, data, err := s.ReadMessage()
	return kind == gorilla.BinaryMessage, data, err
}

func (s gorillaSocket) write(isBinary bool, data []byte) error {
	kind := gorilla.TextMessage
	if isBinary {
		kind = gorilla.BinaryMessage
	}
	return s.WriteMessage(kind, data)
}

func (s gorillaSocket) ping() error {
	return s.WriteControl(gorilla.PingMessage, []byte("p"), time.Now().Add(10*time.Second))
}

func (s gorillaSocket) close() error {
	defer s.Close()
	bye := gorilla.FormatCloseMessage(gorilla.CloseNormalClosure, "bye")
	if err := s.WriteControl(gorilla.CloseMessage, bye, time.Now().Add(10*time.Second)); err != nil {
		return err
	}
	for {
		if _, _, err := s.ReadMessage(); err != nil {
			return nil // The answer is an error, too.
		}
	}
}

type coderSocket struct{ *coder.Conn }

func coderMode(compress bool) coder.CompressionMode {
	if compress {
		return coder.CompressionContextTakeover
	}
	return coder.CompressionDisabled
}

func acceptCoder(w http.ResponseWriter, r *http.Request, compress bool) (socket, error) {
	c, err := coder.Accept(w, r, &coder.AcceptOptions{CompressionMode: coderMode(compress)})
	if err == nil {
		c.SetReadLimit(-1)
	}
	return coderSocket{c}, err
}

func dialCoder(ctx context.Context, url string, compress bool, d *conn.Dialer) (socket, error) {
	transport := &http.Transport{DialContext: d.DialContext, DialTLSContext: d.DialTLSContext}
	return dialCoderBy(ctx, url, compress, transport)
}

func dialCoderBy(ctx context.Context, url string, compress bool, transport http.RoundTripper) (socket, error) {
	c, _, err := coder.Dial(ctx, url, &coder.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, CompressionMode: coderMode(compress),
	})
	if err == nil {
		c.SetReadLimit(-1)
	}
	return coderSocket{c}, err
}

func (s coderSocket) read() (bool, []byte, error) {
	kind, data, err := s.Read(context.Background())
	return kind == coder.MessageBinary, data, err
}

func (s coderSocket) write(isBinary bool, data []byte) error {
	kind := coder.MessageText
	if isBinary {
		kind = coder.MessageBinary
	}
	return s.Write(context.Background(), kind, data)
}

func (s coderSocket) ping() error { return s.Ping(context.Background()) }

func (s coderSocket) close() error { return s.Close(coder.StatusNormalClosure, "bye") }

type gobwasSocket struct {
	net.Conn
	reader io.Reader // Of frames.
	side   ws.State
}

// Read and Write are those of [wsutil.ControlHandler].
func (s gobwasSocket) Read(p []byte) (int, error) { return s.reader.Read(p) }

func acceptGobwas(w http.ResponseWriter, r *http.Request, _ bool) (socket, error) {
	c, rw, _, err := ws.UpgradeHTTP(r, w)
	if err != nil {
		return nil, err
	}
	return gobwasSocket{c, rw.Reader, ws.StateServerSide}, nil
}

func dialGobwas(ctx context.Context, url string, _ bool, d *conn.Dialer) (socket, error) {
	// gobwas/ws does TLS itself, above NetDial, unless TLSClient is set.
	dialer := ws.Dialer{NetDial: d.DialContext}
	if strings.HasPrefix(url, "wss:") {
		dialer.NetDial = d.DialTLSContext
		dialer.TLSClient = func(c net.Conn, _ string) net.Conn { return c }
	}
	c, buffered, _, err := dialer.Dial(ctx, url)
	if err != nil {
		return nil, err
	}
	var reader io.Reader = c
	if buffered != nil {
		reader = io.MultiReader(io.LimitReader(buffered, int64(buffered.Buffered())), c)
	}
	return gobwasSocket{c, reader, ws.StateClientSide}, nil
}

func (s gobwasSocket) read() (bool, []byte, error) {
	data, op, err := wsutil.ReadData(s, s.side)
	return op == ws.OpBinary, data, err
}

func (s gobwasSocket) write(isBinary bool, data []byte) error {
	op := ws.OpText
	if isBinary {
		op = ws.OpBinary
	}
	return wsutil.WriteMessage(s.Conn, s.side, op, data)
}

func (s gobwasSocket) ping() error {
	return wsutil.WriteMessage(s.Conn, s.side, ws.OpPing, []byte("p"))
}

func (s gobwasSocket) close() error {
	defer s.Close()
	if err := wsutil.WriteMessage(s.Conn, s.side, ws.OpClose, ws.NewCloseFrameBody(ws.StatusNormalClosure, "bye")); err != nil {
		return err
	}
	for {
		if _, _, err := s.read(); err != nil {
			return nil // The answer is an error, too.
		}
	}
}

// echo serves a library's socket, tapped by open. The server's TLS certificate is in roots.
func echo(l library, compress, secure bool, open func(*http.Request) *conn.Observer) (url string, config *tls.Config, end func()) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := l.accept(conn.WrapWriter(w, r, open), r, compress)
		if err != nil {
			return
		}
		defer s.close()
		for {
			isBinary, data, err := s.read()
			if err != nil || s.write(isBinary, data) != nil {
				return
			}
		}
	}))
	if secure {
		server.StartTLS()
	} else {
		server.Start()
	}
	config = server.Client().Transport.(*http.Transport).TLSClientConfig //nolint:forcetypeassert // httptest's is one.
	return "ws" + strings.TrimPrefix(server.URL, "http"), config, server.Close
}
