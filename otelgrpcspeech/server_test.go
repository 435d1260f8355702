// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelgrpcspeech_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/voice-agents/telemetry/otelgrpcspeech"
)

// A script is what the server does with one stream.
type script func(stream grpc.ServerStream) error

// serve serves a protocol on loopback, and returns a connection with the interceptor. Each stream takes the next script.
func serve(tb testing.TB, p protocol, scripts ...script) *grpc.ClientConn {
	tb.Helper()
	next := make(chan script, len(scripts))
	for _, s := range scripts {
		next <- s
	}
	service, method, _ := strings.Cut(strings.TrimPrefix(p.method, "/"), "/")
	server := grpc.NewServer()
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: service, HandlerType: (*any)(nil),
		Streams: []grpc.StreamDesc{{StreamName: method, ClientStreams: true, ServerStreams: true, Handler: func(_ any, stream grpc.ServerStream) error {
			return (<-next)(stream)
		}}},
	}, nil)
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	tb.Cleanup(func() {
		server.Stop()
		if err := <-served; err != nil {
			tb.Error(err)
		}
	})
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithChainStreamInterceptor(otelgrpcspeech.StreamClientInterceptor()))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return conn
}

// hear receives messages.
func (p protocol) hear(n int) script {
	return func(stream grpc.ServerStream) error {
		for range n {
			if err := stream.RecvMsg(dynamicpb.NewMessage(p.request)); err != nil {
				return err
			}
		}
		return nil
	}
}

// say sends messages.
func (p protocol) say(t *testing.T, messages ...string) script {
	t.Helper()
	var all []*dynamicpb.Message
	for _, text := range messages {
		all = append(all, p.answers(t, text))
	}
	return func(stream grpc.ServerStream) error {
		for _, m := range all {
			if err := stream.SendMsg(m); err != nil {
				return err
			}
		}
		return nil
	}
}

// steps runs scripts one after the other.
func steps(scripts ...script) script {
	return func(stream grpc.ServerStream) error {
		for _, s := range scripts {
			if err := s(stream); err != nil {
				return err
			}
		}
		return nil
	}
}

// fail ends the stream with a status.
func fail(err error) script { return func(grpc.ServerStream) error { return err } }

// wait waits for the end of the stream.
func wait(stream grpc.ServerStream) error {
	<-stream.Context().Done()
	return nil
}

var streaming = &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}

// dial opens a stream.
func (p protocol) dial(ctx context.Context, tb testing.TB, conn *grpc.ClientConn) grpc.ClientStream {
	tb.Helper()
	stream, err := conn.NewStream(ctx, streaming, p.method)
	if err != nil {
		tb.Fatal(err)
	}
	return stream
}

// send sends messages.
func send(t *testing.T, stream grpc.ClientStream, messages ...*dynamicpb.Message) {
	t.Helper()
	for _, m := range messages {
		if err := stream.SendMsg(m); err != nil {
			t.Fatal(err)
		}
	}
}

// receive receives messages until the end of the stream, and returns their number and the error.
func (p protocol) receive(stream grpc.ClientStream) (n int, err error) {
	for ; ; n++ {
		if err := stream.RecvMsg(dynamicpb.NewMessage(p.response)); err != nil {
			return n, err
		}
	}
}
