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

	"github.com/voice-agents/telemetry/otelvoice"
)

// collector takes every request and reads it to its end.
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

// queue is how many records the batch processors take, of the SDK and of otelvoice alike; a
// run is shorter, so that nothing is lost to go faster.
const queue = 16384

// batch returns the SDK's provider that sends to the collector, by way of more processors.
func (c *collector) batch(more ...sdklog.Processor) (*sdklog.LoggerProvider, error) {
	e, err := otlploghttp.New(context.Background(), otlploghttp.WithEndpointURL(c.url+"/v1/logs"), otlploghttp.WithCompression(otlploghttp.GzipCompression))
	if err != nil {
		return nil, err
	}
	var opts []sdklog.LoggerProviderOption
	for _, p := range more {
		opts = append(opts, sdklog.WithProcessor(p))
	}
	return sdklog.NewLoggerProvider(append(opts, sdklog.WithProcessor(sdklog.NewBatchProcessor(e, sdklog.WithMaxQueueSize(queue))))...), nil
}

// settled has the provider send all between two runs.
func settled(w work, provider *sdklog.LoggerProvider) work {
	w.settle = func() { _ = provider.ForceFlush(context.Background()) }
	w.stop = func() { _ = provider.Shutdown(context.Background()) }
	return w
}

// lineAndExport returns the contenders that write JSON lines and send the records to a
// collector, after the base, which writes the lines alone.
func lineAndExport(c *collector, w func() io.Writer) []contender {
	return []contender{
		{"zap, JSON alone", func() (work, error) { return zapWork(zap.New(zapJSON(w()), zap.AddCaller())), nil }},
		{"zap, Tee with otelzap", func() (work, error) {
			p, err := c.batch()
			if err != nil {
				return work{}, err
			}
			core := zapcore.NewTee(zapJSON(w()), otelzap.NewCore(module, otelzap.WithLoggerProvider(p)))
			return settled(zapWork(zap.New(core, zap.AddCaller())), p), nil
		}},
		{"slog, MultiHandler of JSON and otelslog", func() (work, error) {
			p, err := c.batch()
			if err != nil {
				return work{}, err
			}
			h := slog.NewMultiHandler(slog.NewJSONHandler(w(), &slog.HandlerOptions{AddSource: true}),
				otelslog.NewHandler(module, otelslog.WithLoggerProvider(p), otelslog.WithSource(true)))
			return settled(slogWork(span(), withIDs(h)), p), nil
		}},
		{"otelslog, SDK, JSON and batch processors", func() (work, error) {
			p, err := c.batch(newLines(w()))
			if err != nil {
				return work{}, err
			}
			return settled(slogWork(span(), withOwnIDs(otelslog.NewHandler(module, otelslog.WithLoggerProvider(p), otelslog.WithSource(true)))), p), nil
		}},
		{"otelvoice", func() (work, error) { return voiceWork(c.url, otelvoice.WithLogWriter(w())) }},
	}
}
