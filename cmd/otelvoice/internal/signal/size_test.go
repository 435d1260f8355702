// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package signal_test

import (
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

// Text counts wherever it is, and that of a resource once.
func TestSize(t *testing.T) {
	long := strings.Repeat("x", 1000)
	attrs := signal.Attributes{{Key: "a", Value: long}}
	resource := &signal.Resource{Attributes: attrs}
	scope := &signal.Scope{Name: long}
	for _, tt := range []struct {
		name  string
		batch signal.Batch
		texts int64
	}{
		{"nothing", signal.Batch{}, 0},
		{"name and attributes", signal.Batch{Spans: []*signal.Span{{Name: long, Status: long, Attributes: attrs}}}, 3},
		{"events and links", signal.Batch{Spans: []*signal.Span{{Events: []signal.Event{{Name: long, Attributes: attrs}}, Links: []signal.Link{{Attributes: attrs}}}}}, 3},
		{"body", signal.Batch{Records: []*signal.Record{{Body: long, EventName: long}}}, 2},
		{"lists and maps", signal.Batch{Records: []*signal.Record{{Attributes: signal.Attributes{{Key: "l", Value: []any{long, attrs}}}}}}, 2},
		{"a resource and a scope of two", signal.Batch{Spans: []*signal.Span{{Resource: resource, Scope: scope}}, Records: []*signal.Record{{Resource: resource, Scope: scope}}}, 2},
	} {
		if got := tt.batch.Size(); got/1000 != tt.texts {
			t.Errorf("%s: %d bytes, want %d texts of 1000", tt.name, got, tt.texts)
		}
	}
}
