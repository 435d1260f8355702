// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Middleware shows an HTTP service that is instrumented in one line: each request gets a span,
// IDs and two log lines, except for excluded paths. The program sends itself a few requests
// and exits; with -addr it serves until Ctrl-C.
//
//	go run ./examples/middleware
//	go run ./examples/middleware -addr localhost:8080
//	curl -i -H 'X-Correlation-ID: order-42' localhost:8080/greet/Ada
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

func main() {
	addr := flag.String("addr", "", "address to serve on until Ctrl-C")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *addr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr string) (err error) {
	tel, err := voicesdk.Setup(ctx, voicesdk.WithServiceName("greeter"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tel.Shutdown(ctx)) }()

	mux := http.NewServeMux()
	mux.HandleFunc("GET /greet/{name}", greet)
	mux.HandleFunc("POST /notes", func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	mux.HandleFunc("POST /broken", func(http.ResponseWriter, *http.Request) { panic("no voice today") })
	mux.HandleFunc("GET /health", func(http.ResponseWriter, *http.Request) {})
	mux.Handle("/log/level", tel.LevelHandler()) // Keep it off public addresses.

	handler := voicehttp.Middleware(tel.Telemetry,
		voicehttp.WithExcludedPaths("/health", "/log/level"),
		voicehttp.WithLoggedHeaders("User-Agent", "Authorization"), // The second is logged as [REDACTED].
		voicehttp.WithLoggedBodies(1<<10))(mux)

	listen := addr
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // The middleware logs panics.
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	if addr == "" {
		err = ask(ctx, "http://"+listener.Addr().String())
	} else {
		<-ctx.Done()
	}
	stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err = errors.Join(err, server.Shutdown(stopCtx))
	if serveErr := <-served; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, serveErr)
	}
	return err
}

func greet(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	slog.InfoContext(ctx, "greeting", "name", r.PathValue("name")) // The context has the IDs.
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	//nolint:gosec // The response is plain text.
	_, _ = fmt.Fprintf(w, "Hello %s, this is call %s\n", r.PathValue("name"), otelvoice.CorrelationID(ctx))
}

// ask sends a few requests.
func ask(ctx context.Context, base string) error {
	for _, q := range []struct{ method, path, body string }{
		{http.MethodGet, "/greet/Ada", ""},
		{http.MethodPost, "/notes", `{"note":"call back","phone":"+14155550123","api_key":"sk-proj-0123456789abcdefghij"}`},
		{http.MethodPost, "/broken", ""},
		{http.MethodGet, "/health", ""},
	} {
		req, err := http.NewRequestWithContext(ctx, q.method, base+q.path, strings.NewReader(q.body))
		if err != nil {
			return err
		}
		req.Header.Set(otelvoice.CorrelationHeader, "order-42")
		req.Header.Set("Authorization", "Bearer 0123456789abcdef")
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			if q.path == "/broken" {
				continue // The handler panicked, so the server closed the connection.
			}
			return err
		}
		fmt.Fprintf(os.Stderr, "%s %s: %s, correlation %q\n", q.method, q.path, resp.Status, resp.Header.Get(otelvoice.CorrelationHeader))
		if err := resp.Body.Close(); err != nil {
			return err
		}
	}
	return nil
}
