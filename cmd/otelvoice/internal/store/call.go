// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/version"
)

// A Call is what the list of calls needs of a session. It is computed from the session's signals.
type Call struct {
	Items                            int // The number of signals of which it was computed.
	Start                            time.Time
	IsOpen                           bool
	Agent, Version, Channel, Outcome string
	Slow, Interrupted, Errors        int
	Cost                             *float64 // Nil if it is unknown.
	Text                             string   // What a search for a text looks through.
	Row                              []byte   // JSON, which [Store.Calls] returns.
	Turns                            []Turn
	Faults                           []Fault // One of each kind.
	IDs                              []ID    // By which the call is found, too.
}

// An ID is one by which a call is found. Its kind is that of a [Found].
type ID struct{ ID, Kind string }

// A Turn is what the latency page needs of a turn.
type Turn struct {
	Index int
	Start time.Time
	Row   []byte // JSON, which [Store.Turns] returns.
}

// SetCall sets what was computed of a session. It does nothing if the session was forgotten meanwhile.
func (s *Store) SetCall(ctx context.Context, session string, c *Call) (err error) {
	n, err := number(ctx, s.db, session)
	if err != nil {
		return err
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // Nothing, after Commit.
	_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO calls (session, items, start, is_open, agent, version, channel, outcome, slow, interrupted, errors, cost, text, row)
		SELECT n, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM sessions WHERE n = ?`,
		c.Items, c.Start.UnixNano(), c.IsOpen, c.Agent, c.Version, c.Channel, c.Outcome, c.Slow, c.Interrupted, c.Errors, c.Cost, c.Text, c.Row, n)
	if err != nil {
		return err
	}
	if _, err = tx.ExecContext(ctx, "DELETE FROM turns WHERE session = ?", n); err != nil {
		return err
	}
	insert, err := tx.PrepareContext(ctx, "INSERT OR REPLACE INTO turns (session, turn, start, row) SELECT n, ?, ?, ? FROM sessions WHERE n = ?")
	if err != nil {
		return err
	}
	for _, t := range c.Turns {
		if _, err := insert.ExecContext(ctx, t.Index, t.Start.UnixNano(), t.Row, n); err != nil {
			return err
		}
	}
	if err := setFaults(ctx, tx, n, c.Faults); err != nil {
		return err
	}
	for _, id := range c.IDs {
		if id.ID == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO ids (id, session, kind) SELECT ?, n, ? FROM sessions WHERE n = ?", kept(id.ID), id.Kind, n); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// Stale returns the sessions that changed since their call was computed, or were never computed. After a file was
// opened, these are those that changed before it was closed.
func (s *Store) Stale(ctx context.Context) (ids []string, err error) {
	err = each(ctx, s.db, `SELECT sessions.id FROM sessions LEFT JOIN calls ON calls.session = sessions.n
		WHERE calls.items IS NOT sessions.items AND sessions.items > 0`, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// A Filter selects calls. Its zero value selects all.
type Filter struct {
	Agent, Version, Channel, Outcome  string
	Slow, Interrupted, Errors, Costly bool // With at least one slow turn, and so on.
	Text                              string
	Sessions                          []string // If not nil, only these.
	Since, Until                      time.Time
}

// where returns the condition of a filter, and its arguments.
func (f *Filter) where() (where string, args []any) {
	conditions := []string{"1"}
	add := func(condition string, values ...any) {
		conditions = append(conditions, condition)
		args = append(args, values...)
	}
	for _, equal := range []struct{ column, value string }{
		{"agent", f.Agent}, {"version", f.Version}, {"channel", f.Channel}, {"outcome", f.Outcome},
	} {
		if equal.value != "" {
			add("calls."+equal.column+" = ?", equal.value)
		}
	}
	for column, isAsked := range map[string]bool{"slow": f.Slow, "interrupted": f.Interrupted, "errors": f.Errors, "cost": f.Costly} {
		if isAsked {
			add("calls." + column + " > 0")
		}
	}
	if f.Text != "" {
		add("instr(calls.text, ?) > 0", strings.ToLower(f.Text))
	}
	if !f.Since.IsZero() {
		add("calls.start >= ?", f.Since.UnixNano())
	}
	if !f.Until.IsZero() {
		add("calls.start < ?", f.Until.UnixNano())
	}
	if f.Sessions != nil {
		add("sessions.id IN ("+strings.TrimSuffix(strings.Repeat("?,", len(f.Sessions)), ",")+")", toAny(f.Sessions)...)
	}
	return strings.Join(conditions, " AND "), args
}

func toAny(list []string) (values []any) {
	for _, s := range list {
		values = append(values, s)
	}
	return values
}

const ofCalls = " FROM calls JOIN sessions ON sessions.n = calls.session WHERE "

// Calls returns the rows of the calls that a filter selects, the newest first, and how many there are in all.
func (s *Store) Calls(ctx context.Context, f *Filter, offset, limit int) (rows [][]byte, total int, err error) {
	where, args := f.where()
	if err := s.db.QueryRowContext(ctx, "SELECT count(*)"+ofCalls+where, args...).Scan(&total); err != nil { // #nosec G202 -- the values are arguments.
		return nil, 0, fmt.Errorf("count the calls: %w", err)
	}
	err = each(ctx, s.db, "SELECT calls.row"+ofCalls+where+" ORDER BY calls.start DESC, calls.session DESC LIMIT ? OFFSET ?", func(scan func(...any) error) error {
		var row []byte
		err := scan(&row)
		rows = append(rows, row)
		return err
	}, append(args, limit, offset)...)
	return rows, total, err
}

// Turns returns the rows of the turns of the calls that a filter selects, the newest first: at most limit.
func (s *Store) Turns(ctx context.Context, f *Filter, limit int) (rows [][]byte, err error) {
	where, args := f.where()
	err = each(ctx, s.db, "SELECT turns.row FROM turns JOIN calls ON calls.session = turns.session JOIN sessions ON sessions.n = calls.session WHERE "+
		where+" ORDER BY turns.start DESC LIMIT ?", func(scan func(...any) error) error {
		var row []byte
		err := scan(&row)
		rows = append(rows, row)
		return err
	}, append(args, limit)...)
	return rows, err
}

// maxFacets is how many values of a column [Store.Facets] returns.
const maxFacets = 100

// Facets returns the values that calls have, which can be filtered by, sorted. Versions are those of one agent, if it
// is not ""; the newest are the last. Of too many versions the newest are returned.
func (s *Store) Facets(ctx context.Context, agent string) (map[string][]string, error) {
	facets := make(map[string][]string)
	for _, column := range []string{"agent", "version", "channel", "outcome"} {
		query, args := "SELECT DISTINCT "+column+" FROM calls WHERE "+column+" <> ''", []any(nil)
		if column == "version" && agent != "" {
			query, args = query+" AND agent = ?", append(args, agent)
		}
		err := each(ctx, s.db, query, func(scan func(...any) error) error {
			var value string
			err := scan(&value)
			facets[column] = append(facets[column], value)
			return err
		}, args...)
		if err != nil {
			return nil, err
		}
		values := facets[column]
		if column == "version" {
			slices.SortFunc(values, version.Compare)
			values = values[max(len(values)-maxFacets, 0):]
		} else {
			slices.Sort(values)
		}
		if len(values) > 0 {
			facets[column] = values[:min(len(values), maxFacets)]
		}
	}
	return facets, nil
}
