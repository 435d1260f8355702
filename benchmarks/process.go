// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"

	"github.com/voice-agents/telemetry/benchmarks/paired"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// processTitle is the title of the table.
var processTitle = fmt.Sprintf("A JSON line, and the record in a collector, %d of each: what the whole process spends", delivered)

// delivered is the number of records in a run. Each is written as a line and counted by the
// collector.
const delivered = 20_000

// lineCount is a writer of lines that counts them.
type lineCount struct{ atomic.Int64 }

func (l *lineCount) Write(b []byte) (int, error) {
	l.Add(1)
	return len(b), nil
}

// processes returns the contenders that write JSON lines and deliver all records to a collector
// in another process, the baseline first. Each sends to a path of its own.
func processes(r func() (*remote, error)) []paired.Contender {
	to := func(path string, start func(url string, w *lineCount) (paired.Work, error)) func() (paired.Work, error) {
		return func() (paired.Work, error) {
			c, err := r()
			if err != nil {
				return paired.Work{}, err
			}
			lines := &lineCount{}
			w, err := start(c.url+path, lines)
			if err != nil {
				return paired.Work{}, err
			}
			return delivering(w, lines, func() (int, error) { return c.count(path) }), nil
		}
	}
	naively := func(c otlploghttp.Compression) func(string, *lineCount) (paired.Work, error) {
		return func(url string, w *lineCount) (paired.Work, error) { return naive(url, c, w) }
	}
	voice := func(compression string) func(string, *lineCount) (paired.Work, error) {
		return func(url string, w *lineCount) (paired.Work, error) {
			return voiceWork(map[string]string{
				"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": url, "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION": compression,
			}, voicesdk.WithLogWriter(w))
		}
	}
	return []paired.Contender{
		{Name: "otelslog, SDK, JSON and batch processors", Start: to("/sdk", naively(otlploghttp.NoCompression))},
		{Name: "the same, compressed", Start: to("/sdk/gzip", naively(otlploghttp.GzipCompression))},
		{Name: "otelvoice", Start: to("/otelvoice", voice("none"))},
		{Name: "otelvoice, compressed", Start: to("/otelvoice/gzip", voice("gzip"))},
	}
}

func processTables(r func() (*remote, error), p paired.Plan) []paired.Table {
	p.CPU, p.Most, p.Each = true, delivered, time.Minute // A fixed number.
	return []paired.Table{{Title: processTitle, Contenders: processes(r), Plan: p}}
}

// delivering makes a run end when everything is delivered, in batches that fit into the queues,
// and fail if the written or delivered records are not those logged.
func delivering(w paired.Work, lines *lineCount, taken func() (int, error)) paired.Work {
	flush, logged := w.Settle, 0
	var failed error
	run := w.Run
	w.Run = func(n int) {
		logged += n
		for n > 0 {
			piece := min(n, queue/2)
			run(piece)
			if err := flush(); err != nil {
				failed = err
			}
			n -= piece
		}
	}
	w.Settle = func() error {
		got, err := taken()
		switch {
		case failed != nil:
			return failed
		case err != nil:
			return err
		case got != logged || int(lines.Load()) != logged:
			return fmt.Errorf("of %d records, %d were written and %d received", logged, lines.Load(), got)
		}
		return nil
	}
	return w
}
