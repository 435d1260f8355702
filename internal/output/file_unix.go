// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package output

import (
	"errors"
	"io"
	"os"
	"syscall"
)

var (
	errWouldBlock  = errors.New("output: the write would block")
	errUnsupported = errors.New("output: the file takes no write that does not block")
)

// fileTarget returns a target that writes to the descriptor of a file. os.File.Write ends the process if
// its standard output or error is a pipe without a reader (os/signal, "SIGPIPE"). An agent must continue
// its calls then.
func fileTarget(file *os.File) target {
	conn, err := file.SyscallConn()
	if err != nil {
		return target{write: file.Write, lingers: true}
	}
	b := &blockingWrite{conn: conn}
	b.call = b.attempt
	return target{write: b.write, try: tryWrite(conn), lingers: true}
}

// blockingWrite writes all of a line. Only one call at a time uses its fields, so that calls do not
// allocate.
type blockingWrite struct {
	conn syscall.RawConn
	rest []byte
	n    int
	err  error
	call func(fd uintptr) bool
}

// attempt returns false for a descriptor that is not ready. The runtime then waits until it is.
func (b *blockingWrite) attempt(fd uintptr) bool {
	b.n, b.err = syscall.Write(int(fd), b.rest)
	return !errors.Is(b.err, syscall.EAGAIN)
}

func (b *blockingWrite) write(line []byte) (written int, err error) {
	b.rest = line
	defer func() { b.rest = nil }()
	for len(b.rest) > 0 {
		if err := b.conn.Write(b.call); err != nil {
			return written, err
		}
		if n := max(b.n, 0); n > 0 {
			written += n
			b.rest = b.rest[n:]
		}
		switch {
		case errors.Is(b.err, syscall.EINTR):
		case b.err != nil:
			return written, b.err
		case b.n == 0:
			return written, io.ErrUnexpectedEOF
		}
	}
	return written, nil
}
