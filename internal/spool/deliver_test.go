// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/deadletter"
	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// named makes a request of spans whose names are numbers, each of the given size.
func named(from, n, size int) *coltrace.ExportTraceServiceRequest {
	ss := &tracepb.ScopeSpans{}
	for i := range n {
		ss.Spans = append(ss.Spans, &tracepb.Span{Name: fmt.Sprintf("%06d", from+i), TraceState: strings.Repeat("x", size)})
	}
	return &coltrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{ss}}}}
}

// spanNames are the names of all spans in requests, in order.
func spanNames(t *testing.T, bodies []string) (names []string) {
	t.Helper()
	for _, body := range bodies {
		m := &coltrace.ExportTraceServiceRequest{}
		if err := proto.Unmarshal([]byte(body), m); err != nil {
			t.Fatal(err)
		}
		for _, rs := range m.GetResourceSpans() {
			for _, ss := range rs.GetScopeSpans() {
				for _, s := range ss.GetSpans() {
					names = append(names, s.GetName())
				}
			}
		}
	}
	return names
}

func numberedSpans(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("%06d", i))
	}
	return names
}

// openTraces opens a spool for spans, and returns a function that puts a request.
func openTraces(t *testing.T, cfg queue.Config, e collector.Endpoint) (*Spool, func(m proto.Message, items int)) {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shutdown(s) })
	put, err := s.Requests(segment.Traces, e)
	if err != nil {
		t.Fatal(err)
	}
	return s, func(m proto.Message, items int) {
		t.Helper()
		if err := put(encode(t, m), items); err != nil {
			t.Fatal(err)
		}
	}
}

// A proxy that accepts 100 kB gets everything in smaller requests, without a 413 for each.
func TestProxyThatRefusesLargeRequestsLosesNothing(t *testing.T) {
	t.Parallel()
	const limit, perRequest = 100_000, 600
	for _, gzipped := range []bool{false, true} {
		for _, disk := range []bool{false, true} {
			t.Run(fmt.Sprintf("gzip %t, disk %t", gzipped, disk), func(t *testing.T) {
				t.Parallel()
				c := newCollector(t)
				refused := 0
				c.answers(func(_ int, w http.ResponseWriter, body string) bool {
					if len(body) > limit {
						c.mu.Lock()
						refused++
						c.mu.Unlock()
						w.WriteHeader(http.StatusRequestEntityTooLarge)
					}
					return len(body) <= limit
				})
				cfg := queue.Config{}
				if disk {
					cfg.Dir = t.TempDir()
				}
				s, put := openTraces(t, cfg, collector.Endpoint{URL: c.URL, Gzip: gzipped})
				for i := range 5 {
					put(named(i*perRequest, perRequest, 1000), perRequest)
				}
				flush(t, s)
				if got := spanNames(t, c.got()); !slices.Equal(got, numberedSpans(5*perRequest)) {
					t.Errorf("%d spans arrived, want %d, each once and in order", len(got), 5*perRequest)
				}
				if h := s.Health()[0]; h.Sent != 5*perRequest || len(h.Dropped) > 0 || !h.Delivering {
					t.Errorf("health: %+v", h)
				}
				if refused > 8 {
					t.Errorf("%d requests were rejected for their size: the limit of the proxy was not remembered", refused)
				}
			})
		}
	}
}

