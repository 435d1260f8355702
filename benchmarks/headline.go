// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"bytes"
	"fmt"

	"github.com/voice-agents/telemetry/benchmarks/paired"
	"github.com/voice-agents/telemetry/benchmarks/traced"
)

// headlines are the rows of docs/performance.md. A row without a remark has every default on;
// the others say what is switched off.
var headlines = []struct{ what, beside, table, row string }{
	{"a turn: five spans, fourteen marks, 25 measurements, and its log lines", byHand, traced.Turn, withLines},
	{"the same; log lines off", byHand, traced.Turn, voice},
	{"the same turn with its log lines, not sampled", byHand, traced.UnsampledTurn, withLines},
	{"a request through `voicehttp.Middleware` over loopback, and its two log lines", "otelhttp, without log lines", traced.Loopback, "voicehttp.Middleware, and a line for request and response"},
	{"the same; log lines off", "otelhttp, without log lines", traced.Loopback, "voicehttp.Middleware without request lines"},
	{"a JSON line with its source location and the IDs of its call", "zap, the same fields", jsonTable, voice},
	{"a JSON line, and the record to a collector: the time of the caller", "zap, JSON alone", exportTable, voice},
	{"the same until a collector has the record: CPU time of the process", "otelslog, the SDK and its exporter", processTitle, voice},
}

const (
	voice     = "otelvoice"
	withLines = "otelvoice, and the lines of turn and stages"
	byHand    = "the SDK by hand, without log lines"

	jsonTable   = "A JSON line, source and ids on"
	exportTable = "A JSON line, and the record to a collector over OTLP/HTTP: what the caller waits"
)

// headlinesOf returns the table of docs/performance.md.
func headlinesOf(figures map[string][]paired.Figure) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("| what | compared with | ratio | time | allocations |\n| --- | --- | ---: | ---: | ---: |\n")
	for _, h := range headlines {
		found := false
		for _, f := range figures[h.table] {
			if f.Name == h.row {
				fmt.Fprintf(&out, "| %s | %s | %.2f | %.1f µs | %.0f |\n", h.what, h.beside, f.Ratio, f.Time.Seconds()*1e6, f.Allocs)
				found = true
			}
		}
		if !found {
			return nil, fmt.Errorf("no row %q in the table %q", h.row, h.table)
		}
	}
	return out.Bytes(), nil
}
