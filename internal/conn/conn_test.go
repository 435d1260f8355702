// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conn_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/conn"
)

// A script is a connection whose reads and writes are given.
type script struct {
	net.Conn
	reads  []string
	err    error // Of reads after the last.
	writes bytes.Buffer
	short  int // How many bytes a write takes, if it is not 0.
}

func (s *script) Read(p []byte) (int, error) {
	if len(s.reads) == 0 {
		return 0, s.err
	}
	n := copy(p, s.reads[0])
	s.reads = s.reads[1:]
	return n, nil
}

func (s *script) Write(p []byte) (int, error) {
	if s.short > 0 {
		s.writes.Write(p[:s.short])
		return s.short, io.ErrShortWrite
	}
	return s.writes.Write(p)
}

func (s *script) Close() error { return nil }

// run passes bytes: "w" stands for a write, and "r" for a read.
func run(t *testing.T, side conn.Side, l *log, passes ...string) (net.Conn, *script) {
	t.Helper()
	s := &script{err: io.EOF}
	c := conn.Wrap(s, side, time.Now(), l.observer())
	for _, pass := range passes {
		if pass[0] == 'w' {
			if _, err := c.Write([]byte(pass[1:])); err != nil {
				t.Fatal(err)
			}
			continue
		}
		s.reads = []string{pass[1:]}
		p := make([]byte, len(pass))
		if n, err := c.Read(p); err != nil || string(p[:n]) != pass[1:] {
			t.Fatalf("read %q, %v", p[:n], err)
		}
	}
	return c, s
}

