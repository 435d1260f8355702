// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/semconv"
)

// OfTrace is what the ID of a session begins with that is known by its trace only.
const OfTrace = "trace:"

// maxID is how many bytes of an ID are kept.
const maxID = 256

// kept returns an ID as it is kept and searched for: valid UTF-8, and not longer than maxID.
func kept(id string) string { return cleantext.Head(id, maxID) }

// sessionOf returns the session of a signal, or nil for one that belongs to none.
func (w *writer) sessionOf(ctx context.Context, attrs signal.Attributes, id trace.TraceID) (*session, error) {
	name := kept(attrs.Text(semconv.SessionIDKey))
	known := w.traces[id]
	switch {
	case name != "":
		s, err := w.named(ctx, name)
		if err != nil || !id.IsValid() {
			return s, err
		}
		if known != nil && known != s && strings.HasPrefix(known.id, OfTrace) {
			err = w.merge(ctx, known, s)
			known = nil
		}
		if err == nil && known == nil {
			err = w.addTrace(ctx, s, id)
		}
		return s, err
	case known != nil:
		return known, nil
	case !id.IsValid():
		w.store.lost.add(OutsideOfCalls, 1)
		return nil, nil //nolint:nilnil // It is neither stored nor an error.
	}
	s, err := w.named(ctx, OfTrace+id.String())
	if err == nil {
		err = w.addTrace(ctx, s, id)
	}
	return s, err
}

// named returns the session with an ID. It is made if there is none.
func (w *writer) named(ctx context.Context, id string) (*session, error) {
	if s := w.sessions[id]; s != nil {
		return s, nil
	}
	result, err := w.tx.ExecContext(ctx, "INSERT INTO sessions (id, seen, items, bytes) VALUES (?, 0, 0, 0)", id)
	if err != nil {
		return nil, err
	}
	s := &session{id: id}
	if s.n, err = result.LastInsertId(); err != nil {
		return nil, err
	}
	w.sessions[id] = s
	_, err = w.insertID.ExecContext(ctx, id, s.n, "session")
	return s, err
}

// addTrace records that a trace is of a session.
func (w *writer) addTrace(ctx context.Context, s *session, id trace.TraceID) error {
	if _, err := w.tx.ExecContext(ctx, "INSERT OR REPLACE INTO traces (id, session) VALUES (?, ?)", id[:], s.n); err != nil {
		return err
	}
	w.traces[id] = s
	s.traces = append(s.traces, id)
	_, err := w.insertID.ExecContext(ctx, id.String(), s.n, "trace")
	return err
}

// merge moves the signals of a session that was known by its trace only.
func (w *writer) merge(ctx context.Context, from, to *session) error {
	for _, query := range []string{
		"UPDATE items SET session = ? WHERE session = ?",
		"UPDATE traces SET session = ? WHERE session = ?",
		"UPDATE OR REPLACE ids SET session = ? WHERE session = ?",
	} {
		if _, err := w.tx.ExecContext(ctx, query, to.n, from.n); err != nil {
			return err
		}
	}
	for _, id := range from.traces {
		w.traces[id] = to
	}
	to.traces = append(to.traces, from.traces...)
	to.items += from.items
	to.bytes, from.bytes = to.bytes+from.bytes, 0
	return w.remove(ctx, from)
}

// remove deletes a session and all that is of it.
func (w *writer) remove(ctx context.Context, s *session) error {
	if err := w.release(ctx, s); err != nil {
		return err
	}
	for _, query := range []string{
		"DELETE FROM items WHERE session = ?", "DELETE FROM traces WHERE session = ?", "DELETE FROM ids WHERE session = ?",
		"DELETE FROM calls WHERE session = ?", "DELETE FROM turns WHERE session = ?", "DELETE FROM faults WHERE session = ?", "DELETE FROM sessions WHERE n = ?",
	} {
		if _, err := w.tx.ExecContext(ctx, query, s.n); err != nil {
			return err
		}
	}
	for _, id := range s.traces {
		if w.traces[id] == s {
			delete(w.traces, id)
		}
	}
	delete(w.sessions, s.id)
	delete(w.changed, s)
	w.bytes -= s.bytes
	return nil
}
