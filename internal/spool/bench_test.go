// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// benchmarkPut puts requests of 200 kB, as batches of a thousand records are.
func benchmarkPut(b *testing.B, cfg queue.Config, url string) {
	b.Helper()
	s, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	put, err := s.Requests(segment.Logs, collector.Endpoint{URL: url})
	if err != nil {
		b.Fatal(err)
	}
	payload := make([]byte, 200<<10)
	b.SetBytes(int64(len(payload)))
	b.ReportAllocs()
	for b.Loop() {
		if err := put(payload, 1000); err != nil {
			b.Fatal(err)
		}
	}
	if url != away {
		if err := s.ForceFlush(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	_ = shutdown(s)
}

// BenchmarkPutWhileTheCollectorIsAway measures the wait of a caller while the collector is
// unreachable and old files are removed for new ones.
func BenchmarkPutWhileTheCollectorIsAway(b *testing.B) {
	benchmarkPut(b, queue.Config{Dir: b.TempDir(), MaxBytes: 64 << 20}, away)
}

func BenchmarkDeliver(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer server.Close()
	b.Run("disk", func(b *testing.B) { benchmarkPut(b, queue.Config{Dir: b.TempDir(), MaxBytes: 1 << 30}, server.URL) })
	b.Run("memory", func(b *testing.B) { benchmarkPut(b, queue.Config{MaxMemory: 1 << 30}, server.URL) })
}
