// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package telemetryfile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// maxWindow bounds the memory of a zstd file.
const maxWindow = 128 << 20

// Plain returns the text of a stream that may be compressed, in UTF-8. Call done after use.
func (r *Reader) Plain(name string, in io.Reader) (plain io.Reader, done func(), err error) {
	source := &source{in: in}
	buffered := bufio.NewReaderSize(source, 64<<10)
	start, _ := buffered.Peek(4)
	whole := func(decoded io.Reader) io.Reader {
		return inUTF8(bufio.NewReaderSize(&decoder{source: source, in: decoded, cut: func(err error) { r.cut(name, err) }}, 64<<10))
	}
	switch {
	case bytes.HasPrefix(start, []byte{0x1F, 0x8B}):
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, nil, err
		}
		return whole(unzipped), func() {}, nil
	case bytes.Equal(start, zstdStart):
		unzipped, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, err
		}
		return whole(unzipped), unzipped.Close, nil
	}
	for _, other := range others {
		if bytes.HasPrefix(start, []byte(other.start)) {
			return nil, nil, fmt.Errorf("it is compressed with %s: decompress it first", other.name)
		}
	}
	return inUTF8(buffered), func() {}, nil
}

// others are compressions that are not read, and how they begin.
var others = [...]struct{ name, start string }{ //nolint:gochecknoglobals // It does not change.
	{"xz", "\xFD7zX"}, {"bzip2", "BZh"}, {"zip", "PK\x03\x04"}, {"lz4", "\x04\x22\x4D\x18"}, {"7-Zip", "7z\xBC\xAF"},
}

// cut notes that what is behind an error was not read.
func (r *Reader) cut(name string, err error) {
	r.Cut = true
	if errors.Is(err, io.ErrUnexpectedEOF) {
		r.Short = append(r.Short, name)
		return
	}
	r.Damaged = append(r.Damaged, fmt.Sprintf("%s: %v", name, err))
}

// A source keeps the error of what is decompressed, which is not one of the compression.
type source struct {
	in  io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.in.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// A decoder ends where compressed data end early, or are damaged: what is before is read.
type decoder struct {
	source *source
	in     io.Reader
	cut    func(error)
	ended  bool
}

func (d *decoder) Read(p []byte) (int, error) {
	if d.ended {
		return 0, io.EOF
	}
	n, err := d.in.Read(p)
	switch {
	case err == nil || err == io.EOF:
		return n, err
	case d.source.err != nil:
		return n, d.source.err
	}
	d.ended = true
	d.cut(err)
	return n, io.EOF
}

// inUTF8 returns a text in UTF-8. PowerShell writes UTF-16. Without its mark, it is known by the zeros in its first
// characters, because lines of JSON begin with ASCII. Three characters tell it from the length of a message.
func inUTF8(text *bufio.Reader) io.Reader {
	start, _ := text.Peek(6)
	if len(start) < 6 {
		return text
	}
	order := unicode.LittleEndian
	switch {
	case start[0] == 0xFF && start[1] == 0xFE && (start[2] != 0 || start[3] != 0): // Else it is UTF-32.
	case start[0] == 0xFE && start[1] == 0xFF:
		order = unicode.BigEndian
	case start[0] != 0 && start[1] == 0 && start[2] != 0 && start[3] == 0 && start[4] != 0 && start[5] == 0:
	case start[0] == 0 && start[1] != 0 && start[2] == 0 && start[3] != 0 && start[4] == 0 && start[5] != 0:
		order = unicode.BigEndian
	default:
		return text
	}
	return transform.NewReader(text, unicode.UTF16(order, unicode.UseBOM).NewDecoder())
}
