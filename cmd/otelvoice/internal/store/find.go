// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/semconv"
)

// searched are the attributes whose values are IDs by which a call is found, and what they are IDs of.
var searched = [...]struct {
	key  attribute.Key
	kind string
}{
	{semconv.VoiceCorrelationIDKey, "correlation"},
	{semconv.VoiceTurnIDKey, "turn"},
	{semconv.GenAIResponseIDKey, "request"},
	{semconv.VoiceProviderRequestIDsKey, "request"},
	{semconv.VoiceCorrelationExternalIDKey, "correlation"},
	{semconv.VoiceRequestIDKey, "request"},
	{semconv.VoiceLineCallIDKey, "call"},
	{semconv.VoiceLineStreamIDKey, "call"},
	{semconv.GenAIConversationIDKey, "session"},
	{semconv.SessionPreviousIDKey, "session"},
	{semconv.VoiceRoomIDKey, "room"},
	{semconv.GenAIToolCallIDKey, "tool"},
}

// recent are the IDs that a session had last, by their place in searched. Most signals repeat them.
type recent [len(searched)]string

// indexIDs records the IDs by which the session is found.
func (w *writer) indexIDs(ctx context.Context, s *session, attrs signal.Attributes) error {
	for i, search := range searched {
		for _, id := range attrs.Texts(search.key) {
			id = kept(id)
			if id == "" || s.recent[i] == id {
				continue
			}
			if _, err := w.insertID.ExecContext(ctx, id, s.n, search.kind); err != nil {
				return err
			}
			s.recent[i] = id
		}
	}
	return nil
}

// numberOf returns the ID of a span as the database has it: NULL if it is not valid.
func numberOf(id trace.SpanID) any {
	if !id.IsValid() {
		return nil
	}
	return asNumber(id)
}

func asNumber(id trace.SpanID) int64 {
	return int64(binary.BigEndian.Uint64(id[:])) // #nosec G115 -- the same 64 bits.
}

// A Found is a session that an ID leads to.
type Found struct {
	Session string
	// Kind says what the ID is: "session", "trace", "correlation", "turn", "request", "call", "room", "tool" or "span".
	Kind string
}

// The bounds of a search.
const (
	maxFound = 100 // Sessions, the newest.
	minPart  = 4   // Characters of a part of an ID.
)

// Find returns the sessions that have an ID, the newest first: at most 100. Upper and lower case are the same. If no
// session has it, those are returned that have an ID which begins with it, or else which has it anywhere, if it has
// four characters at least. The IDs of spans are found whole or by how they begin.
func (s *Store) Find(ctx context.Context, id string) (found []Found, err error) {
	id = kept(id)
	ways := []func(context.Context, string) ([]Found, error){s.findWhole}
	if len(id) >= minPart {
		ways = append(ways, s.findStart, s.findPart)
	}
	for _, way := range ways {
		if found, err = way(ctx, id); err != nil || len(found) > 0 {
			return found, err
		}
	}
	return nil, nil
}

func (s *Store) findWhole(ctx context.Context, id string) ([]Found, error) {
	found, err := s.find(ctx, "ids.id = ?", id)
	if err != nil || len(found) > 0 || len(id) != hex.EncodedLen(len(trace.SpanID{})) {
		return found, err
	}
	return s.findSpans(ctx, id)
}

func (s *Store) findStart(ctx context.Context, id string) ([]Found, error) {
	found, err := s.find(ctx, "ids.id >= ? AND ids.id < ?", id, id+"\U0010ffff")
	if err != nil || len(found) > 0 {
		return found, err
	}
	return s.findSpans(ctx, id)
}

func (s *Store) findPart(ctx context.Context, id string) ([]Found, error) {
	return s.find(ctx, "instr(lower(ids.id), lower(?)) > 0", id)
}

func (s *Store) find(ctx context.Context, where string, args ...any) (found []Found, err error) {
	err = each(ctx, s.db, "SELECT sessions.id, min(ids.kind) FROM ids JOIN sessions ON sessions.n = ids.session WHERE "+
		where+" GROUP BY sessions.n ORDER BY sessions.n DESC LIMIT ?", func(scan func(...any) error) error {
		var f Found
		if err := scan(&f.Session, &f.Kind); err != nil {
			return err
		}
		found = append(found, f)
		return nil
	}, append(args, maxFound)...)
	return found, err
}

// findSpans returns the sessions of the spans whose IDs begin with hexadecimal digits.
func (s *Store) findSpans(ctx context.Context, digits string) (found []Found, err error) {
	const whole = 2 * len(trace.SpanID{})
	if len(digits) > whole {
		return nil, nil
	}
	var from, to trace.SpanID
	if fromHex(from[:], []byte(digits+strings.Repeat("0", whole-len(digits)))) != nil ||
		fromHex(to[:], []byte(digits+strings.Repeat("f", whole-len(digits)))) != nil {
		return nil, nil //nolint:nilerr // It is the ID of no span.
	}
	err = each(ctx, s.db, `SELECT DISTINCT sessions.id FROM items JOIN sessions ON sessions.n = items.session
		WHERE items.span BETWEEN ? AND ? ORDER BY sessions.n DESC LIMIT ?`, func(scan func(...any) error) error {
		f := Found{Kind: "span"}
		err := scan(&f.Session)
		found = append(found, f)
		return err
	}, asNumber(from), asNumber(to), maxFound)
	return found, err
}