// A single span that is too large is dropped, counted and kept as a dead letter. The other spans of
// its request arrive.
func TestSingleSpanThatIsTooLargeIsDroppedAlone(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	c.answers(func(_ int, w http.ResponseWriter, body string) bool {
		if len(body) > 10_000 {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
		return len(body) <= 10_000
	})
	dir := t.TempDir()
	s, put := openTraces(t, queue.Config{Dir: dir}, collector.Endpoint{URL: c.URL})
	m := named(0, 100, 100)
	m.GetResourceSpans()[0].GetScopeSpans()[0].GetSpans()[50].TraceState = strings.Repeat("x", 50_000)
	put(m, 100)
	err := s.ForceFlush(t.Context())
	if err == nil || !strings.Contains(err.Error(), "1 spans were refused by "+c.URL+": 413 Request Entity Too Large") {
		t.Errorf("flush: %v", err)
	}
	want := slices.Delete(numberedSpans(100), 50, 51)
	if got := spanNames(t, c.got()); !slices.Equal(got, want) {
		t.Errorf("%d spans arrived: %v", len(got), got)
	}
	if h := s.Health()[0]; h.Sent != 99 || h.Dropped[report.ReasonTooLarge] != 1 {
		t.Errorf("health: %+v", h)
	}
	if b, err := os.ReadFile(filepath.Join(dir, deadletter.FileName)); err != nil || !strings.Contains(string(b), "413") {
		t.Errorf("dead letters: %d bytes, %v", len(b), err)
	}
}

// A proxy that resets the connection in the middle of a large body accepts it in parts.
func TestProxyThatResetsLargeRequestsLosesNothing(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	behind := c.Config.Handler
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength <= 300_000 {
			behind.ServeHTTP(w, r)
			return
		}
		_, _ = r.Body.Read(make([]byte, 16))
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.(*net.TCPConn).SetLinger(0) // A reset, not the end of the stream.
			_ = conn.Close()
		}
	}))
	defer proxy.Close()
	s, put := openTraces(t, queue.Config{Dir: t.TempDir()}, collector.Endpoint{URL: proxy.URL})
	put(named(0, 1000, 1000), 1000)
	flush(t, s)
	if got := spanNames(t, c.got()); !slices.Equal(got, numberedSpans(1000)) {
		t.Errorf("%d spans arrived, want 1000, each once and in order", len(got))
	}
}

// The rest of a split request waits for the next process, and no part of it is sent twice.
func TestSplitRequestGoesOnInTheNextProcess(t *testing.T) {
	t.Parallel()
	for _, gzipped := range []bool{false, true} {
		c := newCollector(t)
		taken := 0
		c.answers(func(_ int, w http.ResponseWriter, body string) bool {
			switch {
			case len(body) > 100_000:
				w.WriteHeader(http.StatusRequestEntityTooLarge)
				return false
			case taken == 3:
				w.WriteHeader(http.StatusServiceUnavailable)
				return false
			}
			taken++
			return true
		})
		dir := t.TempDir()
		s, put := openTraces(t, queue.Config{Dir: dir}, collector.Endpoint{URL: c.URL, Gzip: gzipped})
		put(named(0, 600, 1000), 600)
		for s.Health()[0].Retried == 0 {
			<-time.After(time.Millisecond)
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		c.answers(nil)
		s, _ = openTraces(t, queue.Config{Dir: dir}, collector.Endpoint{URL: c.URL, Gzip: gzipped})
		flush(t, s)
		if got := spanNames(t, c.got()); !slices.Equal(got, numberedSpans(600)) {
			t.Errorf("gzip %t: %d spans arrived, want 600, each once and in order", gzipped, len(got))
		}
	}
}

// A collector that does not accept gzip gets uncompressed requests from then on. The log line names
// the setting.
func TestCollectorThatRefusesGzipLosesNothing(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	behind := c.Config.Handler
	var mu sync.Mutex
	refused := 0
	strict := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Encoding") != "" {
			mu.Lock()
			refused++
			mu.Unlock()
			w.WriteHeader(http.StatusUnsupportedMediaType)
			return
		}
		behind.ServeHTTP(w, r)
	}))
	defer strict.Close()
	s, put := openTraces(t, queue.Config{Dir: t.TempDir()}, collector.Endpoint{URL: strict.URL, Gzip: true})
	reported := listen(s)
	for i := range 50 {
		put(named(i*10, 10, 10), 10)
	}
	flush(t, s)
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if got := spanNames(t, c.got()); !slices.Equal(got, numberedSpans(500)) {
		t.Errorf("%d spans arrived, want 500", len(got))
	}
	if refused != 1 {
		t.Errorf("%d compressed requests were sent to a collector that refuses them, want 1", refused)
	}
	want := "collector rejects gzip, sending uncompressed; unset OTEL_EXPORTER_OTLP_COMPRESSION: " + strict.URL
	if got := reported(); !slices.Equal(got, []string{want}) {
		t.Errorf("reported %q, want %q", got, want)
	}
}

