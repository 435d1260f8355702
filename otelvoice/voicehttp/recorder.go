// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"bufio"
	"io"
	"net"
	"net/http"

	"github.com/felixge/httpsnoop"
)

// recorder notes the status and the size of a response as they pass.
type recorder struct {
	status   int
	written  int64
	hijacked bool
	body     *excerpt // Nil unless bodies are logged.
}

// wrap returns w with the same optional interfaces, noting what passes.
func (r *recorder) wrap(w http.ResponseWriter) http.ResponseWriter {
	return httpsnoop.Wrap(w, httpsnoop.Hooks{
		WriteHeader: func(next httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc {
			return func(status int) {
				// 1xx are announcements; the answer comes after, save 101.
				if r.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
					r.status = status
				}
				next(status)
			}
		},
		Write: func(next httpsnoop.WriteFunc) httpsnoop.WriteFunc {
			return func(p []byte) (int, error) {
				n, err := next(p)
				r.written += int64(n)
				r.body.add(p[:max(n, 0)])
				return n, err
			}
		},
		ReadFrom: func(next httpsnoop.ReadFromFunc) httpsnoop.ReadFromFunc {
			return func(src io.Reader) (int64, error) {
				if r.body != nil {
					src = io.TeeReader(src, excerptWriter{r.body})
				}
				n, err := next(src)
				r.written += n
				return n, err
			}
		},
		Hijack: func(next httpsnoop.HijackFunc) httpsnoop.HijackFunc {
			return func() (net.Conn, *bufio.ReadWriter, error) {
				conn, rw, err := next()
				r.hijacked = r.hijacked || err == nil
				return conn, rw, err
			}
		},
	})
}

// statusCode returns what the client saw: with nothing written net/http answers
// 200, and a connection that was taken over became another protocol.
func (r *recorder) statusCode() int {
	switch {
	case r.status != 0:
		return r.status
	case r.hijacked:
		return http.StatusSwitchingProtocols
	}
	return http.StatusOK
}
