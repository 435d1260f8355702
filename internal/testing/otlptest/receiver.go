// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otlptest is a real OTLP receiver on loopback for tests: HTTP with
// protobuf and gRPC, each on a free port. It decodes requests and keeps them.
package otlptest

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	collogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	colmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	_ "google.golang.org/grpc/encoding/gzip" // Accepts compressed requests.
	"google.golang.org/grpc/metadata"
)

// Receiver keeps the received requests. It is safe for concurrent use.
type Receiver struct {
	http *httptest.Server
	grpc net.Listener

	mu       sync.Mutex
	changed  chan struct{} // Closed and replaced when a request arrives.
	status   int           // The HTTP status; 0 is 200.
	traces   []*coltrace.ExportTraceServiceRequest
	metrics  []*colmetrics.ExportMetricsServiceRequest
	logs     []*collogs.ExportLogsServiceRequest
	requests []Request
}

// Request describes a received request.
type Request struct {
	// Path is the path of the URL, or gRPC's full method.
	Path string
	// Header has the names as [http.Header] spells them, for gRPC too.
	Header http.Header
}

// NewReceiver starts a receiver and stops it when the test ends.
func NewReceiver(tb testing.TB) *Receiver {
	tb.Helper()
	return newReceiver(tb, nil)
}

// NewTLSReceiver starts a receiver with TLS for HTTP and gRPC. The config may be nil. The
// certificate is for 127.0.0.1 and example.com; [Receiver.Certificate] returns it.
func NewTLSReceiver(tb testing.TB, cfg *tls.Config) *Receiver {
	tb.Helper()
	if cfg == nil {
		cfg = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return newReceiver(tb, cfg)
}

func newReceiver(tb testing.TB, cfg *tls.Config) *Receiver {
	tb.Helper()
	r := &Receiver{changed: make(chan struct{})}
	r.http = httptest.NewUnstartedServer(http.HandlerFunc(r.serveHTTP))
	if cfg != nil {
		r.http.TLS = cfg
		r.http.StartTLS()
	} else {
		r.http.Start()
	}
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("otlptest: %v", err)
	}
	r.grpc = listener
	options := []grpc.ServerOption{grpc.MaxRecvMsgSize(maxBody), grpc.StatsHandler(encoding{})}
	if cfg != nil {
		// StartTLS has added the certificate to it.
		options = append(options, grpc.Creds(credentials.NewTLS(r.http.TLS)))
	}
	server := grpc.NewServer(options...)
	coltrace.RegisterTraceServiceServer(server, traceService{r: r})
	colmetrics.RegisterMetricsServiceServer(server, metricsService{r: r})
	collogs.RegisterLogsServiceServer(server, logsService{r: r})
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	tb.Cleanup(func() {
		r.http.CloseClientConnections()
		r.http.Close()
		server.Stop()
		// A test can end before the server has started.
		if err := <-done; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			tb.Errorf("otlptest: %v", err)
		}
	})
	return r
}

// HTTPEndpoint returns the base URL for OTLP over HTTP.
func (r *Receiver) HTTPEndpoint() string { return r.http.URL }

// GRPCEndpoint returns the URL for OTLP over gRPC.
func (r *Receiver) GRPCEndpoint() string {
	scheme, _, _ := strings.Cut(r.http.URL, "://") // Both speak TLS or neither.
	return scheme + "://" + r.grpc.Addr().String()
}

// ServeSocket also serves gRPC or HTTP on a Unix socket, until the test ends. An address that
// begins with @ is abstract.
func (r *Receiver) ServeSocket(tb testing.TB, address string, overGRPC bool) {
	tb.Helper()
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "unix", address)
	if err != nil {
		tb.Fatalf("otlptest: %v", err)
	}
	done := make(chan struct{})
	if overGRPC {
		server := grpc.NewServer(grpc.MaxRecvMsgSize(maxBody))
		coltrace.RegisterTraceServiceServer(server, traceService{r: r})
		colmetrics.RegisterMetricsServiceServer(server, metricsService{r: r})
		collogs.RegisterLogsServiceServer(server, logsService{r: r})
		go func() { defer close(done); _ = server.Serve(listener) }()
		tb.Cleanup(func() { server.Stop(); <-done })
		return
	}
	server := &http.Server{Handler: http.HandlerFunc(r.serveHTTP), ReadHeaderTimeout: time.Minute}
	go func() { defer close(done); _ = server.Serve(listener) }()
	tb.Cleanup(func() { _ = server.Close(); <-done })
}

// Certificate returns the certificate of a TLS receiver, in DER.
func (r *Receiver) Certificate() []byte { return r.http.Certificate().Raw }

// Answer makes HTTP requests fail with a status until it is called with 0. Failed requests are not
// kept.
func (r *Receiver) Answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// Requests returns the received requests, in order.
func (r *Receiver) Requests() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Request(nil), r.requests...)
}

// Wait waits until cond returns true or ctx is done, and returns the last result of cond. It calls
// cond again when a request arrives.
func (r *Receiver) Wait(ctx context.Context, cond func() bool) bool {
	for {
		r.mu.Lock()
		changed := r.changed
		r.mu.Unlock()
		if cond() {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return cond()
		}
	}
}

// keep stores a request and calls add, with the lock held.
func (r *Receiver) keep(req Request, add func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, req)
	add()
	close(r.changed)
	r.changed = make(chan struct{})
}

func grpcRequest(ctx context.Context) Request {
	method, _ := grpc.Method(ctx)
	req := Request{Path: method, Header: http.Header{}}
	md, _ := metadata.FromIncomingContext(ctx)
	for name, values := range md {
		for _, value := range values {
			req.Header.Add(name, value)
		}
	}
	if name, ok := ctx.Value(encodingKey{}).(*string); ok && *name != "" {
		req.Header.Set("Grpc-Encoding", *name)
	}
	return req
}

type traceService struct {
	coltrace.UnimplementedTraceServiceServer

	r *Receiver
}

func (s traceService) Export(ctx context.Context, req *coltrace.ExportTraceServiceRequest) (*coltrace.ExportTraceServiceResponse, error) {
	s.r.keep(grpcRequest(ctx), func() { s.r.traces = append(s.r.traces, req) })
	return &coltrace.ExportTraceServiceResponse{}, nil
}

type metricsService struct {
	colmetrics.UnimplementedMetricsServiceServer

	r *Receiver
}

func (s metricsService) Export(ctx context.Context, req *colmetrics.ExportMetricsServiceRequest) (*colmetrics.ExportMetricsServiceResponse, error) {
	s.r.keep(grpcRequest(ctx), func() { s.r.metrics = append(s.r.metrics, req) })
	return &colmetrics.ExportMetricsServiceResponse{}, nil
}

type logsService struct {
	collogs.UnimplementedLogsServiceServer

	r *Receiver
}

func (s logsService) Export(ctx context.Context, req *collogs.ExportLogsServiceRequest) (*collogs.ExportLogsServiceResponse, error) {
	s.r.keep(grpcRequest(ctx), func() { s.r.logs = append(s.r.logs, req) })
	return &collogs.ExportLogsServiceResponse{}, nil
}
