// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

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
// and goes on with records:
//
//	marker 4 | state 1 | crc 4 | length 4 | items 4 | time 8 | flags 1 | payload
//
// Integers are little-endian. The checksum (CRC-32C, as in Kafka and ext4) is of all that
// follows it. The state is outside of it: it is changed in place when a record has been
// delivered, one byte, which no crash can tear. The marker is where reading goes on after
// a damaged record.
const (
	magic          = "otelspool"
	version   byte = 1
	fileStart      = len(magic) + 2

	markerSize  = 4
	stateAt     = markerSize
	sumAt       = stateAt + 1
	lengthAt    = sumAt + 4
	itemsAt     = lengthAt + 4
	timeAt      = itemsAt + 4
	flagsAt     = timeAt + 8
	headerSize  = flagsAt + 1
	maxPayload  = 64 << 20 // What is larger was not written by us: a batch is some hundred kilobytes.
	stateDone   = 0xA5     // Anything else is not delivered: a flipped bit costs a duplicate, never a loss.
	flagGzipped = 1
)

var (
	marker     = []byte{0xF5, 'o', 'v', 0x1E} // 0xF5 is in no UTF-8.
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// errDamaged says that a record is not what was written.
var errDamaged = errors.New("spool: damaged record")

// request is an OTLP request, ready to be sent.
type request struct {
	at      time.Time // When it was handed over.
	items   int       // How many spans, points or records are in it.
	gzipped bool
	payload []byte

	borrowed bool          // The payload is the caller's, who will use it again.
	buffer   []byte        // What the payload is in, if it may be used again when the request is settled.
	readers  *atomic.Int32 // Who reads the payload while it is sent.
	entry    *entry        // Its place in the queue, in what take returns.
	wasAside bool          // In what take returns: it had been set aside.
}

// appendRecord encodes a request at the end of b.
func appendRecord(b []byte, r request) []byte {
	start := len(b)
	b = append(b, marker...)
	b = append(b, 0, 0, 0, 0, 0) // The state, and the sum, when the rest is known.
	b = binary.LittleEndian.AppendUint32(b, uint32(len(r.payload)))
	b = binary.LittleEndian.AppendUint32(b, uint32(min(max(int64(r.items), 0), math.MaxUint32)))
	b = binary.LittleEndian.AppendUint64(b, uint64(r.at.UnixNano()))
	var flags byte
	if r.gzipped {
		flags |= flagGzipped
	}
	b = append(b, flags)
	b = append(b, r.payload...)
	binary.LittleEndian.PutUint32(b[start+sumAt:], crc32.Checksum(b[start+lengthAt:], castagnoli))
	return b
}

// parseRecord reads the record at the beginning of b. The payload is a part of b.
func parseRecord(b []byte) (r request, size int, done bool, err error) {
	if len(b) < headerSize || !bytes.Equal(b[:markerSize], marker) {
		return request{}, 0, false, errDamaged
	}
	length := binary.LittleEndian.Uint32(b[lengthAt:])
	if length > maxPayload || int(length) > len(b)-headerSize {
		return request{}, 0, false, errDamaged
	}
	size = headerSize + int(length)
	if binary.LittleEndian.Uint32(b[sumAt:]) != crc32.Checksum(b[lengthAt:size], castagnoli) {
		return request{}, 0, false, errDamaged
	}
	return request{
		at:      time.Unix(0, int64(binary.LittleEndian.Uint64(b[timeAt:]))),
		items:   int(binary.LittleEndian.Uint32(b[itemsAt:])),
		gzipped: b[flagsAt]&flagGzipped != 0,
		payload: b[headerSize:size],
	}, size, b[stateAt] == stateDone, nil
}

// found is a record of a segment that has not been delivered.
type found struct {
	at     time.Time
	items  int
	offset int64
	size   int
}

// errForeign says that a file is no segment; errVersion and errSignal, that it is one of
// another version or signal.
var (
	errForeign = errors.New("not a spool file")
	errVersion = errors.New("a spool file of another version")
	errSignal  = errors.New("a spool file of another signal")
)

// start is what a segment of the signal begins with.
func start(s Signal) []byte { return append([]byte(magic), version, s.code()) }

// checkStart reads what a segment begins with.
func checkStart(b []byte, s Signal) error {
	switch {
	case len(b) < fileStart || string(b[:len(magic)]) != magic:
		return errForeign
	case b[len(magic)] != version:
		return errVersion
	case b[len(magic)+1] != s.code():
		return errSignal
	}
	return nil
}
