// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package traced

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/voice-agents/telemetry/benchmarks/paired"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// read is how many chunks of an open stream were read.
const read = 20

// endless answers with a stream that does not end. It has no connection, whose buffers would be
// memory that all contenders hold.
type endless struct{}

func (endless) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: endless{}, Request: r,
	}, nil
}

func (endless) Read(p []byte) (int, error) { return copy(p, chunk), nil }
func (endless) Close() error               { return nil }

// openStreams returns the contenders that open streams and keep them open, the baseline first.
func openStreams(s sinks) []paired.Contender {
	return []paired.Contender{
		{Name: "otelhttp.NewTransport", Start: func() (paired.Work, error) {
			providers := s.sdk()
			ctx, span := providers.tracers.Tracer("agent").Start(context.Background(), "chat")
			return opening(ctx, otelhttp.NewTransport(endless{}, providers.http()...)).Also(providers.flush, func() {
				span.End()
				providers.stop()
			}), nil
		}},
		{Name: "voicehttp.Transport", Start: func() (paired.Work, error) { return s.voiceOpening() }},
		{Name: "voicehttp.Transport without stages", Start: func() (paired.Work, error) { return s.voiceOpening(voicehttp.WithoutStages()) }},
	}
}

func (s sinks) voiceOpening(opts ...voicehttp.TransportOption) (paired.Work, error) {
	tel, err := s.voice(voicesdk.WithoutConsole())
	if err != nil {
		return paired.Work{}, err
	}
	ctx, session := tel.StartSession(context.Background())
	ctx, turn := session.StartTurn(ctx)
	return opening(ctx, voicehttp.Transport(tel.Telemetry, endless{}, opts...)).Also(Flushed(tel), func() {
		turn.End()
		session.End()
		_ = tel.Shutdown(context.Background())
	}), nil
}

// opening opens streams, which are closed when the work settles.
func opening(ctx context.Context, transport http.RoundTripper) paired.Work {
	var failed error
	var streams []io.Closer
	buf := make([]byte, 4096)
	open := func() error {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.openai.com/v1/chat/completions", strings.NewReader(question))
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "application/json")
		res, err := transport.RoundTrip(r)
		if err != nil {
			return err
		}
		for range read {
			if _, err := res.Body.Read(buf); err != nil {
				return errors.Join(err, res.Body.Close())
			}
		}
		streams = append(streams, res.Body)
		return nil
	}
	return paired.Work{
		Run: func(n int) {
			for range n {
				if err := open(); err != nil {
					failed = err
					return
				}
			}
		},
		Settle: func() error {
			for _, stream := range streams {
				failed = errors.Join(failed, stream.Close())
			}
			clear(streams)
			streams = streams[:0]
			return failed
		},
	}
}
