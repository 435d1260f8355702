// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package receive takes telemetry by OTLP: over HTTP, in protobuf and in JSON, and over gRPC.
//
// The protocol is that of https://opentelemetry.io/docs/specs/otlp/. A request that cannot be read is refused and
// counted, and so is one that the sink does not take. Requests may be compressed with gzip.
package receive

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

// MaxRequest is how many bytes a request may have, after decompression. It is what the Collector accepts.
const MaxRequest = 20 << 20

// The bounds of what is received at once.
const (
	maxAtOnce = 64 // Requests that are decoded. More wait.
	maxHeld   = 256 << 20
	// bodyTime is how long a body may take to come.
	bodyTime = 30 * time.Second
)

// A Sink takes what a request holds. An error is temporary: the sender is asked to send the request again.
type Sink func(ctx context.Context, batch *signal.Batch) error

// Counts is how much was received since the start.
type Counts struct {
	Requests int64 `json:"requests"`
	Spans    int64 `json:"spans"`
	Records  int64 `json:"logs"`
	Points   int64 `json:"metrics"`
	// Malformed is how many requests could not be read, are too long, or did not come in time. Refused is how many were
	// not taken because too much was to be done.
	Malformed int64 `json:"malformed"`
	Refused   int64 `json:"refused"`
}

// A Receiver receives. It is safe for concurrent use.
type Receiver struct {
	sink  Sink
	token string
	turns chan struct{} // Of the requests that are decoded.
	// held is the bytes of the bodies that are in memory.
	held     atomic.Int64
	bodyTime time.Duration
	counts   struct{ requests, spans, records, points, malformed, refused atomic.Int64 }
}

// New returns a receiver. If token is not empty, requests need the header "Authorization: Bearer TOKEN".
func New(sink Sink, token string) *Receiver {
	return &Receiver{sink: sink, token: token, turns: make(chan struct{}, maxAtOnce), bodyTime: bodyTime}
}

// Counts returns how much was received.
func (r *Receiver) Counts() Counts {
	c := &r.counts
	return Counts{
		Requests: c.requests.Load(), Spans: c.spans.Load(), Records: c.records.Load(), Points: c.points.Load(),
		Malformed: c.malformed.Load(), Refused: c.refused.Load(),
	}
}

// Serve receives on the listeners, of which either may be nil, until ctx is done. It closes them.
func (r *Receiver) Serve(ctx context.Context, overHTTP, overGRPC net.Listener) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var all sync.WaitGroup
	serve := func(name string, run func() error) {
		all.Go(func() {
			if err := run(); err != nil {
				stop(fmt.Errorf("receive over %s: %w", name, err))
			}
		})
	}
	if overHTTP != nil {
		server := &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
		serve("HTTP", func() error {
			if err := server.Serve(overHTTP); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		})
		all.Go(func() {
			<-ctx.Done()
			late, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			if server.Shutdown(late) != nil {
				_ = server.Close()
			}
		})
	}
	if overGRPC != nil {
		server := r.grpcServer()
		serve("gRPC", func() error { return server.Serve(overGRPC) })
		all.Go(func() {
			<-ctx.Done()
			stopGRPC(server)
		})
	}
	all.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// stopGRPC waits a second for the requests that are read.
func stopGRPC(server *grpc.Server) {
	timer := time.AfterFunc(time.Second, server.Stop)
	defer timer.Stop()
	server.GracefulStop()
}

// take hands a batch to the sink.
func (r *Receiver) take(ctx context.Context, batch *signal.Batch) error {
	if err := r.sink(ctx, batch); err != nil {
		r.counts.refused.Add(1)
		return fmt.Errorf("send the request again: %w", err)
	}
	r.counts.requests.Add(1)
	r.counts.spans.Add(int64(len(batch.Spans)))
	r.counts.records.Add(int64(len(batch.Records)))
	r.counts.points.Add(int64(batch.Points))
	return nil
}

// enter waits for the turn of a request.
func (r *Receiver) enter(ctx context.Context) error {
	select {
	case r.turns <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *Receiver) leave() { <-r.turns }
