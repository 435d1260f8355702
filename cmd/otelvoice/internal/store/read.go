// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

// Signals returns all signals of a session, in the order in which they came, or [ErrUnknown].
func (s *Store) Signals(ctx context.Context, session string) (*signal.Batch, error) {
	n, err := s.number(ctx, session)
	if err != nil {
		return nil, err
	}
	// The JSON is decoded after the query, because the query keeps others waiting.
	type item struct {
		isSpan          bool
		resource, scope int64
		data            []byte
	}
	var items []item
	err = each(ctx, s.db, "SELECT is_span, resource, scope, data FROM items WHERE session = ? ORDER BY n", func(scan func(...any) error) error {
		var i item
		if err := scan(&i.isSpan, &i.resource, &i.scope, &i.data); err != nil {
			return err
		}
		items = append(items, i)
		return nil
	}, n)
	if err != nil {
		return nil, fmt.Errorf("read the signals of %s: %w", session, err)
	}
	batch := new(signal.Batch)
	for _, i := range items {
		of, err := s.sharedOf(ctx, i.resource)
		if err != nil {
			return nil, err
		}
		by, err := s.sharedOf(ctx, i.scope)
		if err != nil {
			return nil, err
		}
		if i.isSpan {
			span, err := readSpan(i.data)
			if err != nil {
				return nil, fmt.Errorf("read a span of %s: %w", session, err)
			}
			span.Resource, span.Scope = &of.resource, &by.scope
			batch.Spans = append(batch.Spans, span)
			continue
		}
		record, err := readRecord(i.data)
		if err != nil {
			return nil, fmt.Errorf("read a log record of %s: %w", session, err)
		}
		record.Resource, record.Scope = &of.resource, &by.scope
		batch.Records = append(batch.Records, record)
	}
	return batch, nil
}

func (s *Store) number(ctx context.Context, session string) (n int64, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT n FROM sessions WHERE id = ?", session).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, ErrUnknown
	}
	return n, err
}

// A shared is a resource or a scope that many signals have.
type shared struct {
	resource signal.Resource
	scope    signal.Scope
}

// sharedOf returns the resource or scope with a number. It is read once: there are few of them.
func (s *Store) sharedOf(ctx context.Context, n int64) (*shared, error) {
	if known, ok := s.shared.Load(n); ok {
		return known.(*shared), nil
	}
	var data []byte
	if err := s.db.QueryRowContext(ctx, "SELECT data FROM shared WHERE n = ?", n).Scan(&data); err != nil {
		return nil, fmt.Errorf("read a resource: %w", err)
	}
	of := new(shared)
	if err := errors.Join(json.Unmarshal(data, &of.resource), json.Unmarshal(data, &of.scope)); err != nil {
		return nil, fmt.Errorf("read a resource: %w", err)
	}
	s.shared.Store(n, of)
	return of, nil
}

// Stored is what a store has, and what it lost.
type Stored struct {
	Sessions int64          `json:"calls"`
	Spans    int64          `json:"spans"`
	Records  int64          `json:"logs"`
	Bytes    int64          `json:"bytes"`
	Lost     map[Loss]int64 `json:"-"`
}

// Stored returns what the store has.
func (s *Store) Stored(ctx context.Context) (Stored, error) {
	now := Stored{Lost: s.lost.all()}
	err := s.db.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(bytes), 0) FROM sessions").Scan(&now.Sessions, &now.Bytes)
	if err != nil {
		return now, err
	}
	var items int64
	err = s.db.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(is_span), 0) FROM items").Scan(&items, &now.Spans)
	now.Records = items - now.Spans
	return now, err
}

// Limits returns the limits of the store.
func (s *Store) Limits() Limits { return s.limits }
