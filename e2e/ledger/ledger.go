// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package ledger compares what a service has written down of its telemetry with what a
// collector has of it. The collector is one with collector.yaml, of this directory.
package ledger

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// An Entry is a span, a record or a point.
type Entry struct {
	Kind  string
	ID    string
	Group string // What it is in order with.
	At    time.Time
}

// Write adds an entry to a ledger, now, by one write.
func Write(w io.Writer, kind, id, group string) error {
	_, err := fmt.Fprintf(w, "%s %s %s %d\n", kind, id, group, time.Now().UnixNano())
	return err
}

// Read reads what was written. A last line that was cut off by a kill is no entry.
func Read(path string) (written []Entry, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		if !strings.HasSuffix(line, "\n") {
			break
		}
		var e Entry
		var at int64
		if _, err := fmt.Sscanf(line, "%s %s %s %d", &e.Kind, &e.ID, &e.Group, &at); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", path, line, err)
		}
		e.At = time.Unix(0, at)
		written = append(written, e)
	}
	return written, nil
}
