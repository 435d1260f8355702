// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package websocket_test

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire/websocket"
)

// The first bytes of frames.
const (
	fin          = 0x80
	rsv1         = 0x40
	continuation = 0x0
	text         = 0x1
	binaryFrame  = 0x2
	closeFrame   = 0x8
	ping         = 0x9
	pong         = 0xA
)

var maskKey = [4]byte{0x37, 0xfa, 0x21, 0x3d}

// frame returns a frame, masked if a client sends it.
func frame(first byte, client bool, payload string) []byte {
	out := []byte{first}
	var bit byte
	if client {
		bit = 0x80
	}
	switch n := len(payload); {
	case n < 126:
		out = append(out, bit|byte(n))
	case n < 1<<16:
		out = binary.BigEndian.AppendUint16(append(out, bit|126), uint16(n))
	default:
		out = binary.BigEndian.AppendUint64(append(out, bit|127), uint64(n))
	}
	if !client {
		return append(out, payload...)
	}
	out = append(out, maskKey[:]...)
	for i := range len(payload) {
		out = append(out, payload[i]^maskKey[i&3])
	}
	return out
}

// A deflater compresses messages as an endpoint does.
type deflater struct {
	out bytes.Buffer
	w   *flate.Writer
}

func newDeflater(tb testing.TB) *deflater {
	tb.Helper()
	d := &deflater{}
	w, err := flate.NewWriter(&d.out, flate.DefaultCompression)
	if err != nil {
		tb.Fatal(err)
	}
	d.w = w
	return d
}

// message returns a compressed message without its tail.
func (d *deflater) message(tb testing.TB, data string) string {
	tb.Helper()
	d.out.Reset()
	if _, err := d.w.Write([]byte(data)); err != nil {
		tb.Fatal(err)
	}
	if err := d.w.Flush(); err != nil {
		tb.Fatal(err)
	}
	return strings.TrimSuffix(d.out.String(), "\x00\x00\xff\xff")
}

// line describes an event. Long data is shown by its length.
func line(e *websocket.Event) string {
	data := fmt.Sprintf("%q", e.Data)
	if len(e.Data) > 40 {
		data = fmt.Sprint(len(e.Data), " bytes")
	}
	switch e.Kind {
	case websocket.Message:
		kind := "text"
		if e.Binary {
			kind = "binary"
		}
		switch {
		case e.Skipped:
			return fmt.Sprint(kind, " skipped ", e.Size)
		case e.InvalidText:
			return "invalid text " + data
		}
		return kind + " " + data
	case websocket.Ping:
		return "ping " + data
	case websocket.Pong:
		return "pong " + data
	case websocket.Close:
		return fmt.Sprint("close ", e.Code, " ", data)
	case websocket.Error:
		return "error " + e.Class
	}
	return "?"
}

// decode returns the events of bytes that arrive in pieces of a size.
func decode(config websocket.Config, p []byte, piece int) []string {
	var got []string
	d := websocket.NewDecoder(config, func(e *websocket.Event) { got = append(got, line(e)) })
	for len(p) > 0 {
		n := min(piece, len(p))
		d.Feed(p[:n])
		p = p[n:]
	}
	d.Stop()
	return got
}
