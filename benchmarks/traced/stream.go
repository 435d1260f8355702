// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package traced

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/voice-agents/telemetry/benchmarks/paired"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// chunks is how many chunks a streamed answer has.
const chunks = 500

// question asks for a streamed answer.
const question = `{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"A table for two at eight, please."}]}`

// chunk is a chunk of an answer of OpenAI.
const chunk = `data: {"id":"chatcmpl-B1aLq0x","object":"chat.completion.chunk","created":1764358000,"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_560af6e559","choices":[{"index":0,"delta":{"content":" table"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"kUa2dQ"}` + "\n\n"

// streamer answers like a language model, and flushes each chunk. It sends a chunk when it may.
func streamer(next <-chan struct{}) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		flush := http.NewResponseController(w)
		for range chunks {
			_, _ = io.WriteString(w, chunk)
			_ = flush.Flush()
			if next != nil {
				<-next
			}
		}
		_, _ = io.WriteString(w, `data: {"id":"chatcmpl-B1aLq0x","choices":[],"usage":{"prompt_tokens":58,"completion_tokens":500}}`+"\n\ndata: [DONE]\n\n")
	})
}

// streams returns the contenders that read a streamed answer over loopback, the baseline first. The
// server is in this process, as its part of the work is in both. If oneByOne is true, the server
// sends a chunk after the one before was read, as models do, which need milliseconds for each;
// otherwise a read returns a dozen of them.
func streams(s sinks, oneByOne bool) []paired.Contender {
	return []paired.Contender{
		{Name: "otelhttp.NewTransport", Start: func() (paired.Work, error) {
			providers := s.sdk()
			ctx, span := providers.tracers.Tracer("agent").Start(context.Background(), "chat")
			return streaming(ctx, oneByOne, func(base http.RoundTripper) http.RoundTripper {
				return otelhttp.NewTransport(base, providers.http()...)
			}, providers.flush, func() { span.End(); providers.stop() })
		}},
		{Name: "voicehttp.Transport", Start: func() (paired.Work, error) { return s.voiceStream(oneByOne) }},
		{Name: "voicehttp.Transport without stages", Start: func() (paired.Work, error) { return s.voiceStream(oneByOne, voicehttp.WithoutStages()) }},
	}
}

func (s sinks) voiceStream(oneByOne bool, opts ...voicehttp.TransportOption) (paired.Work, error) {
	tel, err := s.voice(voicesdk.WithoutConsole())
	if err != nil {
		return paired.Work{}, err
	}
	ctx, session := tel.StartSession(context.Background())
	ctx, turn := session.StartTurn(ctx)
	return streaming(ctx, oneByOne, func(base http.RoundTripper) http.RoundTripper {
		return voicehttp.Transport(tel.Telemetry, base, opts...)
	}, Flushed(tel), func() {
		turn.End()
		session.End()
		_ = tel.Shutdown(context.Background())
	})
}

// streaming asks a server for streamed answers, one after the other, and reads each chunk.
func streaming(ctx context.Context, oneByOne bool, wrap func(http.RoundTripper) http.RoundTripper, settle func() error, stop func()) (paired.Work, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return paired.Work{}, err
	}
	var next chan struct{}
	if oneByOne {
		next = make(chan struct{})
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: streamer(next)}
	go func() { _ = server.Serve(l) }()
	base := &http.Transport{}
	transport := wrap(base)
	url := fmt.Sprintf("http://%s/v1/chat/completions", l.Addr())
	buf := make([]byte, 4096)
	var failed error
	work := paired.Work{
		Run: func(n int) {
			for range n {
				if err := readStream(ctx, transport, url, buf, next); err != nil {
					failed = err
					return
				}
			}
		},
		Settle: func() error { return failed },
	}
	return work.Also(settle, func() {
		stop()
		base.CloseIdleConnections()
		_ = server.Close()
	}), nil
}

func readStream(ctx context.Context, transport http.RoundTripper, url string, buf []byte, next chan<- struct{}) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(question))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := transport.RoundTrip(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	for n := 0; ; n++ {
		if _, err := res.Body.Read(buf); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if next != nil && n < chunks {
			next <- struct{}{}
		}
	}
}
