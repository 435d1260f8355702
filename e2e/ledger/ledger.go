// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package ledger compares the items that a service wrote to a ledger with those that a collector
// received. The collector runs with collector.yaml of this directory.
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
	Group string // Entries of a group are in order.
	At    time.Time
}

// Write adds an entry with the current time to a ledger, in one write.
func Write(w io.Writer, kind, id, group string) error {
	_, err := fmt.Fprintf(w, "%s %s %s %d\n", kind, id, group, time.Now().UnixNano())
	return err
}

// Read reads the written entries. It ignores a last line that a kill cut off.
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
