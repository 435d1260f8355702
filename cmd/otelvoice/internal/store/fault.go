// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
)

// A Fault is what does not follow the conventions: a rule, and the name that is wrong.
type Fault struct {
	Rule  string `json:"rule"`
	What  string `json:"example"`
	Count int64  `json:"count"`
	// Calls is how many calls have it, Call is the newest of them. Those of one call have neither.
	Calls int64  `json:"calls,omitempty"`
	Call  string `json:"call,omitempty"`
}

func setFaults(ctx context.Context, tx *sql.Tx, session int64, faults []Fault) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM faults WHERE session = ?", session); err != nil {
		return err
	}
	for _, f := range faults {
		_, err := tx.ExecContext(ctx, `INSERT INTO faults (session, rule, what, count) SELECT n, ?, ?, ? FROM sessions WHERE n = ?
			ON CONFLICT DO UPDATE SET count = count + excluded.count`, f.Rule, f.What, f.Count, session)
		if err != nil {
			return err
		}
	}
	return nil
}

// Faults returns the faults of all calls that are kept, the most frequent first: at most limit.
func (s *Store) Faults(ctx context.Context, limit int) (list []Fault, err error) {
	err = each(ctx, s.db, `SELECT rule, what, total, calls, id
		FROM (SELECT rule, what, sum(count) AS total, count(*) AS calls, max(session) AS newest FROM faults GROUP BY rule, what)
		JOIN sessions ON n = newest ORDER BY total DESC, rule, what LIMIT ?`, func(scan func(...any) error) error {
		var f Fault
		err := scan(&f.Rule, &f.What, &f.Count, &f.Calls, &f.Call)
		list = append(list, f)
		return err
	}, limit)
	return list, err
}
