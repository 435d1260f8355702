// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/receive"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/store"
)

// A Health is what arrives, and what is lost of it.
type Health struct {
	Version   string          `json:"version,omitempty"`
	Since     time.Time       `json:"since,omitzero"`
	Listening []string        `json:"listening,omitempty"`
	Received  *receive.Counts `json:"received,omitempty"`
	Dropped   []Dropped       `json:"dropped,omitempty"`
	// Faults are what does not follow the conventions in the calls that are kept, the most frequent first: at most 200.
	Faults []store.Fault `json:"faults,omitempty"`
	Stored store.Stored  `json:"stored"`
	Limits store.Limits  `json:"limits"`
	// Error is the latest error of the viewer itself.
	Error string `json:"error,omitempty"`
}

// maxFaults is how many kinds of faults are answered.
const maxFaults = 200

// Dropped is how much is not in the store, and why.
type Dropped struct {
	Reason string `json:"reason"`
	Count  int64  `json:"count"`
}

func (s *Server) health(ctx context.Context, _ *http.Request) (*Health, error) {
	stored, err := s.Store.Stored(ctx)
	if err != nil {
		return nil, err
	}
	h := &Health{Version: s.Version, Since: s.Since, Listening: s.Listening, Stored: stored, Limits: s.Store.Limits()}
	if h.Faults, err = s.Store.Faults(ctx, maxFaults); err != nil {
		return nil, err
	}
	if s.Counts != nil {
		counts := s.Counts()
		h.Received = &counts
	}
	for why, n := range stored.Lost {
		h.Dropped = append(h.Dropped, Dropped{Reason: string(why), Count: n})
	}
	slices.SortFunc(h.Dropped, func(a, b Dropped) int { return cmp.Compare(a.Reason, b.Reason) })
	if err := s.Index.Err(); err != nil {
		h.Error = err.Error()
	}
	return h, nil
}
