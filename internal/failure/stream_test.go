// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"

	"github.com/voice-agents/telemetry/internal/failure"
)

// Error types with the fields of those in golang.org/x/net/http2 and quic-go.
type (
	StreamError struct {
		StreamID uint32
		Code     uint32
	}
	GoAwayError struct {
		LastStreamID uint32
		ErrCode      uint32
	}
)

func (StreamError) Error() string  { return "m" }
func (*GoAwayError) Error() string { return "m" }

// One event has the same class in each protocol.
func TestTypeOfBrokenStreams(t *testing.T) {
	aborting := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	aborting.EnableHTTP2 = true
	aborting.StartTLS()
	t.Cleanup(aborting.Close)
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"a stream of HTTP/2 that the server reset", ask(t, aborting), "connection_reset"},
		{"a stream reset of another HTTP/2", fmt.Errorf("ask: %w", StreamError{1, 8}), "connection_reset"},
		{"a connection of HTTP/2 that the server closed", &GoAwayError{1, 2}, "connection_reset"},
		{"a network reset", &net.OpError{Op: "read", Err: syscall.ENETRESET}, "connection_reset"},
		{"a network that is down", &net.OpError{Op: "dial", Err: syscall.ENETDOWN}, "network_unreachable"},
		{"a host that is down", &net.OpError{Op: "dial", Err: syscall.EHOSTDOWN}, "network_unreachable"},
		{"a host that is down, on Windows", &net.OpError{Op: "dial", Err: syscall.Errno(10064)}, "network_unreachable"},
		{"a body that is read after its end", errors.New("http: read on closed response body"), "closed"},
		{"the same of HTTP/2", errors.New("http2: response body closed"), "closed"},
		{"a request that the program canceled", errors.New("net/http: request canceled"), "canceled"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := failure.Type(tt.err); got != tt.want {
				t.Errorf("got  %q\nwant %q, of %#v", got, tt.want, tt.err)
			}
		})
	}
}

func ask(t *testing.T, s *httptest.Server) error {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := s.Client().Do(request)
	if err == nil {
		_ = response.Body.Close()
	}
	return err
}
