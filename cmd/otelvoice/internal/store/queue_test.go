// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/store"
)

// Of batches that are large, few wait to be written: one that is offered is refused, one that is added waits.
func TestQueueIsBoundByBytes(t *testing.T) {
	s := open(t, "", store.Limits{})
	text := strings.Repeat("x", 1<<20)
	large := func() *signal.Batch { // 40 MB in 40 spans that share their text.
		b := new(signal.Batch)
		for range 40 {
			b.Spans = append(b.Spans, span(1, "voice.session", session, "sess_1", "text", text))
		}
		return b
	}
	offered, refused := 0, 0
	for refused == 0 && offered < 200 {
		switch err := s.Offer(t.Context(), large()); {
		case errors.Is(err, store.ErrFull):
			refused++
		case err != nil:
			t.Fatal(err)
		default:
			offered++
		}
	}
	if refused == 0 || offered < 3 {
		t.Errorf("%d batches taken, %d refused", offered, refused)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Add(gone, large()); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that has gone: %v", err)
	}
	if err := s.Add(t.Context(), large()); err != nil {
		t.Errorf("a caller that waits: %v", err)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Offer(t.Context(), large()); err != nil {
		t.Errorf("after all was written: %v", err)
	}
}
