// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/conn"
	"github.com/voice-agents/telemetry/internal/wire/line"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
)

// BenchmarkFrame reads frames of 20 ms of audio on many telephone lines in turn, without a network. With a
// thousand lines the data of a line is in no cache of the processor when its frame comes, as in a server. With one
// line it is. What a frame costs on real connections, beside the network's own cost, is in BenchmarkCalls of the
// module sdks.
func BenchmarkFrame(b *testing.B) {
	for _, lines := range []int{1, 1000, 4000} {
		b.Run(fmt.Sprintf("lines=%d", lines), func(b *testing.B) {
			sdk, err := voicesdk.Setup(b.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = sdk.Shutdown(b.Context()) }()
			all := make([]*answered, lines)
			for i := range all {
				all[i] = answer(b, assembler.New(b.Context(), assembler.Config{Telemetry: sdk.Telemetry}), i)
			}
			const prepared = 64 // Messages, so that the timestamps of a line go on.
			payload := base64.StdEncoding.EncodeToString(make([]byte, 160))
			messages := make([][]byte, prepared)
			for i := range messages {
				messages[i] = masked(fmt.Appendf(nil, `{"event":"media","sequenceNumber":"%d","media":{"track":"inbound","chunk":"%d","timestamp":"%d","payload":%q},"streamSid":"MZ1"}`,
					i+2, i+1, i*20, payload))
			}
			buffer := make([]byte, 4096)
			b.ReportAllocs()
			frames := 0
			for b.Loop() {
				all[frames%lines].read(b, messages[frames/lines%prepared], buffer)
				frames++
			}
			for _, a := range all {
				_ = a.conn.Close()
			}
		})
	}
}

// An answered is a telephone line that a program answered.
type answered struct {
	conn net.Conn // With a tap.
	next []byte   // What the line sends.
}

func answer(b *testing.B, call *assembler.Call, n int) *answered {
	b.Helper()
	a := new(answered)
	s := &socket{call: call, accepted: call, find: line.Connection}
	a.conn = conn.Wrap(replay{of: a}, conn.Accepted, time.Now(), s.observer(b.Context()))
	buffer := make([]byte, 4096)
	a.read(b, []byte("GET / HTTP/1.1\r\nHost: agent\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"), buffer)
	if _, err := io.WriteString(a.conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"); err != nil {
		b.Fatal(err)
	}
	a.read(b, masked(fmt.Appendf(nil,
		`{"event":"start","streamSid":"MZ%[1]d","start":{"streamSid":"MZ%[1]d","callSid":"CA%[1]d","mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}}`, n)), buffer)
	if call.Session() == nil {
		b.Fatal("the line started no session")
	}
	return a
}

func (a *answered) read(b *testing.B, message, buffer []byte) {
	a.next = message
	if _, err := a.conn.Read(buffer); err != nil {
		b.Fatal(err)
	}
}

// A replay is the connection below the tap.
type replay struct {
	net.Conn
	of *answered
}

func (r replay) Read(p []byte) (int, error)  { return copy(p, r.of.next), nil }
func (r replay) Write(p []byte) (int, error) { return len(p), nil }
func (r replay) Close() error                { return nil }

// masked returns the frame in which a client sends a text.
func masked(text []byte) []byte {
	frame := binary.BigEndian.AppendUint16([]byte{0x81, 0x80 | 126}, uint16(len(text))) // #nosec G115 -- it fits.
	frame = append(frame, 1, 2, 3, 4)
	for i, c := range text {
		frame = append(frame, c^byte(1+i%4))
	}
	return frame
}
