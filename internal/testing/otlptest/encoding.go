// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlptest

import (
	"context"

	"google.golang.org/grpc/stats"
)

// encoding is how each gRPC request was compressed, which gRPC does not tell its
// handlers: it takes the header for itself.
type encoding struct{}

// encodingKey finds the compression in a request's context.
type encodingKey struct{}

func (encoding) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context {
	return context.WithValue(ctx, encodingKey{}, new(string))
}

// HandleRPC notes the compression. gRPC calls it with the header before it calls
// the handler.
func (encoding) HandleRPC(ctx context.Context, s stats.RPCStats) {
	if header, ok := s.(*stats.InHeader); ok {
		if name, ok := ctx.Value(encodingKey{}).(*string); ok {
			*name = header.Compression
		}
	}
}

func (encoding) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

func (encoding) HandleConn(context.Context, stats.ConnStats) {}
