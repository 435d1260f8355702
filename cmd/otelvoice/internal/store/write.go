// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

// A writer writes batches. Only its goroutine uses it.
type writer struct {
	store      *Store
	isInMemory bool
	sessions   map[string]*session
	traces     map[trace.TraceID]*session
	shared     sharedRows
	bytes      int64     // Of all sessions, and of the resources and scopes.
	tidied     time.Time // When sessions were last looked through.
	changed    map[*session]struct{}
	// last is the resource and the scope of the signal before, in the transaction, and their numbers.
	last struct {
		resource *signal.Resource
		scope    *signal.Scope
		of, by   int64
	}

	tx *sql.Tx
	// Statements of tx.
	insertItem, insertID *sql.Stmt
}

// A session is a row of the table.
type session struct {
	n, bytes int64
	id       string
	items    int
	seen     time.Time
	traces   []trace.TraceID
	recent   recent
}

// load reads what a file has.
func (w *writer) load(ctx context.Context) error {
	w.sessions, w.traces = make(map[string]*session), make(map[trace.TraceID]*session)
	w.changed, w.bytes = make(map[*session]struct{}), 0
	db := w.store.db
	byNumber := make(map[int64]*session)
	err := each(ctx, db, "SELECT n, id, seen, items, bytes FROM sessions", func(scan func(...any) error) error {
		s, seen := new(session), int64(0)
		if err := scan(&s.n, &s.id, &seen, &s.items, &s.bytes); err != nil {
			return err
		}
		s.seen = time.Unix(0, seen)
		w.sessions[s.id], byNumber[s.n] = s, s
		w.bytes += s.bytes
		return nil
	})
	if err != nil {
		return err
	}
	err = each(ctx, db, "SELECT id, session FROM traces", func(scan func(...any) error) error {
		var id []byte
		var n int64
		if err := scan(&id, &n); err != nil {
			return err
		}
		if s := byNumber[n]; s != nil && len(id) == len(trace.TraceID{}) {
			s.traces = append(s.traces, trace.TraceID(id))
			w.traces[trace.TraceID(id)] = s
		}
		return nil
	})
	if err != nil {
		return err
	}
	return w.loadShared(ctx)
}

// A querier is the database, or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// each calls f for each row of a query.
func each(ctx context.Context, db querier, query string, f func(scan func(...any) error) error, args ...any) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// The bounds of the writer.
const (
	maxCollected   = 1000 // Signals, of batches that are written one after the other.
	maxTransaction = 200  // Signals. Readers wait for a transaction: 20 ms on a busy machine.
)

// tidyEvery is how often old sessions are forgotten if nothing comes.
const tidyEvery = time.Minute

func (w *writer) run() {
	defer close(w.store.done)
	tidy := time.NewTicker(tidyEvery)
	defer tidy.Stop()
	for {
		select {
		case t, ok := <-w.store.queue:
			if !ok {
				return
			}
			w.write(w.collect(t))
		case <-tidy.C:
			w.write(nil)
		}
	}
}

// collect returns the tasks that wait.
func (w *writer) collect(first task) []task {
	tasks := []task{first}
	for size := first.size(); size < maxCollected; {
		select {
		case t, ok := <-w.store.queue:
			if !ok {
				return tasks
			}
			tasks = append(tasks, t)
			size += t.size()
		default:
			return tasks
		}
	}
	return tasks
}

// write writes batches. A transaction that fails is lost and counted.
func (w *writer) write(tasks []task) {
	ctx := context.Background()
	var items []item
	for _, t := range tasks {
		if t.batch == nil {
			continue
		}
		of, unreadable := itemsOf(t.batch)
		items = append(items, of...)
		w.store.lost.add(LostUnreadable, unreadable)
	}
	for part := range slices.Chunk(items, maxTransaction) {
		w.writePart(ctx, part)
	}
	if len(items) == 0 { // The time has come to forget.
		w.writePart(ctx, nil)
	}
	for _, t := range tasks {
		w.store.queued.release(t.bytes)
		if t.then != nil {
			t.then()
		}
	}
}

func (w *writer) writePart(ctx context.Context, items []item) {
	if err := w.transact(ctx, items); err != nil {
		err = fmt.Errorf("write to the database: %w", err)
		w.store.writeFail.Store(&err)
		select {
		case w.store.failed <- err:
		default: // Nobody took the one before.
		}
		w.store.lost.add(LostWrite, len(items))
		clear(w.changed)
		if w.load(ctx) != nil { // What is in memory is not what was written.
			w.sessions, w.traces = make(map[string]*session), make(map[trace.TraceID]*session)
			w.shared.reset()
		}
	}
	ids := make([]string, 0, len(w.changed))
	for s := range w.changed {
		ids = append(ids, s.id)
	}
	clear(w.changed)
	w.store.watchers.tell(ids)
}

func (w *writer) transact(ctx context.Context, items []item) (err error) {
	if w.tx, err = w.store.db.BeginTx(ctx, nil); err != nil {
		return err
	}
	defer func() { _ = w.tx.Rollback() }() // Nothing, after Commit.
	if w.insertItem, err = w.tx.PrepareContext(ctx, "INSERT INTO items (session, is_span, resource, scope, span, data) VALUES (?, ?, ?, ?, ?, ?)"); err != nil {
		return err
	}
	if w.insertID, err = w.tx.PrepareContext(ctx, "INSERT OR IGNORE INTO ids (id, session, kind) VALUES (?, ?, ?)"); err != nil {
		return err
	}
	now := time.Now()
	w.last.of, w.last.by = 0, 0
	for i := range items {
		if err := w.add(ctx, &items[i], now); err != nil {
			return err
		}
	}
	for s := range w.changed {
		if _, err := w.tx.ExecContext(ctx, "UPDATE sessions SET seen = ?, items = ?, bytes = ? WHERE n = ?", s.seen.UnixNano(), s.items, s.bytes, s.n); err != nil {
			return err
		}
	}
	if err := w.forget(ctx, now); err != nil {
		return err
	}
	return w.tx.Commit()
}

// add adds a signal to its session.
func (w *writer) add(ctx context.Context, i *item, now time.Time) error {
	s, err := w.sessionOf(ctx, i.attrs, i.trace)
	if err != nil || s == nil {
		return err
	}
	if s.items >= w.store.limits.Items {
		w.store.lost.add(LostLong, 1)
		return nil
	}
	if i.resource != w.last.resource || w.last.of == 0 { // Most signals have that of the one before.
		if w.last.of, err = w.share(ctx, i.resource); err != nil {
			return err
		}
		w.last.resource = i.resource
	}
	if i.scope != w.last.scope || w.last.by == 0 {
		if w.last.by, err = w.share(ctx, i.scope); err != nil {
			return err
		}
		w.last.scope = i.scope
	}
	if _, err := w.insertItem.ExecContext(ctx, s.n, i.isSpan, w.last.of, w.last.by, numberOf(i.span), i.data); err != nil {
		return err
	}
	w.shared.refer(w.last.of, 1)
	w.shared.refer(w.last.by, 1)
	s.items++
	size := w.sizeOf(i)
	s.bytes += size
	w.bytes += size
	s.seen = now
	w.changed[s] = struct{}{}
	return w.indexIDs(ctx, s, i.attrs)
}
