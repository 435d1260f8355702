// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package collector

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip" // The compressor that UseCompressor names.
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/voice-agents/telemetry/internal/otlp/endpoint"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// grpcClient sends encoded requests over gRPC.
type grpcClient struct {
	endpoint Endpoint
	address  endpoint.Endpoint
	method   string
	conn     *grpc.ClientConn
	plain    atomic.Bool // The endpoint rejected gzip.
}

func newGRPCClient(signal segment.Signal, e Endpoint, address endpoint.Endpoint) (*grpcClient, error) {
	security := insecure.NewCredentials()
	if address.URL.Scheme == "https" {
		security = credentials.NewTLS(e.TLS.Clone())
	}
	target, opts := address.URL.Host, []grpc.DialOption{grpc.WithTransportCredentials(security)}
	switch {
	case address.Socket != "":
		target = "passthrough:///localhost"
		opts = append(opts, grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return address.Dial(ctx) }))
	case address.URL.Port() == "":
		target = net.JoinHostPort(address.URL.Hostname(), "4317")
	}
	conn, err := grpc.NewClient(target, opts...)
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	return &grpcClient{endpoint: e, address: address, conn: conn, method: map[segment.Signal]string{
		segment.Traces:  "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
		segment.Metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
		segment.Logs:    "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
	}[signal]}, nil
}

// Compresses implements [Client].
func (c *grpcClient) Compresses() bool { return false } // gRPC compresses when it sends.

// Host implements [Client].
func (c *grpcClient) Host() string { return c.address.String() }

// verbatim is a codec for messages that are already encoded.
type verbatim struct{}

func (verbatim) Name() string { return "proto" }

func (verbatim) Marshal(v any) ([]byte, error) {
	b, ok := v.(*[]byte)
	if !ok {
		return nil, errors.New("spool: no bytes")
	}
	return *b, nil
}

func (verbatim) Unmarshal(data []byte, v any) error {
	b, ok := v.(*[]byte)
	if !ok {
		return errors.New("spool: no bytes")
	}
	*b = append([]byte(nil), data...)
	return nil
}

// Send makes one attempt, and a second one without gzip if the endpoint rejects gzip.
func (c *grpcClient) Send(ctx context.Context, r segment.Request) Answer {
	r, err := r.Unpacked() // A process that sent over HTTP may have stored it compressed.
	if err != nil {
		return Answer{Err: err, Verdict: Refused}
	}
	gzipped := c.endpoint.Gzip && !c.plain.Load()
	a, code := c.attempt(ctx, r, gzipped)
	if code != codes.Unimplemented || !gzipped {
		return a
	}
	// "Decompressor is not installed for grpc-encoding", is grpc-go's message. Other
	// implementations use other messages, and the same code for a missing service.
	if a, code = c.attempt(ctx, r, false); code != codes.Unimplemented && code != codes.Unavailable && code != codes.DeadlineExceeded && code != codes.Canceled {
		a.Unzipped = !c.plain.Swap(true)
	}
	return a
}

func (c *grpcClient) attempt(ctx context.Context, r segment.Request, gzipped bool) (Answer, codes.Code) {
	r.Readers.Add(1) // gRPC does not report when it has finished reading the payload.
	ctx, cancel := context.WithTimeout(metadata.NewOutgoingContext(ctx, metadata.New(c.endpoint.Headers)), c.endpoint.Timeout)
	defer cancel()
	opts := []grpc.CallOption{grpc.ForceCodec(verbatim{})}
	if gzipped {
		opts = append(opts, grpc.UseCompressor("gzip"))
	}
	a := Answer{Size: len(r.Payload)}
	var reply []byte
	err := c.conn.Invoke(ctx, c.method, &r.Payload, &reply, opts...)
	if err == nil {
		a.Rejected, a.Message = PartialSuccess(reply)
		return a, codes.OK
	}
	s := status.Convert(err)
	a.Err = fmt.Errorf("%s: %s: %s", c.Host(), s.Code(), s.Message())
	a.Verdict = verdictOfCode(s.Code(), s.Message())
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok && a.Verdict != Refused {
			a.After, a.Verdict = min(max(info.GetRetryDelay().AsDuration(), 0), LongestAfter), Retry
		}
	}
	return a, s.Code()
}

// verdictOfCode classifies a gRPC status as verdictOf classifies an HTTP status.
func verdictOfCode(code codes.Code, message string) Verdict {
	switch code { //nolint:exhaustive // All other codes are retried.
	case codes.InvalidArgument:
		return Refused
	case codes.ResourceExhausted, codes.OutOfRange, codes.Unknown:
		for _, large := range sizeMessages {
			if strings.Contains(message, large) {
				return TooLarge
			}
		}
		return Suspect
	case codes.Internal, codes.DataLoss, codes.FailedPrecondition, codes.AlreadyExists:
		return Suspect
	}
	return Retry
}

// sizeMessages are parts of error messages about messages that are too large.
var sizeMessages = []string{
	"larger than max",                       // grpc-go and implementations on the C core, before and after decompression.
	"exceeds maximum size",                  // grpc-java.
	"exceeds the maximum",                   // grpc-dotnet.
	"length too large",                      // tonic.
	"status code received from server: 413", // A proxy before the collector, as grpc-go reports it.
}

// Close implements [Client].
func (c *grpcClient) Close() { _ = c.conn.Close() }

// LongestAfter bounds the pause that a collector asks for: a longer one is probably a mistake.
const LongestAfter = 10 * time.Minute
