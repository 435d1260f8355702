// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/store"
)

// filterOf returns the filter of a query: agent, version, channel and outcome are equal to a value; slow,
// interrupted, error and costly are "1"; text is in a call; id is an ID of a call; since and until are times or,
// as "2h", times before now.
func (s *Server) filterOf(ctx context.Context, query url.Values) (f store.Filter, err error) {
	is := func(name string) bool { return query.Get(name) == "1" }
	f = store.Filter{
		Agent: query.Get("agent"), Version: query.Get("version"), Channel: query.Get("channel"), Outcome: query.Get("outcome"),
		Slow: is("slow"), Interrupted: is("interrupted"), Errors: is("error"), Costly: is("costly"), Text: query.Get("text"),
	}
	if f.Since, err = timeOf(query.Get("since")); err != nil {
		return f, badRequestError{fmt.Errorf("since: %w", err)}
	}
	if f.Until, err = timeOf(query.Get("until")); err != nil {
		return f, badRequestError{fmt.Errorf("until: %w", err)}
	}
	if id := strings.TrimSpace(query.Get("id")); id != "" {
		found, err := s.Store.Find(ctx, id)
		if err != nil {
			return f, err
		}
		f.Sessions = []string{}
		for _, call := range found {
			f.Sessions = append(f.Sessions, call.Session)
		}
	}
	return f, nil
}

func timeOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ago, err := time.ParseDuration(text); err == nil {
		return time.Now().Add(-ago), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("%.40q is neither a time, such as 2026-03-01T09:00:00Z, nor a duration, such as 2h", text)
	}
	return at, nil
}