func TestConn(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		side   conn.Side
		passes []string
		want   []string
	}{
		{
			"dialled", conn.Dialled,
			[]string{"w" + upgradeRequest, "r" + upgradeResponse + frame(text, false, "welcome"), "w" + frame(text, true, "hello"), "r" + frame(text, false, "world")},
			[]string{"handshake /chat 101", `received "welcome"`, `sent "hello"`, `received "world"`, "end"},
		},
		{
			"accepted", conn.Accepted,
			[]string{"r" + upgradeRequest, "w" + upgradeResponse, "r" + frame(text, true, "hello"), "w" + frame(text, false, "world")},
			[]string{"handshake /chat 101", `received "hello"`, `sent "world"`, "end"},
		},
		{
			"response read before the write returns", conn.Dialled,
			[]string{"r" + upgradeResponse + frame(text, false, "welcome"), "w" + upgradeRequest, "r" + frame(text, false, "a")},
			[]string{"handshake /chat 101", `received "welcome"`, `received "a"`, "end"},
		},
		{
			"frames before the response", conn.Accepted,
			[]string{"r" + upgradeRequest + frame(text, true, "early"), "w" + upgradeResponse, "w" + frame(text, false, "a")},
			[]string{"handshake /chat 101", `received "early"`, `sent "a"`, "end"},
		},
		{
			"pings of both sides", conn.Dialled,
			[]string{
				"w" + upgradeRequest, "r" + upgradeResponse, "w" + frame(ping, true, "1"), "w" + frame(ping, true, "2"), "r" + frame(ping, false, "2"),
				"r" + frame(pong, false, "2"), "r" + frame(pong, false, "1"), "w" + frame(pong, true, "2"), "w" + frame(pong, true, ""),
			},
			[]string{"handshake /chat 101", "round trip of ping sent", "round trip of ping received", "end"},
		},
		{
			"a pong that comes before its ping is reported", conn.Dialled,
			[]string{"w" + upgradeRequest, "r" + upgradeResponse, "r" + frame(pong, false, ""), "w" + frame(ping, true, ""), "r" + frame(pong, false, "")},
			[]string{"handshake /chat 101", "end"}, // The second pong would have the time between two pings.
		},
		{
			"an unsolicited pong", conn.Dialled,
			[]string{"w" + upgradeRequest, "r" + upgradeResponse, "r" + frame(pong, false, "x"), "w" + frame(ping, true, "1"), "r" + frame(pong, false, "1")},
			[]string{"handshake /chat 101", "round trip of ping sent", "end"},
		},
		{
			"close", conn.Dialled,
			[]string{"w" + upgradeRequest, "r" + upgradeResponse, "r" + frame(closeFrame, false, "\x03\xf3bye"), "w" + frame(closeFrame, true, "\x03\xf3")},
			[]string{"handshake /chat 101", `close received 1011 "bye", first true`, `close sent 1011 "", first false`, "end"},
		},
		{
			"violation", conn.Dialled,
			[]string{"w" + upgradeRequest, "r" + upgradeResponse, "r" + frame(0x83, false, "a"), "r" + frame(text, false, "b"), "w" + frame(text, true, "c")},
			[]string{"handshake /chat 101", "violation received opcode", `sent "c"`, "end"},
		},
		{"refused", conn.Dialled, []string{"w" + upgradeRequest, "rHTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\n", "rx"}, []string{"foreign refused", "end"}},
		{
			"refused, and tried again on the same connection", conn.Dialled,
			[]string{
				"w" + upgradeRequest, "rHTTP/1.1 429 Too Many Requests\r\nContent-Length: 5\r\n\r\n", "rlater",
				"w" + upgradeRequest, "r" + upgradeResponse, "w" + frame(text, true, "hello"), "r" + frame(text, false, "world"),
			},
			[]string{"foreign refused", "handshake /chat 101", `sent "hello"`, `received "world"`, "end"},
		},
		{
			"after requests without an upgrade", conn.Dialled,
			[]string{
				"wPOST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n", "wGo", "rHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
				"wGET / HTTP/1.1\r\nHost: example.com\r\n\r\n", "rHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
				"w" + upgradeRequest, "r" + upgradeResponse, "r" + frame(text, false, "a"),
			},
			[]string{"foreign http", "foreign http", "handshake /chat 101", `received "a"`, "end"},
		},
		{
			"a proxy that asks for a password", conn.Dialled,
			[]string{
				"wCONNECT example.com:80 HTTP/1.1\r\nHost: example.com:80\r\n\r\n", "rHTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
				"wCONNECT example.com:80 HTTP/1.1\r\nHost: example.com:80\r\n\r\n", "rHTTP/1.1 200 OK\r\n\r\n", "w" + upgradeRequest, "r" + upgradeResponse,
			},
			[]string{"foreign refused", "handshake /chat 101", "end"},
		},
		{
			"an extension that is not known", conn.Accepted,
			[]string{"r" + upgradeRequest, "w" + strings.TrimSuffix(upgradeResponse, "\r\n") + "Sec-WebSocket-Extensions: x\r\n\r\n", "w" + upgradeRequest},
			[]string{"foreign extension", "end"},
		},
		{"TLS above the tap", conn.Dialled, []string{"w\x16\x03\x01\x00\x05hello", "r\x16\x03\x03"}, []string{"foreign encrypted", "end"}},
		{"closed in mid-frame", conn.Dialled, []string{"w" + upgradeRequest, "r" + upgradeResponse + "\x81\x05he"}, []string{"handshake /chat 101", "end"}},
		{"closed before a byte", conn.Dialled, nil, []string{"end"}},
		{"server that speaks without end", conn.Dialled, []string{"r" + strings.Repeat("a", 70<<10)}, []string{"foreign garbage", "end"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := newLog()
			c, _ := run(t, test.side, l, test.passes...)
			for range 2 {
				if err := c.Close(); err != nil {
					t.Error(err)
				}
			}
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			l.check(t, test.want...)
		})
	}
}

