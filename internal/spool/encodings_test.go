// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"context"

	grpcstats "google.golang.org/grpc/stats"
)

// encodings passes the compression of each message to the handlers of a gRPC server.
type encodings struct{}

type encodingName struct{}

func (encodings) TagRPC(ctx context.Context, _ *grpcstats.RPCTagInfo) context.Context {
	return context.WithValue(ctx, encodingName{}, new(string))
}

func (encodings) HandleRPC(ctx context.Context, s grpcstats.RPCStats) {
	if in, ok := s.(*grpcstats.InHeader); ok {
		*ctx.Value(encodingName{}).(*string) = in.Compression
	}
}

func (encodings) TagConn(ctx context.Context, _ *grpcstats.ConnTagInfo) context.Context { return ctx }
func (encodings) HandleConn(context.Context, grpcstats.ConnStats)                       {}
