// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelgrpcspeech_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"google.golang.org/grpc"

	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
)

// A request with 20 ms of audio, without the network and with it.
func BenchmarkFrame(b *testing.B) {
	sdk, err := voicesdk.Setup(b.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = sdk.Shutdown(context.WithoutCancel(b.Context())) }()
	ctx, call := voicews.NewCall(b.Context(), sdk.Telemetry)
	defer call.End()
	p := google(b)
	conn := serve(b, p, slices.Repeat([]script{p.hear(math.MaxInt)}, 2)...)
	frame := p.frame(160)
	for _, bb := range []struct {
		name string
		open func() grpc.ClientStream
	}{
		{"bare", func() grpc.ClientStream { return &fake{forgets: true} }},
		{"tapped", func() grpc.ClientStream { return tap(ctx, b, p.method, &fake{forgets: true}) }},
		{"loopback-bare", func() grpc.ClientStream { return p.dial(b.Context(), b, conn) }},
		{"loopback-tapped", func() grpc.ClientStream { return p.dial(ctx, b, conn) }},
	} {
		b.Run(bb.name, func(b *testing.B) {
			stream := bb.open()
			defer func() { _ = stream.CloseSend() }()
			if err := stream.SendMsg(p.asks(b, googleConfig)); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := stream.SendMsg(frame); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
