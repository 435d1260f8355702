// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/conn"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/line"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

const (
	shake = "GET /media HTTP/1.1\r\nHost: agent\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
	agreed = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
	begins = `{"event":"start","streamSid":"MZ1","start":{"streamSid":"MZ1","callSid":"CA1","mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}}`
)

// A faulty decoder panics.
type faulty struct {
	wire.Connection

	inMessage bool
}

func (f faulty) Asks() *wire.Request { return &wire.Request{Stage: wire.Line} }

func (f faulty) Message(wire.Message) {
	if f.inMessage {
		panic("fault")
	}
}

func (f faulty) Closed() { panic("fault") }

// A call ends with its connection, also if the tap does not follow the connection to its end.
func TestCallEndsWithItsConnection(t *testing.T) {
	long := strings.Repeat("a", 70<<10)
	decoder := func(d wire.Connection) find { return func(*wire.Target, wire.Report) wire.Connection { return d } }
	for _, tt := range []struct {
		name   string
		find   find // Nil for that of telephone lines.
		passes []string
	}{
		{"an upgrade that is refused", nil, []string{"r" + shake, "wHTTP/1.1 400 Bad Request\r\n\r\n"}},
		{"an answer without the key", nil, []string{"r" + shake, "wHTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"}},
		{"an extension that is not known", nil, []string{"r" + shake, "w" + agreed + "Sec-WebSocket-Extensions: x-custom\r\n\r\n"}},
		{"another protocol", nil, []string{"r\x01\x00\x10"}},
		{"a head that is too long", nil, []string{"rGET /" + long}},
		{"frames before the answer that are too long", nil, []string{"r" + shake + long}},
		{"no answer", nil, []string{"r" + shake}},
		{"no byte", nil, nil},
		{"a line that is not known", decoder(nil), []string{"r" + shake, "w" + agreed + "\r\n", "r" + string(masked([]byte(begins)))}},
		{"a violation of the protocol", nil, []string{"r" + shake, "w" + agreed + "\r\n", "r\xff\xff\xff\xff"}},
		{"a message that is too long", nil, []string{"r" + shake, "w" + agreed + "\r\n", "r\x81\xff\x00\x00\x00\x01\x00\x00\x00\x00" + long}},
		{"a message that is not JSON", nil, []string{"r" + shake, "w" + agreed + "\r\n", "r" + string(masked([]byte(strings.Repeat("{", 200))))}},
		{"a fault of the decoder", decoder(faulty{inMessage: true}), []string{"r" + shake, "w" + agreed + "\r\n", "r" + string(masked([]byte(begins))), "r" + string(masked([]byte(begins)))}},
		{"a fault of the decoder at the end", decoder(faulty{}), []string{"r" + shake, "w" + agreed + "\r\n", "r" + string(masked([]byte(begins)))}},
		{"a line that is decoded", nil, []string{"r" + shake, "w" + agreed + "\r\n", "r" + string(masked([]byte(begins)))}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sdk, rec := voicetest.Setup(t)
			c := newCall(t.Context(), sdk.Telemetry, newConfig(sdk.Telemetry, nil), nil)
			a := new(answered)
			s := &socket{call: c.call, accepted: c.call, find: line.Connection}
			if tt.find != nil {
				s.find = tt.find
			}
			a.conn = conn.Wrap(replay{of: a}, conn.Accepted, time.Now(), s.observer(t.Context()))
			// The session starts with the first connection of the call.
			m := c.Messages("wss://api.deepgram.com/v1/listen?model=nova-3")
			buffer := make([]byte, 1<<20)
			for _, pass := range tt.passes {
				if pass[0] == 'w' {
					_, _ = io.WriteString(a.conn, pass[1:])
					continue
				}
				a.next = []byte(pass[1:])
				_, _ = a.conn.Read(buffer)
			}
			if n := len(rec.Named(semconv.SpanVoiceSession)); n != 0 {
				t.Errorf("%d sessions ended before the connection", n)
			}
			m.Closed(nil)
			_ = a.conn.Close()
			if n := len(rec.Named(semconv.SpanVoiceSession)); n != 1 || len(rec.Open()) > 0 {
				t.Errorf("%d sessions ended, %d spans are open", n, len(rec.Open()))
			}
		})
	}
}

// A handler that takes the connection over before it refuses the upgrade ends the call, also if it leaves the
// connection open.
func TestAcceptRefusedAfterHijack(t *testing.T) {
	for name, isClosed := range map[string]bool{"closed by the handler": true, "left open": false} {
		t.Run(name, func(t *testing.T) {
			sdk, rec := voicetest.Setup(t)
			left, returned := make(chan net.Conn, 1), make(chan struct{})
			accept := Accept(sdk.Telemetry)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				m := CallFromContext(r.Context()).Messages("wss://api.deepgram.com/v1/listen?model=nova-3") //nolint:contextcheck // The call has it.
				defer m.Closed(nil)
				c, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
				if isClosed {
					_ = c.Close()
				}
				left <- c
			}))
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer close(returned)
				accept.ServeHTTP(w, r)
			}))
			defer s.Close()
			client, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = client.Close() }()
			if _, err := io.WriteString(client, shake); err != nil {
				t.Fatal(err)
			}
			<-returned
			if n := len(rec.Named(semconv.SpanVoiceSession)); n != 1 || len(rec.Open()) > 0 {
				t.Errorf("%d sessions ended, %d spans are open", n, len(rec.Open()))
			}
			_ = (<-left).Close()
		})
	}
}
