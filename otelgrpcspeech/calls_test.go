// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelgrpcspeech_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
)

// Many calls at once, each with a goroutine that sends and one that receives, have streams of their own.
func TestManyCalls(t *testing.T) {
	const calls, finals = 50, 20
	sdk, rec := voicetest.Setup(t)
	p := google(t)
	scripts := make([]script, calls)
	for i := range scripts {
		all := []script{p.hear(1)}
		for n := range finals {
			final := strings.NewReplacer("0.2s", fmt.Sprintf("%d.2s", n), "0.9s", fmt.Sprintf("%d.9s", n)).Replace(googleFinal)
			all = append(all, steps(p.hear(1), p.say(t, final)))
		}
		scripts[i] = steps(all...)
	}
	conn := serve(t, p, scripts...)
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			ctx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
			defer call.End()
			if err := p.converse(ctx, conn, p.frame(1600), p.asks(t, googleConfig), finals); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	voicetest.Check(t, rec)
	count(t, rec, map[string]int{
		"voice.session": calls, "voice.turn": calls, "speech_to_text_stream telephony": calls, "speech_to_text telephony": calls * finals,
	})
}

// converse sends and receives on two goroutines.
func (p protocol) converse(ctx context.Context, conn *grpc.ClientConn, frame, config *dynamicpb.Message, frames int) error {
	stream, err := conn.NewStream(ctx, streaming, p.method)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	sent := make(chan error, 1)
	go func() {
		err := stream.SendMsg(config)
		for range frames {
			err = errors.Join(err, stream.SendMsg(frame))
		}
		sent <- errors.Join(err, stream.CloseSend())
	}()
	n, err := p.receive(stream)
	if !errors.Is(err, io.EOF) || n != frames {
		return fmt.Errorf("%d of %d responses: %w", n, frames, err)
	}
	return <-sent
}