func TestConnErrors(t *testing.T) {
	t.Parallel()
	t.Run("EOF", func(t *testing.T) {
		t.Parallel()
		l := newLog()
		c, _ := run(t, conn.Dialled, l, "w"+upgradeRequest, "r"+upgradeResponse)
		_, _ = c.Read(make([]byte, 1))
		_, _ = c.Write([]byte(frame(text, true, "late")))
		_ = c.Close()
		l.check(t, "handshake /chat 101", "end: EOF")
	})
	t.Run("deadline", func(t *testing.T) {
		t.Parallel()
		l := newLog()
		c, s := run(t, conn.Dialled, l, "w"+upgradeRequest, "r"+upgradeResponse)
		s.err = os.ErrDeadlineExceeded
		_, _ = c.Read(make([]byte, 1))
		_, _ = c.Write([]byte(frame(text, true, "a")))
		l.check(t, "handshake /chat 101", `sent "a"`)
	})
	t.Run("short write", func(t *testing.T) {
		t.Parallel()
		l := newLog()
		c, s := run(t, conn.Dialled, l, "w"+upgradeRequest, "r"+upgradeResponse)
		first := frame(text, true, "a")
		s.short = len(first)
		if n, err := c.Write([]byte(first + frame(text, true, "b"))); n != len(first) || !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("write: %d, %v", n, err)
		}
		l.check(t, "handshake /chat 101", `sent "a"`, "end: error")
	})
}

func TestConnObserverPanics(t *testing.T) {
	t.Parallel()
	l := newLog()
	observer := l.observer()
	observer.Message = func(conn.Message) { panic("boom") }
	s := &script{err: io.EOF, reads: []string{upgradeResponse}}
	c := conn.Wrap(s, conn.Dialled, time.Now(), observer)
	_, _ = c.Write([]byte(upgradeRequest))
	_, _ = c.Read(make([]byte, 1000))
	for range 2 {
		if _, err := c.Write([]byte(frame(text, true, "a"))); err != nil {
			t.Error(err)
		}
	}
	_ = c.Close()
	l.check(t, "handshake /chat 101", "end")
}

func TestConnObserverCloses(t *testing.T) {
	t.Parallel()
	l := newLog()
	observer := l.observer()
	s := &script{err: io.EOF, reads: []string{upgradeResponse}}
	var c net.Conn
	observer.Message = func(conn.Message) { _ = c.Close() }
	c = conn.Wrap(s, conn.Dialled, time.Now(), observer)
	_, _ = c.Write([]byte(upgradeRequest))
	_, _ = c.Read(make([]byte, 1000))
	_, _ = c.Write([]byte(frame(text, true, "a")))
	l.check(t, "handshake /chat 101", "end")
}

// pair returns the ends of a TCP connection.
func pair(t *testing.T) (client, server *net.TCPConn) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dialled, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dialled.Close(); _ = accepted.Close() })
	return dialled.(*net.TCPConn), accepted.(*net.TCPConn)
}

func TestConnOptionalMethods(t *testing.T) {
	t.Parallel()
	client, server := pair(t)
	l := newLog()
	c := conn.Wrap(client, conn.Dialled, time.Now(), l.observer())
	if _, ok := c.(syscall.Conn); !ok {
		t.Error("SyscallConn is missing")
	}
	if _, ok := conn.Wrap(&script{}, conn.Dialled, time.Now(), l.observer()).(io.ReaderFrom); ok {
		t.Error("ReadFrom was added")
	}
	from, ok := c.(io.ReaderFrom)
	if !ok {
		t.Fatal("ReadFrom is missing")
	}
	stream := upgradeRequest + frame(text, true, "hello")
	if n, err := from.ReadFrom(strings.NewReader(stream)); n != int64(len(stream)) || err != nil {
		t.Fatal(n, err)
	}
	half, ok := c.(interface{ CloseWrite() error })
	if !ok {
		t.Fatal("CloseWrite is missing")
	}
	if err := half.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(server); string(got) != stream || err != nil {
		t.Fatalf("the server read %q, %v", got, err)
	}
	// The server's direction is open after CloseWrite.
	answer := upgradeResponse + frame(text, false, "world")
	if _, err := io.WriteString(server, answer); err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	to, ok := c.(io.WriterTo)
	if !ok {
		t.Fatal("WriteTo is missing")
	}
	if _, err := to.WriteTo(&got); err != nil || got.String() != answer {
		t.Fatalf("the client read %q, %v", got.String(), err)
	}
	_ = c.Close()
	l.check(t, "handshake /chat 101", `received "world"`, `sent "hello"`, "end: EOF")
}
