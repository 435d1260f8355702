// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package syslog

import (
	"net"
	"syscall"
)

// hungUp reports whether the server has closed the connection. It asks the kernel, which knows it before
// a goroutine that reads is scheduled on a busy machine.
func hungUp(c net.Conn) (yes bool) {
	socket, ok := c.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	_ = raw.Control(func(fd uintptr) {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		yes = n == 0 && err == nil
	})
	return yes
}
