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
	// The JSON is decoded after the queries, because they keep others waiting.
	items, texts, err := s.itemsOf(ctx, session)
	if errors.Is(err, ErrUnknown) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("read the signals of %s: %w", session, err)
	}
	known := make(map[int64]*shared, len(texts))
	for n, text := range texts {
		if known[n], err = readShared(text); err != nil {
			return nil, fmt.Errorf("read a resource of %s: %w", session, err)
		}
	}
	batch := new(signal.Batch)
	for _, i := range items {
		of, by := known[i.resource], known[i.scope]
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

// A row is a row of the table of items.
type row struct {
	isSpan          bool
	resource, scope int64
	data            []byte
}

// itemsOf returns the rows of a session, and the resources and scopes to which they refer. They are of one transaction:
// between two, the session may be forgotten.
func (s *Store) itemsOf(ctx context.Context, session string) (items []row, texts map[int64][]byte, err error) {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = tx.Rollback() }()
	n, err := number(ctx, tx, session)
	if err != nil {
		return nil, nil, err
	}
	err = each(ctx, tx, "SELECT is_span, resource, scope, data FROM items WHERE session = ? ORDER BY n", func(scan func(...any) error) error {
		var i row
		if err := scan(&i.isSpan, &i.resource, &i.scope, &i.data); err != nil {
			return err
		}
		items = append(items, i)
		return nil
	}, n)
	if err != nil {
		return nil, nil, err
	}
	texts = make(map[int64][]byte)
	for _, i := range items {
		for _, n := range [...]int64{i.resource, i.scope} {
			if _, ok := texts[n]; ok {
				continue
			}
			var text []byte
			if err := tx.QueryRowContext(ctx, "SELECT data FROM shared WHERE n = ?", n).Scan(&text); err != nil {
				return nil, nil, err
			}
			texts[n] = text
		}
	}
	return items, texts, nil
}

// number returns the number of a session.
func number(ctx context.Context, in interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}, session string,
) (n int64, err error) {
	err = in.QueryRowContext(ctx, "SELECT n FROM sessions WHERE id = ?", session).Scan(&n)
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

func readShared(text []byte) (*shared, error) {
	of := new(shared)
	return of, errors.Join(json.Unmarshal(text, &of.resource), json.Unmarshal(text, &of.scope))
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
	var shared, text int64
	if err := s.db.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(length(data)), 0) FROM shared").Scan(&shared, &text); err != nil {
		return now, err
	}
	now.Bytes += s.writer.sizeOfShared(shared, text)
	var items int64
	err = s.db.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(is_span), 0) FROM items").Scan(&items, &now.Spans)
	now.Records = items - now.Spans
	return now, err
}

// Limits returns the limits of the store.
func (s *Store) Limits() Limits { return s.limits }
