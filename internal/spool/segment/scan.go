// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"
)

// scanWindow is the number of bytes of a segment that are in memory during a scan.
const scanWindow = 256 << 10

// maxTries bounds the damaged records that are examined in a file. A file with more was crafted.
const maxTries = 1 << 18

// scanner reads a segment through a window, so that any file takes only the
// window's memory.
type scanner struct {
	file   io.ReaderAt
	size   int64
	signal Signal

	window []byte
	base   int64 // The offset of the window.
	err    error // The error of reading the file.
	wasted int64 // Bytes whose checksum was wrong.
	spread int64 // Bytes that were decompressed to count items.
	tries  int   // Markers where a record might have begun.
}

// MaxEntries bounds the requests of a segment that are in memory at a time. A segment that
// this process writes has fewer.
const MaxEntries = 200_000

// ScanSegment returns the undelivered requests in a segment from an offset on, and the number of items in
// damaged records. It skips bytes between two valid records. A file with a damaged signature is a
// segment if it has a valid record. If there are more than MaxEntries requests, resume is the offset at
// which to continue.
func ScanSegment(file io.ReaderAt, size int64, signal Signal, from int64) (records []Found, damaged int, resume int64, err error) {
	s := &scanner{file: file, size: size, signal: signal, window: make([]byte, 0, min(size, scanWindow))}
	sign := checkStart(s.at(0, FileStart), signal)
	if s.err == nil && (errors.Is(sign, ErrVersion) || errors.Is(sign, ErrSignal)) {
		return nil, 0, 0, sign
	}
	records, good, damaged, resume := s.scan(from)
	if s.err != nil {
		return nil, 0, 0, fmt.Errorf("read: %w", s.err)
	}
	if sign != nil && good == 0 {
		return nil, 0, 0, sign
	}
	return records, damaged, resume, nil
}

// scan returns the undelivered requests, the number of valid records, and the number of items in damaged
// records.
func (s *scanner) scan(from int64) (records []Found, good, damaged int, resume int64) {
	for offset := from; offset < s.size; {
		if len(records) == MaxEntries {
			return records, good, damaged, offset
		}
		if h, ok := s.header(offset); ok && s.intact(offset, h) {
			good++
			if !h.done {
				records = append(records, Found{h.at, h.items, offset, HeaderSize + h.length})
			}
			offset += h.size()
			continue
		}
		next := s.nextGood(offset + 1)
		damaged += s.damagedItems(offset, next)
		offset = next
	}
	return records, good, damaged, 0
}

// at returns n bytes at an offset, or fewer at the end of the file and after a read error.
func (s *scanner) at(offset int64, n int) []byte {
	n = int(max(min(int64(n), s.size-offset), 0))
	if offset < s.base || offset+int64(n) > s.base+int64(len(s.window)) {
		w := s.window[:min(int64(cap(s.window)), s.size-offset)]
		read, err := s.file.ReadAt(w, offset)
		if err != nil && !errors.Is(err, io.EOF) {
			s.err = err
		}
		s.window, s.base = w[:read], offset
	}
	from := offset - s.base
	return s.window[min(from, int64(len(s.window))):min(from+int64(n), int64(len(s.window)))]
}

// rest returns the window from an offset on, at least n bytes if the file has them. It moves the window
// only if necessary, so that a file full of markers is read once.
func (s *scanner) rest(offset int64, n int) []byte {
	s.at(offset, n)
	if offset < s.base {
		return nil
	}
	return s.window[min(offset-s.base, int64(len(s.window))):]
}

// header is the part of a record before the payload.
type header struct {
	marked, done, gzipped bool
	sum                   uint32
	length, items         int
	at                    time.Time
}

func (h header) size() int64 { return HeaderSize + int64(h.length) }

// header reads a header from any bytes. It returns false at the end of the file.
func (s *scanner) header(offset int64) (header, bool) {
	b := s.at(offset, HeaderSize)
	if len(b) < HeaderSize {
		return header{}, false
	}
	return header{
		marked: bytes.Equal(b[:markerSize], Marker), done: b[StateAt] == StateDone, gzipped: b[flagsAt]&flagGzipped != 0,
		sum: binary.LittleEndian.Uint32(b[SumAt:]), length: int(binary.LittleEndian.Uint32(b[LengthAt:])),
		items: int(binary.LittleEndian.Uint32(b[ItemsAt:])), at: time.Unix(0, int64(binary.LittleEndian.Uint64(b[TimeAt:]))),
	}, true
}

// intact reports whether a record's checksum is correct. It bounds the bytes that are read for wrong
// checksums to a few times the size of the file, because a crafted file may have many false records.
func (s *scanner) intact(offset int64, h header) bool {
	if !h.marked || h.length > MaxPayload || offset+h.size() > s.size || s.wasted > 8*s.size {
		return false
	}
	var sum uint32
	for from, to := offset+LengthAt, offset+h.size(); from < to; {
		b := s.rest(from, 1)
		b = b[:min(int64(len(b)), to-from)]
		if len(b) == 0 {
			return false
		}
		sum = crc32.Update(sum, castagnoli, b)
		from += int64(len(b))
	}
	if sum != h.sum {
		s.wasted += h.size()
	}
	return sum == h.sum
}

// nextGood returns the offset of the next valid record, or the end of the file.
func (s *scanner) nextGood(offset int64) int64 {
	for {
		offset = s.nextMarker(offset, s.size)
		s.tries++
		if offset >= s.size || s.tries > maxTries {
			return s.size
		}
		if h, ok := s.header(offset); ok && s.intact(offset, h) {
			return offset
		}
		offset++
	}
}

// nextMarker returns the offset of the next marker before an offset, or that offset.
func (s *scanner) nextMarker(offset, to int64) int64 {
	for offset < to {
		b := s.rest(offset, markerSize)
		b = b[:min(int64(len(b)), to-offset)]
		if i := bytes.Index(b, Marker); i >= 0 {
			return offset + int64(i)
		}
		if len(b) < markerSize || offset+int64(len(b)) >= to {
			return to
		}
		offset += int64(len(b) - markerSize + 1)
	}
	return to
}
