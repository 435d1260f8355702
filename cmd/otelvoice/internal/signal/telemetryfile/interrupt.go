// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package telemetryfile

import (
	"context"
	"io"
	"os"
)

// Interruptible returns a reader of a stream that ends with the context's error when the context is done, also while the
// stream waits for more, as a pipe or a terminal does. Call stop after use.
func Interruptible(ctx context.Context, in io.Reader) (r io.Reader, stop func()) {
	ctx, stop = context.WithCancel(ctx)
	i := &interruptible{ctx: ctx, read: make(chan part), free: make(chan []byte, 1)}
	i.free <- make([]byte, 64<<10)
	go i.pump(in)
	return i, stop
}

// A part is what one reading gave.
type part struct {
	data []byte
	err  error
}

type interruptible struct {
	ctx  context.Context
	read chan part
	free chan []byte // Has the buffer between its uses.
	last part        // What was read and not given yet.
	all  []byte      // The buffer of last.
}

// pump reads until the end of the stream, or until the context is done. It cannot end while a read of the stream blocks.
func (i *interruptible) pump(in io.Reader) {
	for {
		var buffer []byte
		select {
		case buffer = <-i.free:
		case <-i.ctx.Done():
			return
		}
		n, err := in.Read(buffer)
		select {
		case i.read <- part{buffer[:n], err}:
		case <-i.ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

func (i *interruptible) Read(p []byte) (int, error) {
	for len(i.last.data) == 0 {
		if err := i.last.err; err != nil {
			return 0, err
		}
		if i.all != nil {
			i.free <- i.all
			i.all = nil
		}
		select {
		case i.last = <-i.read:
			i.all = i.last.data[:cap(i.last.data):cap(i.last.data)]
		case <-i.ctx.Done():
			return 0, i.ctx.Err()
		}
	}
	n := copy(p, i.last.data)
	i.last.data = i.last.data[n:]
	return n, nil
}

// Stream is a file that is opened when it is read: a pipe with a name waits until a program writes to it.
type Stream struct {
	Name string
	file *os.File
}

// Read opens the file, if that was not done, and reads.
func (s *Stream) Read(p []byte) (int, error) {
	if s.file == nil {
		f, err := os.Open(s.Name)
		if err != nil {
			return 0, err
		}
		s.file = f
	}
	n, err := s.file.Read(p)
	if err != nil {
		_ = s.file.Close()
	}
	return n, err
}
