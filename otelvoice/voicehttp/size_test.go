// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// Of what handlers write, only what goes out counts: not the body in answer to HEAD, and not
// what net/http still keeps when a handler panics, which is 2 KiB of HTTP/1 and 4 KiB of HTTP/2.
func TestOnlyWhatIsSentCounts(t *testing.T) {
	type says struct{ status, size any }
	writes := func(n int, panics bool) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("a", n))
			if panics {
				panic("boom")
			}
		}
	}
	for _, tt := range []struct {
		name         string
		method       string
		handler      http.HandlerFunc
		http1, http2 says
	}{
		{"HEAD", http.MethodHead, writes(5, false), says{200.0, 0.0}, says{200.0, 0.0}},
		{"HEAD, much", http.MethodHead, writes(1<<16, false), says{200.0, 0.0}, says{200.0, 0.0}},
		{"a panic after 2 KiB", http.MethodGet, writes(2<<10, true), says{500.0, 0.0}, says{500.0, 0.0}},
		{"a panic after 3 KiB", http.MethodGet, writes(3<<10, true), says{200.0, 3072.0}, says{500.0, 0.0}},
		{"a panic after 5 KiB", http.MethodGet, writes(5<<10, true), says{200.0, 5120.0}, says{200.0, 5120.0}},
		{"101, which is an announcement in HTTP/2", http.MethodGet, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusSwitchingProtocols)
		}, says{101.0, 0.0}, says{200.0, 0.0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			for protocol, s := range protocols(t, voicehttp.Middleware(tel.Telemetry)(tt.handler)) {
				req, err := http.NewRequestWithContext(t.Context(), tt.method, s.URL, http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				if res, err := s.Client().Do(req); err == nil {
					_, _ = io.Copy(io.Discard, res.Body)
					_ = res.Body.Close()
				}
				s.Close() // Waits for the handler's line.
				want := tt.http1
				if protocol != "HTTP/1.1" {
					want = tt.http2
				}
				if status, size := lastLine(t, rec); (says{status, size}) != want {
					t.Errorf("%s: the line says %v and %v bytes, want %v", protocol, status, size, want)
				}
			}
		})
	}
}
