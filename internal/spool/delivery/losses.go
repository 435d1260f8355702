// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"fmt"
	"strings"

	"github.com/voice-agents/telemetry/internal/spool/report"
)

// LossError returns an error with the number of lost items of each signal, or nil if no items were
// lost.
func LossError(senders []*Sender, of func(*report.Stats) report.Losses) error {
	var refused, expired []string
	var refusal, expiry string
	for _, sender := range senders {
		q := sender.Queue
		l := of(q.Stats)
		if l.Refused > 0 {
			refused, refusal = append(refused, fmt.Sprintf("%d %s", l.Refused, q.Signal.Noun())), l.Message
		}
		if l.Expired > 0 {
			expired, expiry = append(expired, fmt.Sprintf("%d %s", l.Expired, q.Signal.Noun())), l.Message
		}
	}
	var clauses []string
	if len(refused) > 0 {
		clauses = append(clauses, enumerate(refused)+" were refused by "+refusal)
	}
	if len(expired) > 0 {
		clause := enumerate(expired) + " expired"
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

// enumerate joins words with commas and "and".
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
