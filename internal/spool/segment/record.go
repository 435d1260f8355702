// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package segment reads and writes the files of a spool: records of OTLP requests with checksums,
// the locks of their owners, and the scan that skips damage.
package segment

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"sync/atomic"
	"time"
)

// A segment begins with a signature, so that files of other versions and of other programs
// are left alone:
//
//	"otelspool" version signal
//
// Records follow:
//
//	marker 4 | state 1 | crc 4 | length 4 | items 4 | time 8 | flags 1 | payload
//
// Integers are little-endian. The checksum (CRC-32C, as in Kafka and ext4) is of all that
// follows it. It excludes the state, a single byte that is overwritten in place when a
// record is delivered, which no crash can tear. Reading continues at the next marker after
// a damaged record.
const (
	Magic          = "otelspool"
	version   byte = 1
	FileStart      = len(Magic) + 2

	markerSize  = 4
	StateAt     = markerSize
	SumAt       = StateAt + 1
	LengthAt    = SumAt + 4
	ItemsAt     = LengthAt + 4
	TimeAt      = ItemsAt + 4
	flagsAt     = TimeAt + 8
	HeaderSize  = flagsAt + 1
	MaxPayload  = 64 << 20 // A batch has some hundred kilobytes; a larger payload is damage.
	StateDone   = 0xA5     // Any other value means not delivered: a flipped bit causes a duplicate, never a loss.
	flagGzipped = 1
)

var (
	// Marker begins a record.
	Marker     = []byte{0xF5, 'o', 'v', 0x1E} // 0xF5 does not occur in UTF-8.
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// errDamaged means that a record does not match its checksum.
var errDamaged = errors.New("spool: damaged record")

// Request is an OTLP request, ready to be sent.
type Request struct {
	At      time.Time // When the spool accepted it.
	Items   int       // The number of spans, points or records.
	Gzipped bool
	Payload []byte

	Packed   bool          // Compressed only while it waits in memory: the endpoint gets it uncompressed.
	Borrowed bool          // The caller owns the payload and reuses it.
	Buffer   []byte        // The payload's buffer, if it may be reused when the request is settled.
	Readers  *atomic.Int32 // The number of readers of the payload while it is sent.
	Entry    *Entry        // Its entry in the queue; set by take.
	WasAside bool          // The request had been set aside; set by take.
}

// AppendRecord encodes a request at the end of b.
func AppendRecord(b []byte, r Request) []byte {
	start := len(b)
	b = append(b, Marker...)
	b = append(b, 0, 0, 0, 0, 0) // State and checksum are filled in below.
	b = binary.LittleEndian.AppendUint32(b, uint32(len(r.Payload)))
	b = binary.LittleEndian.AppendUint32(b, uint32(min(max(int64(r.Items), 0), math.MaxUint32)))
	b = binary.LittleEndian.AppendUint64(b, uint64(r.At.UnixNano()))
	var flags byte
	if r.Gzipped {
		flags |= flagGzipped
	}
	b = append(b, flags)
	b = append(b, r.Payload...)
	binary.LittleEndian.PutUint32(b[start+SumAt:], crc32.Checksum(b[start+LengthAt:], castagnoli))
	return b
}

// parseRecord reads the record at the beginning of b. The payload is a part of b.
func parseRecord(b []byte) (r Request, size int, done bool, err error) {
	if len(b) < HeaderSize || !bytes.Equal(b[:markerSize], Marker) {
		return Request{}, 0, false, errDamaged
	}
	length := binary.LittleEndian.Uint32(b[LengthAt:])
	if length > MaxPayload || int(length) > len(b)-HeaderSize {
		return Request{}, 0, false, errDamaged
	}
	size = HeaderSize + int(length)
	if binary.LittleEndian.Uint32(b[SumAt:]) != crc32.Checksum(b[LengthAt:size], castagnoli) {
		return Request{}, 0, false, errDamaged
	}
	return Request{
		At:      time.Unix(0, int64(binary.LittleEndian.Uint64(b[TimeAt:]))),
		Items:   int(binary.LittleEndian.Uint32(b[ItemsAt:])),
		Gzipped: b[flagsAt]&flagGzipped != 0,
		Payload: b[HeaderSize:size],
	}, size, b[StateAt] == StateDone, nil
}

// Found is an undelivered record of a segment.
type Found struct {
	At     time.Time
	Items  int
	offset int64
	Size   int
}

// ErrForeign means that a file is not a segment; ErrVersion and ErrSignal mean that it is a
// segment of another version or signal.
var (
	ErrForeign = errors.New("not a spool file")
	ErrVersion = errors.New("a spool file of another version")
	ErrSignal  = errors.New("a spool file of another signal")
)

// Start returns the first bytes of a segment of the signal.
func Start(s Signal) []byte { return append([]byte(Magic), version, s.code()) }

// checkStart checks the first bytes of a segment.
func checkStart(b []byte, s Signal) error {
	switch {
	case len(b) < FileStart || string(b[:len(Magic)]) != Magic:
		return ErrForeign
	case b[len(Magic)] != version:
		return ErrVersion
	case b[len(Magic)+1] != s.code():
		return ErrSignal
	}
	return nil
}
