// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conn_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/conn"
)

// media is a message of Twilio with 20 ms of audio.
var media = `{"event":"media","sequenceNumber":"4","media":{"track":"inbound","chunk":"2","timestamp":"20","payload":"` +
	strings.Repeat("/v7+", 54) + `"},"streamSid":"MZXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"}`

// traffic is what the benchmarks pass through a connection that the program accepted.
var traffic = []struct {
	name   string
	frame  string
	server bool // The program writes the frame.
}{
	{"media text, read", frame(text, true, media), false},
	{"media text, written", frame(text, false, media), true},
	{"160 bytes, read", frame(0x82, true, media[:160]), false},
	{"160 bytes, written", frame(0x82, false, media[:160]), true},
}

// A wire is a connection that gives the same bytes for ever.
type wire struct {
	net.Conn
	bytes []byte
}

func (w *wire) Read(p []byte) (int, error)  { return copy(p, w.bytes), nil }
func (w *wire) Write(p []byte) (int, error) { return len(p), nil }

// upgraded returns the connection with a tap, after its upgrade.
func upgraded(w *wire) net.Conn {
	messages := 0
	c := conn.Wrap(w, conn.Accepted, time.Now(), &conn.Observer{Message: func(conn.Message) { messages++ }})
	_, _ = c.Read(make([]byte, 4096))
	_, _ = c.Write([]byte(upgradeResponse))
	return c
}

// pass passes one frame.
func pass(c net.Conn, p, frame []byte, isWrite bool) {
	if isWrite {
		_, _ = c.Write(frame)
	} else {
		_, _ = c.Read(p)
	}
}

func BenchmarkConn(b *testing.B) {
	for _, traffic := range traffic {
		for _, tapped := range []bool{false, true} {
			name := traffic.name + ", bare"
			if tapped {
				name = traffic.name + ", tapped"
			}
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				w := &wire{bytes: []byte(upgradeRequest)}
				c, p := net.Conn(w), make([]byte, 4096)
				if tapped {
					c = upgraded(w)
				}
				w.bytes = []byte(traffic.frame)
				for b.Loop() {
					pass(c, p, w.bytes, traffic.server)
				}
			})
		}
	}
}
