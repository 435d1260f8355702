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

// headlines are the rows of the tables that the README has.
var headlines = []struct{ what, beside, table, row string }{
	{"a JSON line with its source and the ids of its call, redacted", "zap, the same fields", jsonTable, voice},
	{"the same without `thread_id`, which is a system call", "zap, the same fields", jsonTable, "otelvoice without thread_id"},
	{"a JSON line, and the record to a collector: what the caller waits", "zap, JSON alone", exportTable, voice},
	{"the same until a collector has the record: the whole process' CPU", "otelslog, the SDK and its exporter", processTitle, voice},
	{"a turn: five spans, fourteen marks, 25 measurements, redacted", "the SDK, by hand", traced.Turn, voice},
	{"the same, not sampled", "the SDK, by hand", traced.UnsampledTurn, voice},
	{"a request through `voicehttp.Middleware`, over loopback", "otelhttp", traced.Loopback, "voicehttp.Middleware without request lines"},
}

const (
	voice = "otelvoice"

	jsonTable   = "A JSON line, source and ids on"
	exportTable = "A JSON line, and the record to a collector over OTLP/HTTP: what the caller waits"
)

// headlinesOf returns the table for the README.
func headlinesOf(figures map[string][]paired.Figure) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("| what | beside | ratio | time | allocations |\n| --- | --- | ---: | ---: | ---: |\n")
	for _, h := range headlines {
		found := false
		for _, f := range figures[h.table] {
			if f.Name == h.row {
				fmt.Fprintf(&out, "| %s | %s | %.2f | %.1f µs | %.0f |\n", h.what, h.beside, f.Ratio, f.Time.Seconds()*1e6, f.Allocs)
				found = true
			}
		}
		if !found {
			return nil, fmt.Errorf("there is no row %q in the table %q", h.row, h.table)
		}
	}
	return out.Bytes(), nil
}
