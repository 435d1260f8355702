// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/store"
	"github.com/voice-agents/telemetry/semconv"
)

// IDs are kept as valid UTF-8 of at most 256 bytes, and found by the whole ID as it was sent.
func TestIDsOfStrangers(t *testing.T) {
	for name, id := range map[string]string{
		"256 bytes":                       strings.Repeat("x", 256),
		"257 bytes":                       strings.Repeat("x", 257),
		"a character at byte 256":         strings.Repeat("x", 255) + "é",
		"a character of four bytes":       strings.Repeat("x", 253) + "\U0001F4DE and more",
		"characters of three bytes":       strings.Repeat("話", 100),
		"bytes that are no UTF-8":         "call-\xff\xfe",
		"long, of bytes that are no UTF8": strings.Repeat("\xff\xc3", 200),
		"NUL and control characters":      "call\x00\x1b[31m",
	} {
		for _, key := range []string{session, string(semconv.VoiceCorrelationIDKey), string(semconv.VoiceLineCallIDKey), string(semconv.GenAIToolCallIDKey)} {
			t.Run(name+" of "+key, func(t *testing.T) {
				s := open(t, "", store.Limits{})
				add(t, s, &signal.Batch{Spans: []*signal.Span{span(1, "turn", key, id)}})
				found, err := s.Find(t.Context(), id)
				if err != nil || len(found) != 1 || !utf8.ValidString(found[0].Session) || len(found[0].Session) > 256 {
					t.Fatalf("found %q, %v", found, err)
				}
				if got := names(t, s, found[0].Session); len(got) != 1 {
					t.Errorf("the session has %q", got)
				}
			})
		}
	}
}

// The IDs that a computed call adds are kept as those of signals are.
func TestIDsOfComputedCalls(t *testing.T) {
	s := open(t, "", store.Limits{})
	add(t, s, &signal.Batch{Spans: []*signal.Span{span(1, "turn", session, "call")}})
	id := strings.Repeat("x", 255) + "é" + strings.Repeat("y", 100)
	if err := s.SetCall(t.Context(), "call", &store.Call{Row: []byte("{}"), IDs: []store.ID{{ID: id, Kind: "room"}}}); err != nil {
		t.Fatal(err)
	}
	if found, err := s.Find(t.Context(), id); err != nil || len(found) != 1 || found[0].Kind != "room" {
		t.Errorf("found %q, %v", found, err)
	}
}
