// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/examples/voiceagent/agent"
	"github.com/voice-agents/telemetry/examples/voiceagent/caller"
	"github.com/voice-agents/telemetry/examples/voiceagent/openai"
	"github.com/voice-agents/telemetry/examples/voiceagent/provider"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/testdata/speech"
)

// result is the result of a call.
type result struct {
	caller.Report
	err error
}

// simulate starts the servers, makes the calls, and stops the servers.
func simulate(ctx context.Context, tel *otelvoice.Telemetry, cfg settings) (results []result, err error) {
	vendor := cfg.provider
	if !vendor.set() {
		loopback, failed := serveProvider(ctx, &cfg)
		if failed != nil {
			return nil, failed
		}
		defer func() { err = errors.Join(err, loopback.Close()) }()
		vendor = remote{baseURL: loopback.BaseURL(), key: "any"}
	}

	// One line puts each request to the provider into its call's trace.
	client := &http.Client{Transport: voicehttp.Transport(tel, cfg.network.transport())}
	defer client.CloseIdleConnections()
	mux := http.NewServeMux()
	mux.Handle("POST /call", &agent.Agent{
		Telemetry: tel,
		Provider:  &openai.Client{BaseURL: vendor.baseURL, Key: vendor.key, HTTP: client},
		Models:    cfg.models,
		Speed:     cfg.speed,

		Recordings: cfg.recordings,
	})
	// One line puts each call into the trace that its caller requests.
	service, err := serve(ctx, &cfg.network, voicehttp.Middleware(tel)(mux))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, service.stop()) }() //nolint:contextcheck // It also stops after ctx has ended.
	return callAll(ctx, &cfg, service.url+"/call")
}

// serveProvider starts the vendor on loopback. A synthesis in the first call fails.
func serveProvider(ctx context.Context, cfg *settings) (*provider.Server, error) {
	script, err := provider.ReadScript(speech.Files())
	if err != nil {
		return nil, err
	}
	listener, err := cfg.network.listen(ctx)
	if err != nil {
		return nil, err
	}
	return provider.Serve(ctx, &provider.Options{
		Seed: cfg.seed, Speed: float64(cfg.speed), Script: script, Listener: listener,
		Faults: []provider.Fault{{Path: provider.PathSpeech, Text: "tomorrow at eight"}},
	})
}

// callAll makes the calls, some concurrently, and returns their results.
func callAll(ctx context.Context, cfg *settings, url string) ([]result, error) {
	client := &http.Client{Transport: cfg.network.transport()}
	defer client.CloseIdleConnections()
	callers := make([]*caller.Caller, cfg.calls)
	for i := range callers {
		lines, err := caller.Story(speech.Files(), i+1, cfg.turns)
		if err != nil {
			return nil, err
		}
		callers[i] = &caller.Caller{URL: url, HTTP: client, Speed: cfg.speed, Lines: lines}
	}
	// The first caller chooses an ID; the others get one from the agent.
	callers[0].CorrelationID = newUUID(cfg.seed)

	results := make([]result, len(callers))
	free := make(chan struct{}, cfg.concurrency)
	var calls sync.WaitGroup
	for i, c := range callers {
		free <- struct{}{}
		calls.Go(func() {
			defer func() { <-free }()
			results[i].Report, results[i].err = c.Call(ctx)
		})
	}
	calls.Wait()
	return results, nil
}

// newUUID returns a UUID of version 4 that depends only on the seed.
func newUUID(seed uint64) string {
	chance := rand.New(rand.NewPCG(seed, 0))
	high, low := chance.Uint64(), chance.Uint64()
	high = high&^0xf000 | 0x4000     // Version 4.
	low = low&^(0b11<<62) | 0b10<<62 // The variant of RFC 9562.
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x",
		high>>32, high>>16&0xffff, high&0xffff, low>>48, low&0xffffffffffff)
}

// service is a running HTTP server.
type service struct {
	url    string
	server *http.Server
	served chan struct{}
}

// serve starts a server on a free port of loopback.
func serve(ctx context.Context, n *network, handler http.Handler) (*service, error) {
	listener, err := n.listen(ctx)
	if err != nil {
		return nil, err
	}
	s := &service{
		url:    "http://" + listener.Addr().String(),
		server: &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second},
		served: make(chan struct{}),
	}
	go func() {
		defer close(s.served)
		_ = s.server.Serve(listener) // Always ErrServerClosed: only the server uses the listener.
	}()
	return s, nil
}

// stop waits for the calls in progress, with a limit, and stops the server.
func (s *service) stop() error {
	const stopTimeout = 5 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("shut down: %w", err), s.server.Close())
	}
	<-s.served
	return err
}
