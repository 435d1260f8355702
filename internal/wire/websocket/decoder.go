// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package websocket

import (
	"encoding/binary"
	"unicode/utf8"
)

// MaxMessage is the limit of a message if the configuration sets none.
const MaxMessage = 1 << 20

// maxControl is how many bytes a control frame may carry (RFC 6455, section 5.5).
const maxControl = 125

// The opcodes of frames (RFC 6455, section 5.2).
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA
)

// A Config says how the frames of a direction look.
type Config struct {
	// Client is true if the client sends the frames, so that they are masked.
	Client bool
	// Deflate is true if permessage-deflate was agreed.
	Deflate bool
	// NoContext is true if each message is compressed without reference to earlier ones.
	NoContext bool
	// MaxMessage is how many bytes a message may have to be reported with its data. The limit
	// holds before and after decompression. 0 stands for [MaxMessage].
	MaxMessage int
}

// A Decoder reads the frames of one direction. It is not safe for concurrent use.
//
// An idle decoder holds no buffer, except the last 32 KiB of messages if permessage-deflate with
// context takeover was agreed.
type Decoder struct {
	config  Config
	report  Report
	event   Event // It is used again for each event, so that events are not allocated.
	stopped bool

	// The current frame.
	head      [14]byte
	headSize  int
	inPayload bool
	remaining int64 // How many bytes of the payload are still to come.
	opcode    byte
	final     bool
	masked    bool
	key       [4]byte
	keyAt     int // The position in the key of the next byte.

	// The current message.
	inMessage  bool
	binary     bool
	compressed bool
	skipped    bool
	size       int64 // How many bytes of payload were read.
	data       *buffer

	control     [maxControl]byte
	controlSize int

	window window
}

// NewDecoder returns a decoder that calls report.
func NewDecoder(config Config, report Report) *Decoder {
	if config.MaxMessage <= 0 {
		config.MaxMessage = MaxMessage
	}
	return &Decoder{config: config, report: report}
}

// Feed reads a piece of the direction's bytes. It does not keep p or change it.
func (d *Decoder) Feed(p []byte) {
	for !d.stopped {
		if !d.inPayload {
			p = p[d.readHead(p):]
			if !d.inPayload {
				return // The piece ended in the head, or the decoder stopped.
			}
		}
		n := int(min(int64(len(p)), d.remaining))
		d.remaining -= int64(n)
		d.payload(p[:n])
		p = p[n:]
		if d.remaining > 0 {
			return
		}
		d.inPayload = false
		if len(p) == 0 {
			return
		}
	}
}

// Stop ends decoding and gives the buffers back. More bytes are ignored.
func (d *Decoder) Stop() {
	d.stopped = true
	d.release()
	d.window = window{}
}

// Stopped reports whether the decoder ignores more bytes: after a close frame, an error, or Stop.
func (d *Decoder) Stopped() bool { return d.stopped }

// readHead reads the head of a frame, as far as p has it, and returns how many bytes it took.
func (d *Decoder) readHead(p []byte) int {
	taken := 0
	for {
		need := 2
		if d.headSize >= 2 {
			need = headLength(d.head[1])
		}
		n := copy(d.head[d.headSize:need], p[taken:])
		d.headSize += n
		taken += n
		if d.headSize < need {
			return taken
		}
		if need == 2 && headLength(d.head[1]) > 2 {
			continue
		}
		d.headSize = 0
		d.beginFrame()
		return taken
	}
}

// headLength returns the length of a head whose second byte is b.
func headLength(b byte) int {
	n := 2
	switch b & 0x7f {
	case 126:
		n += 2
	case 127:
		n += 8
	}
	if b&0x80 != 0 {
		n += 4
	}
	return n
}

