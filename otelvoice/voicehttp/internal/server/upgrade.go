// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
)

// isUpgrade reports whether a request asks for another protocol.
func isUpgrade(r *http.Request) bool {
	return r.Header.Get("Upgrade") != "" && strings.Contains(strings.ToLower(strings.Join(r.Header["Connection"], ",")), "upgrade")
}

// upgrade reads the status that a handler writes to a hijacked connection. Libraries that
// hijack before they check the request write their refusal there, through the buffer. The
// connection itself is not wrapped, because handlers depend on its type.
type upgrade struct{ seen atomic.Int32 }

// status returns the status that was written, or 0.
func (u *upgrade) status() int { return int(u.seen.Load()) }

// watch replaces the connection's buffered writer with one of the same size that reads the
// status.
func (u *upgrade) watch(rw *bufio.ReadWriter) {
	if rw == nil || rw.Writer == nil {
		return
	}
	rw.Writer = bufio.NewWriterSize(&statusReader{to: rw.Writer, upgrade: u}, rw.Writer.Size())
}

// statusReader writes through at once, and reads the status from the first line written.
type statusReader struct {
	to      *bufio.Writer
	upgrade *upgrade
	done    bool
}

func (r *statusReader) Write(p []byte) (int, error) {
	if !r.done && len(p) > 0 {
		r.done = true
		r.upgrade.seen.Store(int32(statusOf(p)))
	}
	n, err := r.to.Write(p)
	if err == nil {
		err = r.to.Flush()
	}
	return n, err
}

// ReadFrom delegates to the connection, which can send files efficiently.
func (r *statusReader) ReadFrom(src io.Reader) (int64, error) {
	r.done = true
	n, err := r.to.ReadFrom(src)
	if err == nil {
		err = r.to.Flush()
	}
	return n, err
}

// statusOf returns the status of a status line, or 0.
func statusOf(line []byte) int {
	const version, digits = len("HTTP/1.1 "), 3
	if len(line) < version+digits || !strings.HasPrefix(string(line[:version]), "HTTP/1.") || line[version-1] != ' ' {
		return 0
	}
	status := 0
	for _, c := range line[version : version+digits] {
		if c < '0' || c > '9' {
			return 0
		}
		status = status*10 + int(c-'0')
	}
	return status
}
