// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package telemetryfile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory of a zstd file.
const maxWindow = 128 << 20

// decompress returns the text of a stream that may be compressed.
func (r *Reader) decompress(name string, in io.Reader) (plain io.Reader, done func(), err error) {
	buffered := bufio.NewReaderSize(in, 64<<10)
	start, _ := buffered.Peek(4)
	short := func() { r.Cut, r.Short = true, append(r.Short, name) }
	switch {
	case bytes.HasPrefix(start, []byte{0x1F, 0x8B}):
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, nil, err
		}
		return &cutShort{unzipped, short}, func() {}, nil
	case bytes.Equal(start, []byte{0x28, 0xB5, 0x2F, 0xFD}):
		unzipped, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, err
		}
		return &cutShort{unzipped, short}, unzipped.Close, nil
	}
	return buffered, func() {}, nil
}

// cutShort ends where a compressed stream was cut: what is before is read.
type cutShort struct {
	in    io.Reader
	short func() // It is called once, at a cut.
}

func (c *cutShort) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		if c.short != nil {
			c.short()
			c.short = nil
		}
		err = io.EOF
	}
	return n, err
}
