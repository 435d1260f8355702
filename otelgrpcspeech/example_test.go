// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelgrpcspeech_test

import (
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/voice-agents/telemetry/otelgrpcspeech"
)

// The interceptor is an option of the connection. Google's client takes it by option.WithGRPCDialOption:
//
//	client, err := speech.NewClient(ctx, option.WithGRPCDialOption(
//		grpc.WithChainStreamInterceptor(otelgrpcspeech.StreamClientInterceptor())))
//
// Streams that are opened with the context of a call or a session are recorded:
//
//	stream, err := client.StreamingRecognize(ctx)
func ExampleStreamClientInterceptor() {
	conn, err := grpc.NewClient("riva.example.com:50051", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithChainStreamInterceptor(otelgrpcspeech.StreamClientInterceptor()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = conn.Close() }()
	fmt.Println(conn.Target())
	// Output: riva.example.com:50051
}

// A server that speaks as Google's does has a method of its own.
func ExampleWithMethod() {
	intercept := otelgrpcspeech.StreamClientInterceptor(otelgrpcspeech.WithMethod("/acme.stt.v1.SpeechToText/StreamingRecognize", "acme"))
	fmt.Println(intercept != nil)
	// Output: true
}
