// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package syslog

import (
	"encoding/json"
	"log/slog"
	"time"
)

// WriteJSON writes a JSON line with its own fields, as package jsonlog does.
func WriteJSON(w *Writer, line string) (int, error) {
	h := headerOf([]byte(line))
	return w.WriteLine([]byte(line), h.at, h.level, h.fields)
}

// headerOf returns the header of a JSON line. Unreadable fields are unknown.
func headerOf(line []byte) *header {
	var l struct {
		Timestamp   string `json:"timestamp"`
		Level       string `json:"level"`
		Process     int    `json:"process_id"`
		Phase       string `json:"phase"`
		Correlation string `json:"correlation_id"`
		Trace       string `json:"trace_id"`
		Span        string `json:"span_id"`
		Request     string `json:"request_id"`
		Session     string `json:"session_id"`
		Turn        string `json:"turn_id"`
		Module      string `json:"module"`
	}
	_ = json.Unmarshal(line, &l)
	h := &header{}
	h.at, _ = time.Parse(time.RFC3339Nano, l.Timestamp)
	_ = h.level.UnmarshalText([]byte(l.Level))
	if l.Process > 0 {
		h.fields = append(h.fields, slog.Int(processKey, l.Process))
	}
	for _, f := range [...]struct{ name, value string }{
		{phaseKey, l.Phase},
		{"correlation_id", l.Correlation},
		{"trace_id", l.Trace},
		{"span_id", l.Span},
		{"request_id", l.Request},
		{"session_id", l.Session},
		{"turn_id", l.Turn},
		{"module", l.Module},
	} {
		if f.value != "" {
			h.fields = append(h.fields, slog.String(f.name, f.value))
		}
	}
	return h
}
