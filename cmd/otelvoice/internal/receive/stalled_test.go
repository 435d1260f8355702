// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package receive

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

// serve starts a receiver and returns the addresses of OTLP over HTTP and over gRPC.
func serve(t *testing.T, r *Receiver) (overHTTP, overGRPC string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var listeners [2]net.Listener
	for i := range listeners {
		var err error
		if listeners[i], err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- r.Serve(ctx, listeners[0], listeners[1]) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return listeners[0].Addr().String(), listeners[1].Addr().String()
}

func taken(context.Context, *signal.Batch) error { return nil }

// stall sends the head of a request and a part of its body. It returns what the server answers.
func stall(t *testing.T, address string) *bufio.Reader {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	const head = "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n"
	if _, err := io.WriteString(c, head+"Expect: 100-continue\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	// The server asks for the body when it reads it.
	answer := bufio.NewReader(c)
	for _, want := range []string{"HTTP/1.1 100 Continue\r\n", "\r\n"} {
		if line, err := answer.ReadString('\n'); err != nil || line != want {
			t.Fatalf("got %q, %v", line, err)
		}
	}
	if _, err := io.WriteString(c, "{"); err != nil {
		t.Fatal(err)
	}
	return answer
}

// Senders that stop within a request do not keep others waiting, and do not stay for ever.
func TestStalledSenders(t *testing.T) {
	r := New(taken, "")
	overHTTP, _ := serve(t, r)
	for range maxAtOnce {
		stall(t, overHTTP)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+overHTTP+"/v1/traces", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if answer.StatusCode != http.StatusOK || r.Counts().Requests != 1 {
		t.Errorf("got %s, %+v", answer.Status, r.Counts())
	}
}

func TestBodyThatDoesNotCome(t *testing.T) {
	r := New(taken, "")
	r.bodyTime = 20 * time.Millisecond
	overHTTP, _ := serve(t, r)
	answer, err := http.ReadResponse(stall(t, overHTTP), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusRequestTimeout || r.Counts().Malformed != 1 || r.held.Load() != 0 {
		t.Errorf("got %s, %+v, %d bytes held", answer.Status, r.Counts(), r.held.Load())
	}
}

// The bodies of all requests are bounded. One more is refused with an answer that asks to send it again.
func TestBodiesAreBounded(t *testing.T) {
	r := New(taken, "")
	r.held.Store(maxHeld)
	overHTTP, _ := serve(t, r)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+overHTTP+"/v1/traces", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" || r.Counts().Refused != 1 || r.held.Load() != maxHeld {
		t.Errorf("got %s, %+v, %d bytes held", answer.Status, r.Counts(), r.held.Load())
	}
}

// Nor do senders over gRPC that stop.
func TestStalledStreams(t *testing.T) {
	r := New(taken, "")
	_, overGRPC := serve(t, r)
	dial := func() *grpc.ClientConn {
		c, err := grpc.NewClient(overGRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	stalled, ctx := dial(), t.Context()
	for range maxStreams {
		_, err := stalled.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true}, "/opentelemetry.proto.collector.trace.v1.TraceService/Export")
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ptraceotlp.NewGRPCClient(dial()).Export(ctx, ptraceotlp.NewExportRequestFromTraces(ptrace.NewTraces())); err != nil || r.Counts().Requests != 1 {
		t.Errorf("%v, %+v", err, r.Counts())
	}
}
