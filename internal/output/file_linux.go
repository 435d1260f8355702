// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package output

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// attemptWrite is a write that fails instead of blocking. Only one call at a time uses its fields, so that
// calls do not allocate.
type attemptWrite struct {
	conn syscall.RawConn
	bufs [1][]byte
	n    int
	err  error
	call func(fd uintptr)
}

// tryWrite returns a function that writes as much as possible to a descriptor without blocking. The flag
// belongs to the call, so it does not change the mode of the descriptor, which other processes may share.
// The function is not safe for concurrent use.
//
// Pipes support it since Linux 6.4, sockets since 4.14, XFS and Btrfs since 6.0; ext4 does not.
func tryWrite(conn syscall.RawConn) func([]byte) (int, error) {
	a := &attemptWrite{conn: conn}
	a.call = func(fd uintptr) {
		a.err = unix.EINTR
		for errors.Is(a.err, unix.EINTR) {
			a.n, a.err = unix.Pwritev2(int(fd), a.bufs[:], -1, unix.RWF_NOWAIT)
		}
	}
	return a.write
}

func (a *attemptWrite) write(line []byte) (int, error) {
	a.bufs[0] = line
	// Not conn.Write, which waits for a write of the program's own that hangs.
	err := a.conn.Control(a.call)
	a.bufs[0] = nil
	if err != nil {
		return 0, err
	}
	switch n := max(a.n, 0); {
	case a.err == nil && n == len(line):
		return n, nil
	case a.err == nil, errors.Is(a.err, unix.EAGAIN):
		return n, errWouldBlock
	case errors.Is(a.err, unix.EOPNOTSUPP), errors.Is(a.err, unix.ENOSYS), errors.Is(a.err, unix.EINVAL), errors.Is(a.err, unix.ESPIPE), errors.Is(a.err, unix.EPERM):
		return 0, errUnsupported // EPERM: a sandbox that denies the call.
	default:
		return n, a.err
	}
}
