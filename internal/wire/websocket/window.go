// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package websocket

import (
	"compress/flate"
	"errors"
	"io"
	"slices"
	"sync"
)

// maxWindow is how far back DEFLATE refers.
const maxWindow = 32 << 10

// maxInflated limits the work for one message, as a multiple of the limit of a message. One byte
// can stand for 1,032, so a message of 1 MiB could otherwise take seconds.
const maxInflated = 4

// A window is the end of the messages before, to which compressed messages refer.
type window struct {
	bytes []byte
	// lost is true if messages are missing between those in the window and earlier ones. A
	// message that refers to a missing one cannot be decompressed, and this is no error.
	lost bool
}

// The results of inflate.
type inflated uint8

const (
	inflatedWhole   inflated = iota
	inflatedOver             // The message is over the limit.
	inflatedUnknown          // It refers to bytes that were skipped.
	inflatedCorrupt          // It violates the protocol.
)

// deflateTail is what the sender of a message cut off (RFC 7692, section 7.2.2), and an empty last
// block, at which the reader ends.
const deflateTail = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"

// An inflater decompresses a message.
type inflater struct {
	source  source
	reader  io.ReadCloser
	scratch [4096]byte
}

var inflaters = sync.Pool{New: func() any { return &inflater{reader: flate.NewReader(nil)} }}

// lose forgets the window, because a message was skipped.
func (w *window) lose(takeover bool) {
	w.bytes = w.bytes[:0]
	w.lost = takeover
}

// inflate appends the decompressed data to a buffer. If takeover is true, later messages may refer
// to the result.
func (w *window) inflate(to *buffer, data []byte, limit int, takeover bool) inflated {
	inf := inflaters.Get().(*inflater)
	defer func() {
		inf.source = source{}
		inflaters.Put(inf)
	}()
	inf.source = source{data: data, tail: deflateTail}
	//nolint:errcheck,forcetypeassert // The documentation of flate.NewReader promises a Resetter, whose Reset never fails.
	inf.reader.(flate.Resetter).Reset(&inf.source, w.bytes)

	total := 0
	over := false
	for {
		var into []byte
		if over {
			into = inf.scratch[:]
		} else {
			if len(to.bytes) == cap(to.bytes) {
				to.bytes = slices.Grow(to.bytes, 512)
			}
			into = to.bytes[len(to.bytes):cap(to.bytes)]
		}
		n, err := inf.reader.Read(into)
		total += n
		if over {
			w.keep(into[:n], takeover)
		} else {
			to.bytes = to.bytes[:len(to.bytes)+n]
			if len(to.bytes) > limit {
				over = true
				w.keep(to.bytes, takeover)
				to.bytes = to.bytes[:0]
			}
		}
		switch {
		case err == nil && total > maxInflated*limit:
			w.lose(takeover)
			return inflatedOver
		case err == nil:
		case !errors.Is(err, io.EOF) && w.lost:
			w.lose(takeover)
			return inflatedUnknown
		case !errors.Is(err, io.EOF):
			return inflatedCorrupt
		case over:
			return inflatedOver
		default:
			w.keep(to.bytes, takeover)
			return inflatedWhole
		}
	}
}

// keep appends to the window and drops what is out of reach.
func (w *window) keep(p []byte, takeover bool) {
	if !takeover {
		return
	}
	if len(p) >= maxWindow {
		w.bytes = append(w.bytes[:0], p[len(p)-maxWindow:]...)
		return
	}
	if excess := len(w.bytes) + len(p) - maxWindow; excess > 0 {
		w.bytes = w.bytes[:copy(w.bytes, w.bytes[excess:])]
	}
	w.bytes = append(w.bytes, p...)
}

// A source reads the data of a message, then the tail. The decompressor reads it byte by byte.
type source struct {
	data []byte
	tail string
}

func (s *source) Read(p []byte) (int, error) {
	if len(s.data) > 0 {
		n := copy(p, s.data)
		s.data = s.data[n:]
		return n, nil
	}
	if s.tail == "" {
		return 0, io.EOF
	}
	n := copy(p, s.tail)
	s.tail = s.tail[n:]
	return n, nil
}

func (s *source) ReadByte() (byte, error) {
	if len(s.data) > 0 {
		b := s.data[0]
		s.data = s.data[1:]
		return b, nil
	}
	if s.tail == "" {
		return 0, io.EOF
	}
	b := s.tail[0]
	s.tail = s.tail[1:]
	return b, nil
}
