// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package receive

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	encoding "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const exportTraces = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

// aSpan returns a request with one span.
func aSpan(t *testing.T) (request ptraceotlp.ExportRequest, body []byte) {
	t.Helper()
	traces := ptrace.NewTraces()
	traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty().SetName("x")
	request = ptraceotlp.NewExportRequestFromTraces(traces)
	body, err := request.MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	return request, body
}

func gzipped(t *testing.T, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstandard(t *testing.T, body []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(body, nil)
}

// framed returns a message of gRPC that says how long it is.
func framed(isCompressed byte, length int, message []byte) string {
	return string(append(binary.BigEndian.AppendUint32([]byte{isCompressed}, uint32(length)), message...)) // #nosec G115 -- of a test.
}

// Requests of strangers over gRPC get a status that says what is wrong, and are counted.
func TestRequestsOverGRPC(t *testing.T) {
	r := New(taken, "")
	_, overGRPC := serve(t, r)
	_, plain := aSpan(t)
	long := make([]byte, MaxRequest+1)
	for _, tt := range []struct {
		name, path, encoding, body string
		want                       codes.Code
	}{
		{"plain", exportTraces, "", framed(0, len(plain), plain), codes.OK},
		{"plain beside an encoding", exportTraces, "snappy", framed(0, len(plain), plain), codes.OK},
		{"nothing", exportTraces, "", framed(0, 0, nil), codes.OK},
		{"gzip", exportTraces, "gzip", framed(1, len(gzipped(t, plain)), gzipped(t, plain)), codes.OK},
		{"zstd", exportTraces, "zstd", framed(1, len(zstandard(t, plain)), zstandard(t, plain)), codes.OK},
		{"another encoding", exportTraces, "snappy", framed(1, 3, []byte("abc")), codes.Unimplemented},
		{"another method", "/opentelemetry.proto.collector.trace.v1.TraceService/Import", "", framed(0, 0, nil), codes.Unimplemented},
		{"wrong gzip", exportTraces, "gzip", framed(1, 3, []byte("abc")), codes.InvalidArgument},
		{"wrong zstd", exportTraces, "zstd", framed(1, 3, []byte("abc")), codes.InvalidArgument},
		{"wrong protobuf", exportTraces, "", framed(0, 3, []byte("\xff\xff\xff")), codes.InvalidArgument},
		{"no message", exportTraces, "", "", codes.InvalidArgument},
		{"a cut message", exportTraces, "", framed(0, len(plain)+1, plain), codes.InvalidArgument},
		{"two messages", exportTraces, "", framed(0, len(plain), plain) + framed(0, len(plain), plain), codes.InvalidArgument},
		{"too long", exportTraces, "", framed(0, MaxRequest+1, nil), codes.ResourceExhausted},
		{"too long in gzip", exportTraces, "gzip", framed(1, len(gzipped(t, long)), gzipped(t, long)), codes.ResourceExhausted},
		{"too long in zstd", exportTraces, "zstd", framed(1, len(zstandard(t, long)), zstandard(t, long)), codes.ResourceExhausted},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+overGRPC+tt.path, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/grpc+proto")
			req.Header.Set("Te", "trailers")
			if tt.encoding != "" {
				req.Header.Set("Grpc-Encoding", tt.encoding)
			}
			answer, err := overHTTP2(t).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = answer.Body.Close() }()
			message, err := io.ReadAll(answer.Body)
			code := answer.Header.Get("Grpc-Status") + answer.Trailer.Get("Grpc-Status")
			if err != nil || answer.StatusCode != http.StatusOK || code != strconv.Itoa(int(tt.want)) || tt.want == codes.OK && string(message) != framed(0, 0, nil) {
				t.Errorf("got %s, status %s, %q, %q, %v, want status %d", answer.Status, code, answer.Header.Get("Grpc-Message"), message, err, tt.want)
			}
		})
	}
	if c := r.Counts(); c.Requests != 5 || c.Spans != 4 || c.Malformed != 10 || r.held.Load() != 0 {
		t.Errorf("got %+v, %d bytes held", c, r.held.Load())
	}
}