// A collector that accepts no protobuf at all may be repaired: nothing is dropped.
func TestUnsupportedMediaTypeWaits(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	c.answers(func(n int, w http.ResponseWriter, _ string) bool {
		if n <= 2 {
			w.WriteHeader(http.StatusUnsupportedMediaType)
		}
		return n > 2
	})
	s, put := openTraces(t, queue.Config{}, collector.Endpoint{URL: c.URL, Gzip: true})
	put(named(0, 1, 1), 1)
	flush(t, s)
	if h := s.Health()[0]; h.Sent != 1 || len(h.Dropped) > 0 {
		t.Errorf("health: %+v", h)
	}
}

// listen collects the spool's log lines, to be read after Shutdown.
func listen(s *Spool) (reported func() []string) {
	var mu sync.Mutex
	var lines []string
	s.Listen(func(_ slog.Level, message string, _ ...slog.Attr) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, message)
	})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(lines)
	}
}

// grpcTraces is a gRPC server with scripted responses.
type grpcTraces struct {
	coltrace.UnimplementedTraceServiceServer

	mu     sync.Mutex
	answer func(*coltrace.ExportTraceServiceRequest) error
	names  []string
}

func (g *grpcTraces) Export(_ context.Context, r *coltrace.ExportTraceServiceRequest) (*coltrace.ExportTraceServiceResponse, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.answer != nil {
		if err := g.answer(r); err != nil {
			return nil, err
		}
	}
	for _, s := range r.GetResourceSpans()[0].GetScopeSpans()[0].GetSpans() {
		g.names = append(g.names, s.GetName())
	}
	return &coltrace.ExportTraceServiceResponse{}, nil
}

func serveGRPC(t *testing.T, g *grpcTraces, opts ...grpc.ServerOption) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(opts...)
	coltrace.RegisterTraceServiceServer(server, g)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-done; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			t.Errorf("serve: %v", err)
		}
	})
	return "http://" + listener.Addr().String()
}

// Requests larger than the collector's limit of gRPC messages, 4 MiB by default, are split.
func TestGRPCMessagesThatAreTooLargeAreSplit(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		opts   []grpc.ServerOption
		answer func(*coltrace.ExportTraceServiceRequest) error
	}{
		"grpc-go": {opts: []grpc.ServerOption{grpc.MaxRecvMsgSize(100_000)}},
		"grpc-java": {answer: func(r *coltrace.ExportTraceServiceRequest) error {
			if n := proto.Size(r); n > 100_000 {
				return status.Errorf(codes.ResourceExhausted, "gRPC message exceeds maximum size 100000: %d", n)
			}
			return nil
		}},
		"tonic": {answer: func(r *coltrace.ExportTraceServiceRequest) error {
			if n := proto.Size(r); n > 100_000 {
				return status.Errorf(codes.OutOfRange, "Error, decoded message length too large: found %d bytes, the limit is: 100000 bytes", n)
			}
			return nil
		}},
	} {
		for _, gzipped := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, gzip %t", name, gzipped), func(t *testing.T) {
				t.Parallel()
				g := &grpcTraces{answer: tt.answer}
				s, put := openTraces(t, queue.Config{Dir: t.TempDir()}, collector.Endpoint{URL: serveGRPC(t, g, tt.opts...), GRPC: true, Gzip: gzipped})
				put(named(0, 600, 1000), 600)
				flush(t, s)
				if !slices.Equal(g.names, numberedSpans(600)) {
					t.Errorf("%d spans arrived, want 600", len(g.names))
				}
			})
		}
	}
}

// A gRPC server that has no decompressor gets messages without compression.
func TestGRPCServerWithoutDecompressorLosesNothing(t *testing.T) {
	t.Parallel()
	g := &grpcTraces{}
	// A compressed call never reaches the service.
	url := serveGRPC(t, g, grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		if name, _ := ctx.Value(encodingName{}).(*string); name != nil && *name == "gzip" {
			return nil, status.Error(codes.Unimplemented, `grpc: Decompressor is not installed for grpc-encoding "gzip"`)
		}
		return handler(ctx, req)
	}), grpc.StatsHandler(encodings{}))
	s, put := openTraces(t, queue.Config{}, collector.Endpoint{URL: url, GRPC: true, Gzip: true})
	reported := listen(s)
	put(named(0, 10, 1), 10)
	put(named(10, 10, 1), 10)
	flush(t, s)
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if !slices.Equal(g.names, numberedSpans(20)) {
		t.Errorf("%d spans arrived, want 20", len(g.names))
	}
	if got := reported(); len(got) != 1 || !strings.HasPrefix(got[0], "collector rejects gzip, sending uncompressed; unset OTEL_EXPORTER_OTLP_COMPRESSION") {
		t.Errorf("reported %q", got)
	}
}

