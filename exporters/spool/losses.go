// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"fmt"
	"strings"
)

// losses are what was put and did not get to the collector for the collector's sake.
type losses struct {
	refused int64 // For good, or for their size.
	expired int64
	message string // Of the newest.
}

// refuse drops items that the collector did not take.
func (q *queue) refuse(reason string, items int, message string) {
	q.drop(reason, items)
	q.stats.mu.Lock()
	defer q.stats.mu.Unlock()
	q.stats.losses.message = message
}

// unreported returns what was lost since the last flush, and remembers that it was reported.
func (s *stats) unreported() losses {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := losses{s.losses.refused - s.reported.refused, s.losses.expired - s.reported.expired, s.losses.message}
	s.reported = s.losses
	return l
}

// all returns what was lost since the start.
func (s *stats) all() losses {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.losses
}

// lossError says how many of which signal were lost. It is nil if none were.
func lossError(senders []*sender, of func(*stats) losses) error {
	var refused, expired []string
	var refusal, expiry string
	for _, sender := range senders {
		q := sender.queue
		l := of(q.stats)
		if l.refused > 0 {
			refused, refusal = append(refused, fmt.Sprintf("%d %s", l.refused, q.signal.noun())), l.message
		}
		if l.expired > 0 {
			expired, expiry = append(expired, fmt.Sprintf("%d %s", l.expired, q.signal.noun())), l.message
		}
	}
	var clauses []string
	if len(refused) > 0 {
		clauses = append(clauses, enumerate(refused)+" were refused by "+refusal)
	}
	if len(expired) > 0 {
		clause := enumerate(expired) + " waited for too long"
		if expiry != "" {
			clause += ": " + expiry
		}
		clauses = append(clauses, clause)
	}
	if len(clauses) == 0 {
		return nil
	}
	return fmt.Errorf("spool: %s", strings.Join(clauses, "; "))
}

// enumerate joins words as in a sentence.
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
