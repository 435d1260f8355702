// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"context"
	"net/http"
	"testing"
	"time"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/internal/spool/report"
)

// Memory is short, and the collector that is back has faults of its own: what was dropped for the one and what was
// refused for the other is counted apart, each span once, and turns with an error arrive whole.
func TestFaultsOfTheCollectorWhileMemoryIsShort(t *testing.T) {
	t.Parallel()
	const bound = 256 << 10
	rejectOne, err := proto.Marshal(&coltrace.ExportTraceServiceResponse{PartialSuccess: &coltrace.ExportTracePartialSuccess{RejectedSpans: 1, ErrorMessage: "no"}})
	if err != nil {
		t.Fatal(err)
	}
	status := func(code int) func(int, http.ResponseWriter, string) bool {
		return func(n int, w http.ResponseWriter, _ string) bool {
			if n < 8 && n%2 == 1 {
				w.Header().Set("Retry-After", "1")
				w.WriteHeader(code)
				return false
			}
			return true
		}
	}
	for name, answer := range map[string]func(n int, w http.ResponseWriter, body string) bool{
		"413 above 16 KiB": func(_ int, w http.ResponseWriter, body string) bool {
			if len(body) > 16<<10 {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
			}
			return len(body) <= 16<<10
		},
		"429": status(http.StatusTooManyRequests),
		"503": status(http.StatusServiceUnavailable),
		"502": status(http.StatusBadGateway),
		"partial success": func(_ int, w http.ResponseWriter, _ string) bool {
			_, _ = w.Write(rejectOne)
			return true
		},
		"a connection that ends": func(n int, _ http.ResponseWriter, _ string) bool {
			if n < 8 && n%2 == 1 {
				panic(http.ErrAbortHandler)
			}
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f, c, up := startShort(t, bound, true, answer)
			k := newTalk()
			for half := range 2 {
				for i := range 2000 {
					sort := "ordinary"
					if i%100 == 10 {
						sort = "error"
					}
					k.turn(sort)
				}
				for _, r := range k.requests(t, 100) {
					if err := f.put(r); err != nil {
						t.Fatal(err)
					}
					if h := s.Health()[0]; h.Memory > bound {
						t.Fatalf("%d bytes wait, the bound is %d", h.Memory, bound)
					}
				}
				if half == 0 {
					up()
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			isRefused := name == "partial success"
			if err := s.ForceFlush(ctx); (err != nil) != isRefused {
				t.Errorf("ForceFlush: %v", err)
			}
			turns, spans := arrived(t, c.got())
			h := s.Health()[0]
			lost := 0
			for reason, n := range h.Dropped {
				lost += int(n)
				if reason != report.ReasonSampled && (reason != report.ReasonRejected || !isRefused) {
					t.Errorf("%d spans are lost because of %q", n, reason)
				}
			}
			if h.Dropped[report.ReasonSampled] == 0 {
				t.Error("memory was not short")
			}
			if int(h.Sent)+lost != k.made || int(h.Sent+h.Dropped[report.ReasonRejected]) != spans {
				t.Errorf("%d made, %d counted as sent, %v lost, %d arrived", k.made, h.Sent, h.Dropped, spans)
			}
			for id, sort := range k.sort {
				if sort == "error" && turns[id] != k.turns[id] {
					t.Errorf("of the turn %s, %d of %d spans arrived", id, turns[id], k.turns[id])
				}
			}
			if err := s.Shutdown(t.Context()); (err != nil) != isRefused {
				t.Errorf("Shutdown: %v", err)
			}
		})
	}
}