// beginFrame reads a head that is whole.
func (d *Decoder) beginFrame() {
	d.opcode = d.head[0] & 0x0f
	d.final = d.head[0]&0x80 != 0
	d.masked = d.head[1]&0x80 != 0
	at := 2
	switch length := d.head[1] & 0x7f; length {
	case 126:
		d.remaining = int64(binary.BigEndian.Uint16(d.head[2:]))
		at = 4
	case 127:
		d.remaining = int64(binary.BigEndian.Uint64(d.head[2:]))
		at = 10
	default:
		d.remaining = int64(length)
	}
	d.keyAt = 0
	if d.masked {
		copy(d.key[:], d.head[at:])
	}
	if class := d.violation(); class != "" {
		d.fail(class)
		return
	}
	d.inPayload = true
	if d.opcode >= opClose {
		d.controlSize = 0
		return
	}
	if d.opcode != opContinuation {
		d.inMessage = true
		d.binary = d.opcode == opBinary
		d.compressed = d.head[0]&0x40 != 0
		d.skipped = false
		d.size = 0
	}
	if d.remaining > int64(d.config.MaxMessage)-d.size {
		d.skipped = true
		d.release()
	}
}

// violation returns the class of the error in a frame's head, or "".
func (d *Decoder) violation() string {
	isControl := d.opcode >= opClose
	switch {
	case d.opcode > opPong || d.opcode > opBinary && !isControl:
		return ErrOpcode
	case d.head[0]&0x30 != 0,
		d.head[0]&0x40 != 0 && (!d.config.Deflate || isControl || d.opcode == opContinuation):
		return ErrReservedBits
	case isControl && !d.final:
		return ErrControlFragmented
	case isControl && d.head[1]&0x7f > maxControl:
		return ErrControlLength
	case !isControl && (d.opcode == opContinuation) != d.inMessage:
		return ErrFragmentOrder
	case d.config.Client != d.masked:
		return ErrMask
	case d.remaining < 0:
		return ErrLength
	}
	return ""
}

// payload reads a piece of the current frame's payload.
func (d *Decoder) payload(p []byte) {
	if d.opcode >= opClose {
		to := d.control[d.controlSize:]
		if d.masked {
			d.keyAt = unmask(to, p, d.key, d.keyAt)
		} else {
			copy(to, p)
		}
		d.controlSize += len(p)
		if d.remaining == 0 {
			d.endControl()
		}
		return
	}
	// One frame that is whole in p and not masked is reported from p.
	isWhole := d.final && d.remaining == 0 && d.size == 0 && d.data == nil
	d.size += int64(len(p))
	switch {
	case d.skipped:
		p = nil
	case isWhole && !d.masked:
	default:
		d.collect(p)
		p = nil
	}
	if d.final && d.remaining == 0 {
		if d.data != nil {
			p = d.data.bytes
		}
		d.endMessage(p)
	}
}

// collect appends a piece to the message.
func (d *Decoder) collect(p []byte) {
	if len(p) == 0 {
		return
	}
	if d.data == nil {
		d.data = takeBuffer()
	}
	to := d.data.extend(len(p))
	if d.masked {
		d.keyAt = unmask(to, p, d.key, d.keyAt)
	} else {
		copy(to, p)
	}
}

// endMessage reports a message.
func (d *Decoder) endMessage(data []byte) {
	d.inMessage = false
	size, skipped := d.size, d.skipped
	var output *buffer
	switch {
	case !d.compressed:
	case skipped:
		d.window.lose(!d.config.NoContext)
	default:
		output = takeBuffer()
		result := d.window.inflate(output, data, d.config.MaxMessage, !d.config.NoContext)
		data = output.bytes
		switch result {
		case inflatedWhole:
			size = int64(len(data))
		case inflatedOver, inflatedUnknown:
			skipped = true
		case inflatedCorrupt:
			output.release()
			d.fail(ErrDeflate)
			return
		}
	}
	if skipped {
		data = nil
	}
	d.send(Event{
		Kind: Message, Binary: d.binary, Skipped: skipped, Size: size, Data: data,
		InvalidText: !d.binary && !utf8.Valid(data),
	})
	output.release()
	d.release()
}

// fail reports an error and stops.
func (d *Decoder) fail(class string) {
	d.Stop()
	d.send(Event{Kind: Error, Class: class})
}

// send reports an event.
func (d *Decoder) send(e Event) {
	d.event = e
	d.report(&d.event)
	d.event = Event{}
}

// release gives the message's buffer back.
func (d *Decoder) release() {
	d.data.release()
	d.data = nil
}
