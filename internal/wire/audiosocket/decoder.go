// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package audiosocket decodes AudioSocket, the protocol by which Asterisk sends the audio of a call to a
// program over TCP. Its reference is
// https://docs.asterisk.org/Configuration/Channel-Drivers/AudioSocket/. A frame is a kind, the size of
// the payload in two bytes, and the payload.
package audiosocket

import (
	"encoding/binary"
	"encoding/hex"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
)

// provider is the provider, as voice.line.provider names it.
const provider = "audiosocket"

// The kinds of frames.
const (
	hangup = 0x00
	uuid   = 0x01
	dtmf   = 0x03
	slin8  = 0x10 // Linear PCM, 16 bits, little-endian, mono. The kinds after it have higher rates.
	failed = 0xff
)

// rates are the sample rates of audio, from the kind slin8.
var rates = [...]int{8000, 12000, 16000, 24000, 32000, 44100, 48000, 96000, 192000}

// headerSize is the size of a kind and of a payload's size.
const headerSize = 3

// A Decoder decodes the bytes of one connection, in both directions. Use [New] to make one. It is not
// safe for concurrent use.
type Decoder struct {
	wire.Base
	// Content is true if the keys that the caller presses may be reported. It is set before the first byte.
	Content bool

	received, sent half
}

// A half is one direction of a connection.
type half struct {
	isSent bool
	frame  []byte // The frame that has not arrived as a whole: at most 64 KiB.
	rate   int    // The sample rate.
	frames int    // The whole ones.
}

// New returns a decoder.
func New(report wire.Report) *Decoder {
	d := &Decoder{Base: wire.NewBase(new(wire.Target), wire.Line, report)}
	d.sent.isSent = true
	d.received.rate, d.sent.rate = rates[0], rates[0]
	d.Request.Provider = provider
	d.Request.Format, d.Request.Output = format(rates[0]), format(rates[0])
	return d
}

func format(rate int) wire.Format {
	return wire.Format{Codec: audioformat.PCM, SampleRate: rate, Channels: 1}
}

// Feed reads bytes that the program sent or received. It does not keep p.
func (d *Decoder) Feed(sent bool, p []byte) {
	h := &d.received
	if sent {
		h = &d.sent
	}
	for len(p) > 0 {
		if len(h.frame) == 0 {
			if size := sizeOf(p); size > 0 && size <= len(p) {
				d.read(h, p[:size])
				p = p[size:]
				continue
			}
		}
		p = d.fill(h, p)
	}
}

// sizeOf returns the size of the frame at the start of p, or 0 if p does not say it.
func sizeOf(p []byte) int {
	if len(p) < headerSize {
		return 0
	}
	return headerSize + int(binary.BigEndian.Uint16(p[1:]))
}

// fill adds bytes to the frame that has begun, reads it if it is whole, and returns the bytes after it.
func (d *Decoder) fill(h *half, p []byte) []byte {
	need := headerSize
	if size := sizeOf(h.frame); size > 0 {
		need = size
	}
	n := min(need-len(h.frame), len(p))
	h.frame = append(h.frame, p[:n]...)
	if size := sizeOf(h.frame); size == len(h.frame) {
		d.read(h, h.frame)
		h.frame = h.frame[:0]
	}
	return p[n:]
}

// read reads a frame.
func (d *Decoder) read(h *half, frame []byte) {
	h.frames++
	payload := frame[headerSize:]
	switch kind := frame[0]; {
	case kind >= slin8 && int(kind-slin8) < len(rates):
		d.audio(h, rates[kind-slin8], payload)
	case kind == hangup:
		reason := "hangup"
		if h.isSent {
			reason = "program"
		}
		d.Send(wire.Event{Kind: wire.CallStopped, Name: reason})
	case kind == uuid:
		d.start(h, payload)
	case kind == dtmf && len(payload) == 1:
		if h.isSent {
			return // A key that the agent presses.
		}
		e := wire.Event{Kind: wire.Digit}
		if d.Content {
			e.Text = payload
		}
		d.Send(e)
	case kind == failed:
		d.fail(payload)
	default:
		d.NotUnderstood("event")
	}
}

func (d *Decoder) start(h *half, id []byte) {
	if h.isSent || len(id) != 16 {
		d.NotUnderstood("event")
		return
	}
	var text [36]byte
	hex.Encode(text[:], id[:4])
	hex.Encode(text[9:], id[4:6])
	hex.Encode(text[14:], id[6:8])
	hex.Encode(text[19:], id[8:10])
	hex.Encode(text[24:], id[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	d.Send(wire.Event{Kind: wire.CallStarted, Call: &wire.Call{
		Provider: provider, ID: string(text[:]), Inbound: d.Request.Format, Outbound: d.Request.Output,
	}})
}

// audio reports audio. The rate is 8000 Hz until a frame has another. The kind says it.
func (d *Decoder) audio(h *half, rate int, p []byte) {
	if rate != h.rate {
		h.rate = rate
		if h.isSent {
			d.Request.Output = format(rate)
			d.Send(wire.Event{Kind: wire.AudioFormat, Format: d.Request.Output})
		} else {
			d.Request.Format = format(rate)
			d.Send(wire.Event{Kind: wire.Reopened, Request: &d.Request})
		}
	}
	if len(p) == 0 {
		return
	}
	e := wire.Event{Kind: wire.UserAudio, Audio: time.Duration(len(p)/2) * time.Second / time.Duration(rate)}
	if h.isSent {
		e.Kind, e.Data = wire.Audio, p
	}
	d.Send(e)
}

// fail reports an error. Asterisk's codes are a byte.
func (d *Decoder) fail(code []byte) {
	class := "error"
	if len(code) > 0 {
		switch code[0] {
		case 0x01:
			class = "hangup"
		case 0x02:
			class = "frame"
		case 0x04:
			class = "memory"
		default:
			class = "0x" + hex.EncodeToString(code[:min(len(code), 8)])
		}
	}
	d.Send(wire.Event{Kind: wire.Failed, Name: class})
}

// Frames returns how many whole frames have passed.
func (d *Decoder) Frames() (sent, received int) { return d.sent.frames, d.received.frames }

// IsCut reports whether the last frame that was received has not arrived as a whole.
func (d *Decoder) IsCut() bool { return len(d.received.frame) > 0 }

// Closed reads the end of the connection. A frame that has not arrived as a whole is dropped.
func (d *Decoder) Closed() { d.received.frame, d.sent.frame = nil, nil }