// A collector that rejects everything permanently is not healthy. ForceFlush and Shutdown return an
// error.
func TestCollectorThatRefusesEverythingIsAnError(t *testing.T) {
	t.Parallel()
	rejectAll := encode(t, &coltrace.ExportTraceServiceResponse{PartialSuccess: &coltrace.ExportTracePartialSuccess{RejectedSpans: 5, ErrorMessage: "no"}})
	for name, tt := range map[string]struct {
		refuse func(w http.ResponseWriter)
		want   string
	}{
		"400":             {func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadRequest) }, "400 Bad Request"},
		"422":             {func(w http.ResponseWriter) { w.WriteHeader(http.StatusUnprocessableEntity) }, "422 Unprocessable Entity"},
		"partial success": {func(w http.ResponseWriter) { _, _ = w.Write(rejectAll) }, "partial success: no"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCollector(t)
			c.answers(func(_ int, w http.ResponseWriter, _ string) bool { tt.refuse(w); return false })
			s, put := openTraces(t, queue.Config{}, collector.Endpoint{URL: c.URL})
			put(named(0, 5, 1), 5)
			want := "5 spans were refused by " + c.URL + ": " + tt.want
			if err := s.ForceFlush(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("flush: %v, want %s", err, want)
			}
			if h := s.Health()[0]; h.Delivering {
				t.Errorf("health: %+v", h)
			}
			if err := s.ForceFlush(t.Context()); err != nil {
				t.Errorf("two flushes reported the same loss: %v", err)
			}
			c.answers(nil)
			put(named(0, 1, 1), 1)
			flush(t, s)
			if h := s.Health()[0]; !h.Delivering {
				t.Errorf("health after the collector was repaired: %+v", h)
			}
			if err := s.Shutdown(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("shutdown: %v, want %s", err, want)
			}
		})
	}
	t.Run("gRPC InvalidArgument", func(t *testing.T) {
		t.Parallel()
		g := &grpcTraces{answer: func(*coltrace.ExportTraceServiceRequest) error { return status.Error(codes.InvalidArgument, "no") }}
		s, put := openTraces(t, queue.Config{}, collector.Endpoint{URL: serveGRPC(t, g), GRPC: true})
		put(named(0, 5, 1), 5)
		if err := s.ForceFlush(t.Context()); err == nil || !strings.Contains(err.Error(), "5 spans were refused by http://127.0.0.1:") {
			t.Errorf("flush: %v", err)
		}
		if s.Health()[0].Delivering {
			t.Error("Health reports Delivering")
		}
	})
	t.Run("all expired", func(t *testing.T) {
		t.Parallel()
		c := newCollector(t)
		c.answers(func(_ int, w http.ResponseWriter, _ string) bool {
			w.WriteHeader(http.StatusServiceUnavailable)
			return false
		})
		s, put := openTraces(t, queue.Config{MaxAge: time.Nanosecond}, collector.Endpoint{URL: c.URL})
		put(named(0, 5, 1), 5)
		if err := s.ForceFlush(t.Context()); err == nil || !strings.Contains(err.Error(), "5 spans expired") {
			t.Errorf("flush: %v", err)
		}
		if s.Health()[0].Delivering {
			t.Error("Health reports Delivering")
		}
	})
}

