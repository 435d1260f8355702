// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/contrib/bridges/otelzap"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/voice-agents/telemetry/benchmarks/paired"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// collector accepts every request and reads it to its end.
type collector struct {
	url    string
	server *http.Server
	bytes  atomic.Int64
}

func newCollector() (*collector, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &collector{url: "http://" + l.Addr().String()}
	c.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		c.bytes.Add(n)
		w.Header().Set("Content-Type", "application/x-protobuf")
	})}
	go func() { _ = c.server.Serve(l) }()
	return c, nil
}

// The size of the queue and of a batch: otelvoice's defaults, and the same limits for the SDK's batch
// processor. A run has fewer records than the queue, so that no contender gains time by losing records.
const (
	queue   = 16384
	request = 1024
)

// batch returns the SDK's provider, which sends records to a URL after the other processors have
// run.
func batch(url string, compression otlploghttp.Compression, more ...sdklog.Processor) (*sdklog.LoggerProvider, error) {
	e, err := otlploghttp.New(context.Background(), otlploghttp.WithEndpointURL(url), otlploghttp.WithCompression(compression))
	if err != nil {
		return nil, err
	}
	var opts []sdklog.LoggerProviderOption
	for _, p := range more {
		opts = append(opts, sdklog.WithProcessor(p))
	}
	return sdklog.NewLoggerProvider(append(opts, sdklog.WithProcessor(
		sdklog.NewBatchProcessor(e, sdklog.WithMaxQueueSize(queue), sdklog.WithExportMaxBatchSize(request))))...), nil
}

// settled makes the provider send everything between two runs.
func settled(w paired.Work, provider *sdklog.LoggerProvider) paired.Work {
	w.Settle = func() error { return provider.ForceFlush(context.Background()) }
	w.Stop = func() { _ = provider.Shutdown(context.Background()) }
	return w
}

// naive returns the simplest implementation: slog, its bridge, the SDK's provider, and a processor for
// each output.
func naive(url string, compression otlploghttp.Compression, w io.Writer) (paired.Work, error) {
	p, err := batch(url, compression, newLines(w))
	if err != nil {
		return paired.Work{}, err
	}
	return settled(slogWork(span(), withOwnIDs(otelslog.NewHandler(module, otelslog.WithLoggerProvider(p), otelslog.WithSource(true)))), p), nil
}

// lineAndExport returns the contenders that write JSON lines and send the records to a collector,
// after the baseline, which only writes the lines. No contender compresses, which is the default
// of all.
func lineAndExport(c *collector, w func() io.Writer) []paired.Contender {
	url := c.url + "/v1/logs"
	return []paired.Contender{
		{Name: "zap, JSON alone", Start: func() (paired.Work, error) { return zapWork(zap.New(zapJSON(w()), zap.AddCaller())), nil }},
		{Name: "zap, Tee with otelzap", Start: func() (paired.Work, error) {
			p, err := batch(url, otlploghttp.NoCompression)
			if err != nil {
				return paired.Work{}, err
			}
			core := zapcore.NewTee(zapJSON(w()), otelzap.NewCore(module, otelzap.WithLoggerProvider(p)))
			return settled(zapWork(zap.New(core, zap.AddCaller())), p), nil
		}},
		{Name: "slog, MultiHandler of JSON and otelslog", Start: func() (paired.Work, error) {
			p, err := batch(url, otlploghttp.NoCompression)
			if err != nil {
				return paired.Work{}, err
			}
			h := slog.NewMultiHandler(slog.NewJSONHandler(w(), &slog.HandlerOptions{AddSource: true}),
				otelslog.NewHandler(module, otelslog.WithLoggerProvider(p), otelslog.WithSource(true)))
			return settled(slogWork(span(), withIDs(h)), p), nil
		}},
		{Name: "otelslog, SDK, JSON and batch processors", Start: func() (paired.Work, error) { return naive(url, otlploghttp.NoCompression, w()) }},
		{Name: "otelvoice", Start: func() (paired.Work, error) {
			return voiceWork(map[string]string{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": url}, voicesdk.WithLogWriter(w()))
		}},
		{Name: "otelvoice without thread_id", Start: func() (paired.Work, error) {
			return voiceWork(map[string]string{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": url}, voicesdk.WithLogWriter(w()), voicesdk.WithoutThreadID())
		}},
	}
}
