// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package receive takes telemetry by OTLP: over HTTP, in protobuf and in JSON, and over gRPC.
//
// The protocol is that of https://opentelemetry.io/docs/specs/otlp/. A request that cannot be read is refused and
// counted, and so is one that the sink does not take. Requests may be compressed with gzip or zstd. A port takes HTTP
// and gRPC: the content type of a request says which one it is.
//
// A request over gRPC is served as one of HTTP/2, so that its bytes are counted while they come.
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

	"golang.org/x/sync/semaphore"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

// MaxRequest is how many bytes a request may have, after decompression. It is what the Collector accepts.
const MaxRequest = 20 << 20

// The bounds of what is received at once.
const (
	maxAtOnce = 64 // Requests that are decompressed and decoded. More wait.
	// maxHeld is the bytes of all bodies, as they came and without their compression. Further requests are refused.
	maxHeld = 256 << 20
	// maxDecoded is the bytes of the bodies that are decoded. Further requests wait. A decoded request takes several times
	// the memory of its body.
	maxDecoded = 32 << 20
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
	turns chan struct{} // Of the requests that are decompressed and decoded.
	// held is the bytes of the bodies that are in memory. decoded has those of them that are decoded.
	held     atomic.Int64
	decoded  *semaphore.Weighted
	bodyTime time.Duration
	counts   struct{ requests, spans, records, points, malformed, refused atomic.Int64 }
}

// New returns a receiver. If token is not empty, requests need the header "Authorization: Bearer TOKEN".
func New(sink Sink, token string) *Receiver {
	return &Receiver{
		sink: sink, token: token, turns: make(chan struct{}, maxAtOnce), decoded: semaphore.NewWeighted(maxDecoded), bodyTime: bodyTime,
	}
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
	for name, listener := range map[string]net.Listener{"HTTP": overHTTP, "gRPC": overGRPC} {
		if listener == nil {
			continue
		}
		server := r.server()
		all.Go(func() {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				stop(fmt.Errorf("receive over %s: %w", name, err))
			}
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
	all.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// maxStreams is how many requests a connection of HTTP/2 may send at once.
const maxStreams = 100

// server returns a server of HTTP and gRPC, which is on HTTP/2 without TLS.
func (r *Receiver) server() *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler: r, Protocols: protocols, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		HTTP2: &http.HTTP2Config{MaxConcurrentStreams: maxStreams, SendPingTimeout: time.Minute, PingTimeout: bodyTime},
	}
}

// take hands a batch to the sink.
func (r *Receiver) take(ctx context.Context, batch *signal.Batch) error {
	if err := r.sink(ctx, batch); err != nil {
		return fmt.Errorf("%w: %w", errAgain, err)
	}
	r.counts.requests.Add(1)
	r.counts.spans.Add(int64(len(batch.Spans)))
	r.counts.records.Add(int64(len(batch.Records)))
	r.counts.points.Add(int64(batch.Points))
	return nil
}

// receive decompresses, decodes and hands on a body. The error says why it was not taken: see [verdictOf].
func (r *Receiver) receive(ctx context.Context, body []byte, encoding string, read func([]byte) (*signal.Batch, error), held *holding) error {
	select {
	case r.turns <- struct{}{}:
		defer func() { <-r.turns }()
	case <-ctx.Done():
		return ctx.Err()
	}
	body, err := decompress(body, encoding, held)
	if err != nil {
		return err
	}
	size := min(int64(len(body)), maxDecoded)
	if err := r.decoded.Acquire(ctx, size); err != nil {
		return err
	}
	defer r.decoded.Release(size)
	batch, err := read(body)
	if err != nil {
		return fmt.Errorf("%w: %w", errNotOTLP, err)
	}
	return r.take(ctx, batch)
}
