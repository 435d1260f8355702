// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// optional has the optional interfaces of net/http's response over HTTP/1.
type optional interface {
	http.Flusher
	FlushError() error
	CloseNotify() <-chan bool
	SetReadDeadline(deadline time.Time) error
	SetWriteDeadline(deadline time.Time) error
	io.StringWriter
	io.ReaderFrom
	http.Hijacker
}

// foreign is net/http's response without EnableFullDuplex: a combination of interfaces that the
// middleware leaves to httpsnoop.
type foreign struct {
	http.ResponseWriter
	optional
}

// served is a response in memory with the interfaces of net/http's response over HTTP/1.
type served struct{ *httptest.ResponseRecorder }

func (served) FlushError() error { return nil }

func (served) CloseNotify() <-chan bool { return nil }

func (served) SetReadDeadline(time.Time) error { return nil }

func (served) SetWriteDeadline(time.Time) error { return nil }

func (served) EnableFullDuplex() error { return nil }

func (s served) ReadFrom(r io.Reader) (int64, error) { return io.Copy(s.ResponseRecorder, r) }

func (served) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, http.ErrNotSupported }

// BenchmarkRequest compares the middleware's own response wrapper with httpsnoop's. The type
// foreign costs the latter one more allocation.
func BenchmarkRequest(b *testing.B) {
	tel, err := voicesdk.Setup(b.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(),
		voicesdk.WithLogWriter(io.Discard), voicesdk.WithSpanProcessor(sdktrace.NewSimpleSpanProcessor(nil)),
		voicesdk.WithMetricReader(sdkmetric.NewManualReader()),
		voicesdk.WithLookupEnv(func(string) (string, bool) { return "", false }))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = tel.Shutdown(b.Context()) })
	mux := http.NewServeMux()
	mux.HandleFunc("POST /calls/{id}", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	own := voicehttp.Middleware(tel.Telemetry, voicehttp.WithoutRequestLogs())(mux)
	for _, wrapper := range []struct {
		name    string
		handler http.Handler
	}{
		{"own wrapper", own},
		{"httpsnoop", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			own.ServeHTTP(foreign{w, w.(optional)}, r)
		})},
	} {
		b.Run("in process/"+wrapper.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/calls/17", http.NoBody)
				wrapper.handler.ServeHTTP(served{httptest.NewRecorder()}, r)
			}
		})
		b.Run("loopback/"+wrapper.name, func(b *testing.B) {
			s := httptest.NewServer(wrapper.handler)
			defer s.Close()
			defer s.Client().CloseIdleConnections()
			r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, s.URL+"/calls/17", http.NoBody)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				res, err := s.Client().Do(r)
				if err != nil {
					b.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			}
		})
	}
}
