// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package receive

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	_ "google.golang.org/grpc/encoding/gzip" // Requests may be compressed.
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/otlpdata"
)

// maxStreams is how many requests a connection may send at once.
const maxStreams = 100

// grpcServer returns a server of the three services.
func (r *Receiver) grpcServer() *grpc.Server {
	// A message is received before it takes a slot, so that a sender that stops delays no other. What it holds is bounded.
	server := grpc.NewServer(
		grpc.MaxRecvMsgSize(MaxRequest), grpc.UnaryInterceptor(r.intercept), grpc.MaxConcurrentStreams(maxStreams),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: time.Minute, Timeout: bodyTime}),
	)
	ptraceotlp.RegisterGRPCServer(server, &traces{to: r})
	plogotlp.RegisterGRPCServer(server, &logs{to: r})
	pmetricotlp.RegisterGRPCServer(server, &metrics{to: r})
	return server
}

// intercept checks the token, and recovers what the bytes of strangers cause.
func (r *Receiver) intercept(ctx context.Context, request any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (answer any, err error) {
	var authorization string
	if md, ok := metadata.FromIncomingContext(ctx); ok {
		if values := md.Get("authorization"); len(values) == 1 {
			authorization = values[0]
		}
	}
	if !r.isAllowed(authorization) {
		return nil, status.Error(codes.Unauthenticated, "the token is missing or wrong")
	}
	if err := r.enter(ctx); err != nil {
		return nil, status.FromContextError(err).Err()
	}
	defer r.leave()
	defer func() {
		if v := recover(); v != nil {
			r.counts.malformed.Add(1)
			err = status.Errorf(codes.InvalidArgument, "panic in the decoder: %v", v)
		}
	}()
	return next(ctx, request)
}

func (r *Receiver) takeGRPC(ctx context.Context, batch *signal.Batch) error {
	if err := r.take(ctx, batch); err != nil {
		return status.Error(codes.Unavailable, err.Error())
	}
	return nil
}

type traces struct {
	ptraceotlp.UnimplementedGRPCServer

	to *Receiver
}

func (t *traces) Export(ctx context.Context, request ptraceotlp.ExportRequest) (ptraceotlp.ExportResponse, error) {
	return ptraceotlp.NewExportResponse(), t.to.takeGRPC(ctx, otlpdata.Traces(request.Traces()))
}

type logs struct {
	plogotlp.UnimplementedGRPCServer

	to *Receiver
}

func (l *logs) Export(ctx context.Context, request plogotlp.ExportRequest) (plogotlp.ExportResponse, error) {
	return plogotlp.NewExportResponse(), l.to.takeGRPC(ctx, otlpdata.Logs(request.Logs()))
}

type metrics struct {
	pmetricotlp.UnimplementedGRPCServer

	to *Receiver
}

func (m *metrics) Export(ctx context.Context, request pmetricotlp.ExportRequest) (pmetricotlp.ExportResponse, error) {
	return pmetricotlp.NewExportResponse(), m.to.takeGRPC(ctx, otlpdata.Metrics(request.Metrics()))
}
