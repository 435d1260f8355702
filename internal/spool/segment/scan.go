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

// scanWindow is the number of bytes of a segment in memory during a scan.
const scanWindow = 256 << 10

// maxTries bounds the damaged records of a file that are checked. More are not damage but
// a crafted file.
const maxTries = 1 << 18

// scanner reads a segment through a window, which bounds its memory whatever the file
// contains.
type scanner struct {
	file   io.ReaderAt
	size   int64
	signal Signal

	window []byte
	base   int64 // The offset of the window.
	err    error // The error of the first failed read.
	wasted int64 // Bytes whose checksum was wrong.
	spread int64 // Bytes that were decompressed to count items.
	tries  int   // Markers where a record might have begun.
}

// MaxEntries bounds the requests of a segment that are in memory at a time. A segment that
// this process writes has fewer.
const MaxEntries = 200_000

// ScanSegment returns the undelivered requests of a segment after an offset, and the number of
// items in damaged records. Bytes between two valid records are skipped. A file with a damaged
// signature is a segment if it has a valid record. If there are more than [MaxEntries] requests,
// resume is the offset at which to continue.
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

// scan returns the undelivered requests, the number of valid records, and the number of items
// in damaged ones.
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

// at returns up to n bytes at an offset; fewer at the end of the file or after a read error.
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

// rest returns the window's bytes from an offset on, at least n if the file has them. The
// window moves only when it must, so that a file full of markers is read once.
func (s *scanner) rest(offset int64, n int) []byte {
	s.at(offset, n)
	if offset < s.base {
		return nil
	}
	return s.window[min(offset-s.base, int64(len(s.window))):]
}

// header holds the fields before the payload of a record.
type header struct {
	marked, done, gzipped bool
	sum                   uint32
	length, items         int
	at                    time.Time
}

func (h header) size() int64 { return HeaderSize + int64(h.length) }

// header reads the bytes at an offset as a header. It returns false at the end of the file.
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

// intact reports whether a record's checksum is correct. The bytes read for records that turn
// out to be invalid are limited to a few times the file's size, so that a crafted file is not
// read again and again.
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

// nextMarker returns the offset of the next marker before a limit, or the limit.
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