// overHTTP2 returns a client of HTTP/2 without TLS.
func overHTTP2(t *testing.T) *http.Client {
	t.Helper()
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: protocols}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func dial(t *testing.T, address string) *grpc.ClientConn {
	t.Helper()
	c, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// Each port takes HTTP and gRPC, so that an agent with the wrong one of both ports is received.
func TestBothProtocolsOnBothPorts(t *testing.T) {
	r := New(taken, "")
	overHTTP, overGRPC := serve(t, r)
	request, body := aSpan(t)
	for _, address := range []string{overHTTP, overGRPC} {
		if _, err := ptraceotlp.NewGRPCClient(dial(t, address)).Export(t.Context(), request, grpc.UseCompressor(encoding.Name)); err != nil {
			t.Error(err)
		}
		if _, err := plogotlp.NewGRPCClient(dial(t, address)).Export(t.Context(), plogotlp.NewExportRequestFromLogs(plog.NewLogs())); err != nil {
			t.Error(err)
		}
		if _, err := pmetricotlp.NewGRPCClient(dial(t, address)).Export(t.Context(), pmetricotlp.NewExportRequestFromMetrics(pmetric.NewMetrics())); err != nil {
			t.Error(err)
		}
		for _, client := range []*http.Client{{Transport: &http.Transport{DisableKeepAlives: true}}, overHTTP2(t)} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/v1/traces", bytes.NewReader(zstandard(t, body)))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", inProtobuf)
			req.Header.Set("Content-Encoding", "zstd")
			answer, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				t.Error(answer.Status)
			}
		}
	}
	if c := r.Counts(); c.Requests != 10 || c.Spans != 6 || c.Malformed != 0 {
		t.Errorf("got %+v", c)
	}
}

// A request that may be sent again has RetryInfo in its refusal. One without the token has none.
func TestRefusedOverGRPC(t *testing.T) {
	r := New(taken, "secret")
	_, overGRPC := serve(t, r)
	request, _ := aSpan(t)
	client := ptraceotlp.NewGRPCClient(dial(t, overGRPC))
	if _, err := client.Export(t.Context(), request); status.Code(err) != codes.Unauthenticated {
		t.Error(err)
	}
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer secret")
	if _, err := client.Export(ctx, request); err != nil {
		t.Error(err)
	}
	r.held.Store(maxHeld)
	_, err := client.Export(ctx, request)
	s, _ := status.FromError(err)
	if s.Code() != codes.Unavailable || len(s.Details()) != 1 {
		t.Fatalf("got %v, %v", err, s.Details())
	}
	if hint, ok := s.Details()[0].(*errdetails.RetryInfo); !ok || hint.GetRetryDelay().AsDuration() != againAfter {
		t.Errorf("got %v", s.Details())
	}
	if c := r.Counts(); c.Requests != 1 || c.Refused != 1 || c.Malformed != 0 || r.held.Load() != maxHeld {
		t.Errorf("got %+v, %d bytes held", c, r.held.Load())
	}
}

// Requests wait while as many bytes are decoded as may be. A sender that goes does not wait, and is not counted.
func TestDecodingIsBounded(t *testing.T) {
	r := New(taken, "")
	_, overGRPC := serve(t, r)
	request, _ := aSpan(t)
	client := ptraceotlp.NewGRPCClient(dial(t, overGRPC))
	if !r.decoded.TryAcquire(maxDecoded) {
		t.Fatal("the memory is in use")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := client.Export(ctx, request); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("got %v", err)
	}
	for r.held.Load() > 0 { // The receiver does not know yet that the sender is gone.
		runtime.Gosched()
	}
	ended := make(chan error, 1)
	go func() {
		_, err := client.Export(t.Context(), request)
		ended <- err
	}()
	r.decoded.Release(maxDecoded)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if c := r.Counts(); c.Requests != 1 || c.Refused+c.Malformed != 0 {
		t.Errorf("got %+v", c)
	}
}
