// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlptest

import (
	"context"

	"google.golang.org/grpc/stats"
)

// encoding records the compression of each gRPC request. gRPC does not pass this header to its handlers.
type encoding struct{}

// encodingKey is the context key of the compression.
type encodingKey struct{}

func (encoding) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context {
	return context.WithValue(ctx, encodingKey{}, new(string))
}

// HandleRPC records the compression. gRPC calls it with the header before the handler.
func (encoding) HandleRPC(ctx context.Context, s stats.RPCStats) {
	if header, ok := s.(*stats.InHeader); ok {
		if name, ok := ctx.Value(encodingKey{}).(*string); ok {
			*name = header.Compression
		}
	}
}

func (encoding) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

func (encoding) HandleConn(context.Context, stats.ConnStats) {}
