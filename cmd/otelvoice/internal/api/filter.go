// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/period"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/store"
)

// filterOf returns the filter of a query: agent, version, channel and outcome are equal to a value; slow,
// interrupted, error and costly are "1"; text is in a call; id is an ID of a call; since and until are as
// [period.Parse] reads them.
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
	return period.Parse(text, time.Now())
}
