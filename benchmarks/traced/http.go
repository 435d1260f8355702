// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package traced

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"

	"github.com/voice-agents/telemetry/benchmarks/paired"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// All contenders serve or send the same request.
const (
	route  = "/v1/calls/{id}/turns"
	path   = "/v1/calls/sess_f5e6d7c8b9a0/turns"
	answer = `{"reply":"With pleasure."}`
)

// mux is the handler that all contenders wrap.
func mux() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("POST "+route, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
	})
	return m
}

// serving returns the work of calling a handler.
type serving func(http.Handler) (paired.Work, error)

// handlers returns the contenders that serve requests, the baseline first. All take the caller's
// trace from the headers.
func handlers(s sinks, serve serving) []paired.Contender {
	voice := func(opts ...voicehttp.MiddlewareOption) func() (paired.Work, error) {
		return func() (paired.Work, error) {
			tel, err := s.voice()
			if err != nil {
				return paired.Work{}, err
			}
			w, err := serve(voicehttp.Middleware(tel.Telemetry, opts...)(mux()))
			return w.Also(Flushed(tel), func() { _ = tel.Shutdown(context.Background()) }), err
		}
	}
	return []paired.Contender{
		{Name: "otelhttp.NewHandler", Start: func() (paired.Work, error) {
			providers := s.sdk()
			w, err := serve(otelhttp.NewHandler(mux(), "", providers.http()...))
			return w.Also(providers.flush, providers.stop), err
		}},
		{Name: "voicehttp.Middleware without request lines", Start: voice(voicehttp.WithoutRequestLogs())},
		{Name: "voicehttp.Middleware, and a line for request and response", Start: voice()},
	}
}

// http are otelhttp's options for the providers.
func (s sdk) http() []otelhttp.Option {
	return []otelhttp.Option{
		otelhttp.WithTracerProvider(s.tracers), otelhttp.WithMeterProvider(s.meters),
		otelhttp.WithPropagators(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})),
	}
}

// newRequest returns a request with a caller's trace.
func newRequest(ctx context.Context, url string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+path, http.NoBody)
	if err == nil {
		propagation.TraceContext{}.Inject(called(ctx), propagation.HeaderCarrier(r.Header))
	}
	return r, err
}

// direct calls a handler as a server does, without the network.
func direct(h http.Handler) (paired.Work, error) {
	r, err := newRequest(context.Background(), "http://agent.example")
	w := &response{header: make(http.Header)}
	return paired.Work{Run: func(n int) {
		for range n {
			clear(w.header)
			h.ServeHTTP(w, r)
		}
	}}, err
}

// response is the cheapest ResponseWriter.
type response struct{ header http.Header }

func (r *response) Header() http.Header         { return r.header }
func (r *response) Write(b []byte) (int, error) { return len(b), nil }
func (r *response) WriteHeader(int)             {}

// overLoopback makes a client send requests to a server, both in this process, one after the
// other.
func overLoopback(h http.Handler) (paired.Work, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return paired.Work{}, err
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: h}
	go func() { _ = server.Serve(l) }()
	transport := &http.Transport{}
	w, err := sending(context.Background(), "http://"+l.Addr().String(), transport)
	return w.Also(func() error { return nil }, func() {
		transport.CloseIdleConnections()
		_ = server.Close()
	}), err
}

// sending sends requests and reads the responses to their ends.
func sending(ctx context.Context, url string, transport http.RoundTripper) (paired.Work, error) {
	r, err := newRequest(ctx, url)
	if err != nil {
		return paired.Work{}, err
	}
	var failed error
	return paired.Work{
		Run: func(n int) {
			for range n {
				res, err := transport.RoundTrip(r)
				if err != nil {
					failed = err
					return
				}
				if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
					failed = errors.Join(err, errors.New(res.Status))
				}
				_ = res.Body.Close()
			}
		},
		Settle: func() error { return failed },
	}, nil
}

// instantly responds at once.
type instantly struct{ header http.Header }

func (i instantly) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: i.header, Body: http.NoBody, Request: r,
	}, nil
}

// transports returns the contenders that send requests, the baseline first. The underlying
// transport responds at once; the baseline sends under a span, and otelvoice in a stage.
func transports(s sinks) []paired.Contender {
	const url = "https://api.openai.com"
	base := instantly{http.Header{"X-Request-Id": {"req_4f1f1c7e51a94d7d"}, "Content-Type": {"application/json"}}}
	return []paired.Contender{
		{Name: "otelhttp.NewTransport", Start: func() (paired.Work, error) {
			providers := s.sdk()
			ctx, span := providers.tracers.Tracer("agent").Start(context.Background(), "chat")
			w, err := sending(ctx, url, otelhttp.NewTransport(base, providers.http()...))
			return w.Also(providers.flush, func() {
				span.End()
				providers.stop()
			}), err
		}},
		{Name: "voicehttp.Transport", Start: func() (paired.Work, error) {
			tel, err := s.voice(voicesdk.WithoutConsole())
			if err != nil {
				return paired.Work{}, err
			}
			ctx, session := tel.StartSession(context.Background())
			ctx, turn := session.StartTurn(ctx)
			ctx, _ = turn.StartLLM(ctx, otelvoice.Model{Provider: provider, Name: model})
			w, err := sending(ctx, url, voicehttp.Transport(tel.Telemetry, base))
			return w.Also(Flushed(tel), func() {
				session.End()
				_ = tel.Shutdown(context.Background())
			}), err
		}},
	}
}
