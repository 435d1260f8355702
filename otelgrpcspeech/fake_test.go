// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelgrpcspeech_test

import (
	"context"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/voice-agents/telemetry/otelgrpcspeech"
)

// A fake is a stream without a network, for tests with faults and with the clock of synctest.
type fake struct {
	ctx    context.Context
	sent   []any
	next   []any // What is received: a message or an error.
	err    error // Of SendMsg.
	closed bool
	// forgets is true if what is sent is not kept.
	forgets bool
}

func (f *fake) Header() (metadata.MD, error) { return metadata.Pairs("header", "1"), nil }
func (f *fake) Trailer() metadata.MD         { return metadata.Pairs("trailer", "1") }
func (f *fake) CloseSend() error             { f.closed = true; return nil }
func (f *fake) Context() context.Context     { return f.ctx }

func (f *fake) SendMsg(m any) error {
	if !f.forgets {
		f.sent = append(f.sent, m)
	}
	return f.err
}

func (f *fake) RecvMsg(m any) error {
	next := f.next[0]
	f.next = f.next[1:]
	if err, ok := next.(error); ok {
		return err
	}
	from, ok := next.(*dynamicpb.Message)
	if to, isMessage := m.(*dynamicpb.Message); ok && isMessage && to != nil {
		proto.Merge(to, from)
	}
	return nil
}

// tap returns the stream of the interceptor over a fake one.
func tap(ctx context.Context, tb testing.TB, method string, under *fake, opts ...otelgrpcspeech.Option) grpc.ClientStream {
	tb.Helper()
	under.ctx = ctx
	streamer := func(context.Context, *grpc.StreamDesc, *grpc.ClientConn, string, ...grpc.CallOption) (grpc.ClientStream, error) {
		return under, nil
	}
	stream, err := otelgrpcspeech.StreamClientInterceptor(opts...)(ctx, streaming, nil, method, streamer)
	if err != nil {
		tb.Fatal(err)
	}
	return stream
}

// hears receives a response.
func (p protocol) hears(tb testing.TB, under *fake, stream grpc.ClientStream, text string) {
	tb.Helper()
	under.next = append(under.next, p.answers(tb, text))
	if err := stream.RecvMsg(dynamicpb.NewMessage(p.response)); err != nil {
		tb.Fatal(err)
	}
}

// ends ends the stream.
func (p protocol) ends(tb testing.TB, under *fake, stream grpc.ClientStream, err error) {
	tb.Helper()
	under.next = append(under.next, err)
	if got := stream.RecvMsg(dynamicpb.NewMessage(p.response)); got != err { //nolint:errorlint // The same value is meant.
		tb.Fatalf("%v, want %v", got, err)
	}
}
