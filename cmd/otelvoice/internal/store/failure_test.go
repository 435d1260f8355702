// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/semconv"
)

// Signals that are lost because the database fails are counted. Failed holds the first error until it is received.
func TestFailures(t *testing.T) {
	s, err := Open(t.Context(), "", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if _, err := s.db.ExecContext(t.Context(), "DROP TABLE items"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		of := signal.Attributes{{Key: string(semconv.SessionIDKey), Value: "s"}}
		if err := s.Add(t.Context(), &signal.Batch{Records: []*signal.Record{{Attributes: of, Resource: new(signal.Resource), Scope: new(signal.Scope)}}}); err != nil {
			t.Fatal(err)
		}
		if err := s.Flush(t.Context()); err == nil {
			t.Error("Flush has no error")
		}
	}
	select {
	case err := <-s.Failed():
		if !strings.Contains(err.Error(), "write to the database: ") {
			t.Error(err)
		}
	default:
		t.Error("nothing is told")
	}
	select {
	case err := <-s.Failed():
		t.Errorf("told again: %v", err)
	default:
	}
	if lost := s.lost.all()[LostWrite]; lost != 3 {
		t.Errorf("%d signals are counted", lost)
	}
}
