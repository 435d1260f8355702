// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
)

// sharedRows are the resources and scopes, which many signals share. A row goes with the last signal that refers to it.
type sharedRows struct {
	numbers map[[sha256.Size]byte]int64 // By the hash of their JSON.
	rows    map[int64]*sharedRow
	// last is the greatest number that was given. None is given again while the program runs: a reader may have it.
	last int64
}

type sharedRow struct {
	hash [sha256.Size]byte
	size int64
	refs int64 // By signals. Each refers to a resource and to a scope.
}

func (s *sharedRows) reset() {
	s.numbers, s.rows = make(map[[sha256.Size]byte]int64), make(map[int64]*sharedRow)
}

func (s *sharedRows) add(n int64, data []byte, size int64) {
	hash := sha256.Sum256(data)
	s.numbers[hash], s.rows[n] = n, &sharedRow{hash: hash, size: size}
	s.last = max(s.last, n)
}

// refer counts references.
func (s *sharedRows) refer(n, refs int64) {
	if row := s.rows[n]; row != nil {
		row.refs += refs
	}
}

// sizeOfShared returns about how much of memory or of the file rows take: their text is in the table and in its index.
func (w *writer) sizeOfShared(rows, text int64) int64 {
	size := 2*text + 350*rows
	if w.isInMemory {
		size *= 2
	}
	return size
}

// loadShared reads the resources and scopes of a file, and deletes those to which no signal refers.
func (w *writer) loadShared(ctx context.Context) error {
	w.shared.reset()
	db := w.store.db
	err := each(ctx, db, "SELECT n, data FROM shared", func(scan func(...any) error) error {
		var n int64
		var data []byte
		if err := scan(&n, &data); err != nil {
			return err
		}
		size := w.sizeOfShared(1, int64(len(data)))
		w.shared.add(n, data, size)
		w.bytes += size
		return nil
	})
	if err != nil {
		return err
	}
	err = each(ctx, db, `SELECT n, count(*) FROM (SELECT resource AS n FROM items UNION ALL SELECT scope FROM items) GROUP BY n`, func(scan func(...any) error) error {
		var n, refs int64
		err := scan(&n, &refs)
		w.shared.refer(n, refs)
		return err
	})
	if err != nil {
		return err
	}
	for n, row := range w.shared.rows {
		if row.refs > 0 {
			continue
		}
		if _, err := db.ExecContext(ctx, "DELETE FROM shared WHERE n = ?", n); err != nil {
			return err
		}
		w.forgetShared(n)
	}
	return nil
}

// share returns the number of a resource or a scope.
func (w *writer) share(ctx context.Context, of any) (int64, error) {
	data, err := json.Marshal(of)
	if err != nil {
		data = []byte("{}")
	}
	if n, ok := w.shared.numbers[sha256.Sum256(data)]; ok {
		return n, nil
	}
	n := w.shared.last + 1
	if _, err := w.tx.ExecContext(ctx, "INSERT INTO shared (n, data) VALUES (?, ?)", n, data); err != nil {
		return 0, err
	}
	size := w.sizeOfShared(1, int64(len(data)))
	w.shared.add(n, data, size)
	w.bytes += size
	return n, nil
}

// release deletes the resources and scopes that only a session has. Its signals are still there.
func (w *writer) release(ctx context.Context, s *session) error {
	refs := make(map[int64]int64)
	for _, query := range []string{
		"SELECT resource, count(*) FROM items WHERE session = ? GROUP BY resource", "SELECT scope, count(*) FROM items WHERE session = ? GROUP BY scope",
	} {
		err := each(ctx, w.tx, query, func(scan func(...any) error) error {
			var n, count int64
			err := scan(&n, &count)
			refs[n] += count
			return err
		}, s.n)
		if err != nil {
			return err
		}
	}
	for n, count := range refs {
		row := w.shared.rows[n]
		if row == nil {
			continue
		}
		if row.refs -= count; row.refs > 0 {
			continue
		}
		if _, err := w.tx.ExecContext(ctx, "DELETE FROM shared WHERE n = ?", n); err != nil {
			return err
		}
		w.forgetShared(n)
	}
	return nil
}

func (w *writer) forgetShared(n int64) {
	row := w.shared.rows[n]
	delete(w.shared.rows, n)
	delete(w.shared.numbers, row.hash)
	w.bytes -= row.size
}
