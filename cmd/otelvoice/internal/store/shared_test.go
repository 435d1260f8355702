// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/store"
)

// Resources count in the limit and go with the last call that has them.
func TestResourcesGoWithTheirCalls(t *testing.T) {
	file := filepath.Join(t.TempDir(), "calls.db")
	for _, tt := range []struct{ name, path string }{{"in memory", ""}, {"in a file", file}} {
		t.Run(tt.name, func(t *testing.T) {
			limits := store.Limits{Bytes: 2 << 20}
			s, err := store.Open(t.Context(), tt.path, limits)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			const calls = 400
			of := func(i int) string { return fmt.Sprintf("%d%s", i, strings.Repeat("q", 40_000)) }
			for i := range calls {
				sp := span(uint64(i+1), "voice.session", session, fmt.Sprintf("sess_%d", i))
				sp.Resource = &signal.Resource{Attributes: attrs("process.command_line", of(i))}
				add(t, s, &signal.Batch{Spans: []*signal.Span{sp}})
			}
			stored, err := s.Stored(t.Context())
			if err != nil || stored.Bytes > limits.Bytes || stored.Sessions < 5 || stored.Sessions > 30 || stored.Lost[store.LostBytes] != calls-stored.Sessions {
				t.Errorf("%+v, %v", stored, err)
			}
			for i := calls - int(stored.Sessions); i < calls; i++ {
				b, err := s.Signals(t.Context(), fmt.Sprintf("sess_%d", i))
				if err != nil || b.Spans[0].Resource.Attributes.Text("process.command_line") != of(i) || b.Spans[0].Scope.Name != scope.Name {
					t.Errorf("the resource of call %d is another one: %v", i, err)
				}
			}
			if err := s.Close(); err != nil || tt.path == "" {
				return
			}
			if info, err := os.Stat(tt.path); err != nil || info.Size() > 2*limits.Bytes {
				t.Errorf("the file has %d bytes, %v", info.Size(), err)
			}
			again := open(t, tt.path, limits)
			if now, err := again.Stored(t.Context()); err != nil || now.Sessions != stored.Sessions || now.Bytes != stored.Bytes {
				t.Errorf("opened again: %+v, want %+v, %v", now, stored, err)
			}
		})
	}
}
