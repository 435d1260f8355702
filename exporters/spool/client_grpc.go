// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip" // The compressor that UseCompressor names.
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// grpcClient sends over gRPC. Requests go as the bytes that they are.
type grpcClient struct {
	endpoint Endpoint
	host     string
	method   string
	conn     *grpc.ClientConn
	options  []grpc.CallOption
}

func newGRPCClient(signal Signal, e Endpoint, u *url.URL) (*grpcClient, error) {
	security := insecure.NewCredentials()
	if u.Scheme == "https" {
		security = credentials.NewTLS(e.TLS.Clone())
	}
	target := u.Host
	if u.Port() == "" {
		target = net.JoinHostPort(u.Hostname(), "4317")
	}
	conn, err := grpc.NewClient(target, grpc.WithTransportCredentials(security))
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	c := &grpcClient{endpoint: e, host: u.Scheme + "://" + u.Host, conn: conn, method: map[Signal]string{
		Traces:  "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
		Metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
		Logs:    "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
	}[signal], options: []grpc.CallOption{grpc.ForceCodec(verbatim{})}}
	if e.Gzip {
		c.options = append(c.options, grpc.UseCompressor("gzip"))
	}
	return c, nil
}

// verbatim is a codec for messages that are encoded already.
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

func (c *grpcClient) send(ctx context.Context, r request) answer {
	r.readers.Add(1) // Until when gRPC reads what it was given it does not say.
	payload := r.payload
	if r.gzipped { // By a process that sent over HTTP.
		unpacked, err := decompress(payload)
		if err != nil {
			return answer{err: err, poison: true}
		}
		payload = unpacked
	}
	ctx, cancel := context.WithTimeout(metadata.NewOutgoingContext(ctx, metadata.New(c.endpoint.Headers)), c.endpoint.Timeout)
	defer cancel()
	var reply []byte
	err := c.conn.Invoke(ctx, c.method, &payload, &reply, c.options...)
	if err == nil {
		rejected, message := partialSuccess(reply)
		return answer{rejected: rejected, message: message}
	}
	s := status.Convert(err)
	a := answer{err: fmt.Errorf("%s: %s: %s", c.host, s.Code(), s.Message())}
	switch s.Code() { //nolint:exhaustive // The others are worth another attempt.
	case codes.InvalidArgument:
		a.poison = true
	case codes.Internal, codes.Unknown, codes.ResourceExhausted: // The last is for a message that is too large, too.
		a.suspect = true
	}
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			a.after, a.suspect = min(max(info.GetRetryDelay().AsDuration(), 0), longestAfter), false
		}
	}
	return a
}

func (c *grpcClient) close() { _ = c.conn.Close() }

func decompress(b []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("spool: decompress: %w", err)
	}
	unpacked, err := io.ReadAll(io.LimitReader(r, maxPayload))
	if err != nil {
		return nil, fmt.Errorf("spool: decompress: %w", err)
	}
	return unpacked, nil
}

// longestAfter bounds what a collector may ask for: whoever says more is forgotten about
// by people, too.
const longestAfter = 10 * time.Minute