// A request on which the collector fails does not delay the others and is not lost. ForceFlush
// returns an error while it waits.
func TestRequestOnWhichTheCollectorFailsIsSetAside(t *testing.T) {
	t.Parallel()
	for _, disk := range []bool{false, true} {
		c := newCollector(t)
		c.answers(func(_ int, w http.ResponseWriter, body string) bool {
			if body == "request 1" {
				w.WriteHeader(http.StatusInternalServerError)
			}
			return body != "request 1"
		})
		cfg := queue.Config{}
		if disk {
			cfg.Dir = t.TempDir()
		}
		s, e := open(t, cfg, collector.Endpoint{URL: c.URL})
		for _, body := range numbered(5) {
			if err := e.send(t, body); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		err := s.ForceFlush(ctx)
		cancel()
		if err == nil || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "1 log records are set aside for later attempts") {
			t.Errorf("flush: %v", err)
		}
		if got := c.got(); !slices.Equal(got, []string{"request 0", "request 2", "request 3", "request 4"}) {
			t.Errorf("got %v", got)
		}
		if h := s.Health()[0]; h.Aside != 1 || h.AsideItems != 1 || h.Requests != 1 || len(h.Dropped) > 0 || !h.Delivering {
			t.Errorf("health: %+v", h)
		}
		c.answers(nil) // The collector is repaired.
		flush(t, s)
		if got := c.got(); !slices.Contains(got, "request 1") {
			t.Errorf("got %v", got)
		}
	}
}

// A Shutdown that times out in the middle of a backlog interrupts no request, because the next
// process would send it again.
func TestShutdownThatRunsOutOfTimeSendsNothingTwice(t *testing.T) {
	t.Parallel()
	const each = 200 * time.Millisecond
	c := newCollector(t)
	c.answers(func(_ int, w http.ResponseWriter, _ string) bool {
		w.WriteHeader(http.StatusServiceUnavailable)
		return false
	})
	cfg := queue.Config{Dir: t.TempDir()}
	s, e := open(t, cfg, collector.Endpoint{URL: c.URL})
	want := numbered(12)
	for _, body := range want {
		if err := e.send(t, body); err != nil {
			t.Fatal(err)
		}
	}
	var (
		mu    sync.Mutex
		taken []string
	)
	take := func(wait time.Duration) { // The collector takes a request, and answers later.
		c.answers(func(_ int, _ http.ResponseWriter, body string) bool {
			mu.Lock()
			taken = append(taken, body)
			mu.Unlock()
			<-time.After(wait)
			return true
		})
	}
	take(each)
	ctx, cancel := context.WithTimeout(t.Context(), 4*each+each/2)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if n := len(c.got()); n < 2 || n == len(want) {
		t.Fatalf("%d of %d requests were sent: the shutdown was not in the middle", n, len(want))
	}
	take(0)
	next, _ := open(t, cfg, collector.Endpoint{URL: c.URL})
	flush(t, next)
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(taken, want) {
		t.Errorf("the collector accepted %v, want each request once", taken)
	}
}

// Nothing is lost when Shutdown interrupts the pause that a collector asked for.
func TestShutdownMakesALastAttempt(t *testing.T) {
	t.Parallel()
	for _, disk := range []bool{false, true} {
		t.Run("disk "+strconv.FormatBool(disk), func(t *testing.T) {
			t.Parallel()
			c := newCollector(t)
			c.answers(func(_ int, w http.ResponseWriter, _ string) bool {
				w.Header().Set("Retry-After", "600")
				w.WriteHeader(http.StatusServiceUnavailable)
				return false
			})
			cfg := queue.Config{}
			if disk {
				cfg.Dir = t.TempDir()
			}
			s, e := open(t, cfg, collector.Endpoint{URL: c.URL})
			want := numbered(20)
			for _, body := range want {
				if err := e.send(t, body); err != nil {
					t.Fatal(err)
				}
			}
			for s.Health()[0].Retried == 0 {
				<-time.After(time.Millisecond)
			}
			c.answers(nil) // The collector is back, but the sender still pauses.
			if err := s.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			if got := c.got(); !slices.Equal(got, want) {
				t.Errorf("got %v", got)
			}
		})
	}
}

// A flush does not wait for the end of a pause either.
func TestFlushEndsThePause(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	c.answers(func(_ int, w http.ResponseWriter, _ string) bool {
		w.Header().Set("Retry-After", "600")
		w.WriteHeader(http.StatusTooManyRequests)
		return false
	})
	s, e := open(t, queue.Config{}, collector.Endpoint{URL: c.URL})
	if err := e.send(t, "x"); err != nil {
		t.Fatal(err)
	}
	for s.Health()[0].Retried == 0 {
		<-time.After(time.Millisecond)
	}
	c.answers(nil)
	flush(t, s)
	if got := c.got(); !slices.Equal(got, []string{"x"}) {
		t.Errorf("got %v", got)
	}
}
