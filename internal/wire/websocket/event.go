// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package websocket decodes WebSocket connections (RFC 6455) with compression (RFC 7692) from bytes
// that pass in pieces of any size.
//
//	request head  ┐                ┌ client's bytes ─▶ Decoder ─▶ events
//	response head ┴─▶ Handshake ─▶─┴ server's bytes ─▶ Decoder ─▶ events
//
// A [Handshake] reads the heads of the upgrade and finds which extensions both sides agreed on. A
// [Decoder] reads the frames of one direction. Neither does I/O, has a clock or a goroutine, keeps
// or changes the bytes that it is fed with, or panics. Their memory has limits: a message over the
// limit is counted and skipped, and a head over 64 KiB ends the handshake.
package websocket

// A Kind says what an [Event] reports.
type Kind uint8

// The kinds of events.
const (
	// Message is a whole message, text or binary, with its fragments joined and decompressed.
	Message Kind = iota + 1
	// Ping and Pong are control frames. Data is their payload.
	Ping
	Pong
	// Close is a close frame. Code is its code or [NoStatus], and Data its reason. The decoder
	// ignores the bytes after it.
	Close
	// Error is a violation of the protocol. Class names it. The decoder ignores the bytes after it.
	Error
)

// NoStatus is the code of a close frame without a code (RFC 6455, section 7.1.5).
const NoStatus = 1005

// An Event is what a decoder reports. It is valid until the report returns.
type Event struct {
	Kind Kind
	// Binary is true for a binary message, and false for a text.
	Binary bool
	// Skipped is true if Data of a message is absent: the message is over the limit, or it is
	// compressed with reference to such a message.
	Skipped bool
	// InvalidText is true for a text message that is not UTF-8. The protocol forbids it, but
	// gorilla/websocket, coder/websocket and gobwas/ws hand such a message to the program and go
	// on. Therefore the decoder goes on, too.
	InvalidText bool
	// Code is the code of a close frame.
	Code int
	// Size is how many bytes a message has. For a skipped message that was compressed, it is how
	// many bytes its frames carried.
	Size int64
	// Data is the message, the payload of a ping or pong, or the reason of a close frame.
	Data []byte
	// Class is the class of an error: one of the constants Err….
	Class string
}

// The classes of errors.
const (
	ErrReservedBits      = "reserved_bits"      // A reserved bit that no extension defines.
	ErrOpcode            = "opcode"             // An opcode that the protocol does not define.
	ErrMask              = "mask"               // A client's frame without a mask, or a server's with one.
	ErrLength            = "length"             // A 64-bit length whose first bit is set.
	ErrControlLength     = "control_length"     // A control frame of more than 125 bytes.
	ErrControlFragmented = "control_fragmented" // A control frame that is a fragment.
	ErrFragmentOrder     = "fragment_order"     // A continuation of no message, or a message inside another.
	ErrClosePayload      = "close_payload"      // A close frame with one byte, or a reason that is not UTF-8.
	ErrCloseCode         = "close_code"         // A close code that no endpoint may send.
	ErrDeflate           = "deflate"            // A compressed message that cannot be decompressed.
)

// A Report receives the events of a decoder.
type Report func(*Event)
