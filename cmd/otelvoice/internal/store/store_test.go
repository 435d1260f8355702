// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/store"
	"github.com/voice-agents/telemetry/semconv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func traceID(n uint64) (id trace.TraceID) {
	binary.BigEndian.PutUint64(id[8:], n)
	return id
}

func attrs(kv ...string) signal.Attributes {
	var all []signal.Attribute
	for i := 0; i < len(kv); i += 2 {
		all = append(all, signal.Attribute{Key: kv[i], Value: kv[i+1]})
	}
	return signal.NewAttributes(all)
}

var (
	resource = &signal.Resource{Attributes: attrs("service.name", "agent")}
	scope    = &signal.Scope{Name: "otelvoice"}
	began    = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
)

func span(id uint64, name string, kv ...string) *signal.Span {
	return &signal.Span{
		TraceID: traceID(id), SpanID: trace.SpanID{1, byte(len(name))}, Name: name, Kind: "internal", Start: began, End: began.Add(time.Second),
		Attributes: attrs(kv...), Resource: resource, Scope: scope,
	}
}

func record(id uint64, body string, kv ...string) *signal.Record {
	return &signal.Record{Time: began, Severity: "INFO", Number: 9, Body: body, TraceID: traceID(id), Attributes: attrs(kv...), Resource: resource, Scope: scope}
}

func open(t *testing.T, path string, limits store.Limits) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), path, limits)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func add(t *testing.T, s *store.Store, batches ...*signal.Batch) {
	t.Helper()
	for _, b := range batches {
		if err := s.Add(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, s *store.Store, session string) (names []string) {
	t.Helper()
	b, err := s.Signals(t.Context(), session)
	if err != nil {
		t.Fatalf("%s: %v", session, err)
	}
	for _, span := range b.Spans {
		names = append(names, span.Name)
	}
	for _, r := range b.Records {
		names = append(names, r.Body)
	}
	return names
}

const session = string(semconv.SessionIDKey)

// A signal belongs to the session that it names, else to that of its trace, whichever comes first.
func TestSessionOfSignals(t *testing.T) {
	s := open(t, "", store.Limits{})
	add(
		t, s,
		&signal.Batch{Spans: []*signal.Span{span(1, "GET /call")}, Records: []*signal.Record{record(1, "answered"), record(0, "listening")}},
		&signal.Batch{Spans: []*signal.Span{span(9, "GET /health")}},
	)
	if got := names(t, s, store.OfTrace+traceID(1).String()); !slices.Equal(got, []string{"GET /call", "answered"}) {
		t.Errorf("before the session is known: %q", got)
	}
	add(
		t, s,
		&signal.Batch{Spans: []*signal.Span{span(1, "voice.session", session, "sess_1"), span(2, "voice.turn", session, "sess_1")}},
		&signal.Batch{Spans: []*signal.Span{span(2, "chat")}, Records: []*signal.Record{record(0, "by session", session, "sess_1")}},
		&signal.Batch{Spans: []*signal.Span{span(3, "voice.session", session, "sess_2")}},
	)
	if got, want := names(t, s, "sess_1"), []string{"GET /call", "voice.session", "voice.turn", "chat", "answered", "by session"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := s.Signals(t.Context(), store.OfTrace+traceID(1).String()); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("the trace still stands for a session: %v", err)
	}
	stored, err := s.Stored(t.Context())
	if err != nil || stored.Sessions != 3 || stored.Spans != 6 || stored.Records != 2 || stored.Lost[store.OutsideOfCalls] != 1 {
		t.Errorf("%+v, %v", stored, err)
	}
}

func TestSignalsAreWhole(t *testing.T) {
	s := open(t, "", store.Limits{})
	sp := span(1, "chat", session, "sess_1")
	sp.ParentID, sp.Failed, sp.Status, sp.Dropped = trace.SpanID{7}, true, "429", 2
	sp.Attributes = signal.NewAttributes(append(sp.Attributes,
		signal.Attribute{Key: "n", Value: int64(1)}, signal.Attribute{Key: "f", Value: 1.5}, signal.Attribute{Key: "b", Value: true},
		signal.Attribute{Key: "l", Value: []any{"a", int64(2)}}, signal.Attribute{Key: "hostile", Value: "<script>\x00\u202e"}))
	sp.Events = []signal.Event{{Name: "first_token", Time: began, Attributes: attrs("a", "b")}}
	sp.Links = []signal.Link{{TraceID: traceID(5), SpanID: trace.SpanID{5}}}
	r := record(1, "hello", session, "sess_1")
	add(t, s, &signal.Batch{Spans: []*signal.Span{sp}, Records: []*signal.Record{r}})
	got, err := s.Signals(t.Context(), "sess_1")
	if err != nil || !reflect.DeepEqual(got, &signal.Batch{Spans: []*signal.Span{sp}, Records: []*signal.Record{r}}) {
		t.Errorf("got %+v %+v, %v", got.Spans[0], got.Records[0], err)
	}
}

func TestFind(t *testing.T) {
	s := open(t, "", store.Limits{})
	one := span(1, "voice.turn", session, "sess_1", string(semconv.VoiceCorrelationIDKey), "order-42", string(semconv.VoiceTurnIDKey), "turn_1")
	one.Attributes = signal.NewAttributes(append(one.Attributes, signal.Attribute{Key: string(semconv.VoiceProviderRequestIDsKey), Value: []any{"req_1", "req_2"}}))
	add(t, s, &signal.Batch{Spans: []*signal.Span{one, span(2, "voice.session", session, "sess_2", string(semconv.VoiceCorrelationIDKey), "order-42")}})
	for _, tt := range []struct {
		id   string
		want []store.Found
	}{
		{"sess_1", []store.Found{{Session: "sess_1", Kind: "session"}}},
		{traceID(2).String(), []store.Found{{Session: "sess_2", Kind: "trace"}}},
		{"turn_1", []store.Found{{Session: "sess_1", Kind: "turn"}}},
		{"req_2", []store.Found{{Session: "sess_1", Kind: "request"}}},
		{"order-42", []store.Found{{Session: "sess_2", Kind: "correlation"}, {Session: "sess_1", Kind: "correlation"}}},
		{"ORDER-42", []store.Found{{Session: "sess_2", Kind: "correlation"}, {Session: "sess_1", Kind: "correlation"}}},
		{"order", []store.Found{{Session: "sess_2", Kind: "correlation"}, {Session: "sess_1", Kind: "correlation"}}},
		{"er-4", []store.Found{{Session: "sess_2", Kind: "correlation"}, {Session: "sess_1", Kind: "correlation"}}},
		{"r-4", nil}, // It is too short for a part.
		{one.SpanID.String(), []store.Found{{Session: "sess_1", Kind: "span"}}},
		{strings.ToUpper(one.SpanID.String()[:6]), []store.Found{{Session: "sess_1", Kind: "span"}}},
		{one.SpanID.String()[1:], nil},
		{traceID(2).String()[20:], []store.Found{{Session: "sess_2", Kind: "trace"}}},
		{"sess_", []store.Found{{Session: "sess_2", Kind: "session"}, {Session: "sess_1", Kind: "session"}}},
		{strings.Repeat("x", 100_000), nil},
		{"%_%_%", nil},
		{"\xff\xfe\x00garbage", nil},
		{"' OR 1=1 --", nil},
		{"", nil},
	} {
		if got, err := s.Find(t.Context(), tt.id); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %v, want %v, %v", tt.id, got, tt.want, err)
		}
	}
}

// A file keeps what was added, and what belongs together goes on to do so.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls of today?.db")
	s, err := store.Open(t.Context(), path, store.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Add(t.Context(), &signal.Batch{Spans: []*signal.Span{span(1, "voice.session", session, "sess_1")}}); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), path, store.Limits{}); !errors.Is(err, store.ErrInUse) {
		t.Errorf("opened twice: %v", err)
	}
	for range 2 {
		if err := s.Close(); err != nil { // What was added is written.
			t.Fatal(err)
		}
	}
	if err := s.Add(t.Context(), new(signal.Batch)); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Add after Close: %v", err)
	}
	s = open(t, path, store.Limits{})
	if stale, err := s.Stale(t.Context()); err != nil || !slices.Equal(stale, []string{"sess_1"}) {
		t.Errorf("to be computed: %q, %v", stale, err)
	}
	if err := s.SetCall(t.Context(), "sess_1", &store.Call{Items: 1, Row: []byte("{}")}); err != nil {
		t.Error(err)
	}
	if stale, err := s.Stale(t.Context()); err != nil || stale != nil {
		t.Errorf("to be computed again: %q, %v", stale, err)
	}
	add(t, s, &signal.Batch{Spans: []*signal.Span{span(1, "chat")}})
	if got := names(t, s, "sess_1"); !slices.Equal(got, []string{"voice.session", "chat"}) {
		t.Errorf("got %q", got)
	}
}

func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("these are not the calls that you look for"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, path, want string }{
		{"a text", text, "not a database"},
		{"a directory", dir, "director"},
		{"in no directory", filepath.Join(dir, "none", "x.db"), "unable to open"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := store.Open(t.Context(), tt.path, store.Limits{})
			if err == nil {
				_ = s.Close()
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.path) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if got, err := os.ReadFile(text); err != nil || string(got) != "these are not the calls that you look for" { // #nosec G304 -- of the test.
		t.Errorf("the text is now %q, %v", got, err)
	}
}

func TestLimits(t *testing.T) {
	for _, tt := range []struct {
		name   string
		limits store.Limits
		why    store.Loss
	}{
		{"of sessions", store.Limits{Sessions: 20}, store.LostSessions},
		{"of bytes", store.Limits{Bytes: 20 << 10}, store.LostBytes},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, "", tt.limits)
			for i := range 100 {
				add(t, s, &signal.Batch{Spans: []*signal.Span{span(uint64(i+1), strings.Repeat("x", 1000), session, fmt.Sprintf("sess_%d", i))}})
			}
			stored, err := s.Stored(t.Context())
			if err != nil || stored.Lost[tt.why] == 0 || stored.Lost[tt.why]+stored.Sessions != 100 || stored.Sessions > 20 || stored.Spans != stored.Sessions {
				t.Errorf("%+v, %v", stored, err)
			}
			if _, err := s.Signals(t.Context(), "sess_0"); !errors.Is(err, store.ErrUnknown) {
				t.Errorf("the oldest call is there: %v", err)
			}
			if got := names(t, s, "sess_99"); len(got) != 1 {
				t.Errorf("the newest call has %d spans", len(got))
			}
			if found, err := s.Find(t.Context(), traceID(1).String()); err != nil || found != nil {
				t.Errorf("found %v, %v", found, err)
			}
		})
	}
	t.Run("of a call", func(t *testing.T) {
		s := open(t, "", store.Limits{Items: 10})
		for range 30 {
			add(t, s, &signal.Batch{Spans: []*signal.Span{span(1, "chat", session, "sess_1")}})
		}
		if stored, err := s.Stored(t.Context()); err != nil || stored.Spans != 10 || stored.Lost[store.LostLong] != 20 {
			t.Errorf("%+v, %v", stored, err)
		}
	})
}

func TestCalls(t *testing.T) {
	s := open(t, "", store.Limits{})
	cost := 0.5
	for i, c := range []store.Call{
		{Agent: "a", Version: "1", Outcome: "booked", Text: "a table for four", Row: []byte("0"), Turns: []store.Turn{{Index: 1, Row: []byte("0.1")}, {Index: 2, Start: began.Add(time.Hour), Row: []byte("0.2")}}},
		{Agent: "a", Version: "2", Channel: "phone", Slow: 1, Interrupted: 2, Row: []byte("1"), Turns: []store.Turn{{Index: 1, Row: []byte("1.1")}}},
		{Agent: "b", Errors: 1, Cost: &cost, IsOpen: true, Row: []byte("2")},
	} {
		id := fmt.Sprintf("sess_%d", i)
		add(t, s, &signal.Batch{Spans: []*signal.Span{span(uint64(i+1), "voice.session", session, id)}})
		c.Start = began.Add(time.Duration(i) * time.Minute)
		for range 2 { // It is replaced.
			if err := s.SetCall(t.Context(), id, &c); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tt := range []struct {
		name   string
		filter store.Filter
		want   string
	}{
		{"all", store.Filter{}, "2 1 0"},
		{"agent", store.Filter{Agent: "a"}, "1 0"},
		{"version", store.Filter{Agent: "a", Version: "1"}, "0"},
		{"channel", store.Filter{Channel: "phone"}, "1"},
		{"outcome", store.Filter{Outcome: "booked"}, "0"},
		{"slow", store.Filter{Slow: true}, "1"},
		{"interrupted", store.Filter{Interrupted: true}, "1"},
		{"errors", store.Filter{Errors: true}, "2"},
		{"cost", store.Filter{Costly: true}, "2"},
		{"text", store.Filter{Text: "TABLE"}, "0"},
		{"hostile text", store.Filter{Text: "' OR 1=1 --"}, ""},
		{"since", store.Filter{Since: began.Add(time.Minute)}, "2 1"},
		{"until", store.Filter{Until: began.Add(time.Minute)}, "0"},
		{"sessions", store.Filter{Sessions: []string{"sess_1", "sess_9"}}, "1"},
		{"no sessions", store.Filter{Sessions: []string{}}, ""},
	} {
		rows, total, err := s.Calls(t.Context(), &tt.filter, 0, 10)
		var got []string
		for _, row := range rows {
			got = append(got, string(row))
		}
		if strings.Join(got, " ") != tt.want || total != len(rows) || err != nil {
			t.Errorf("%s: got %q of %d, want %q, %v", tt.name, got, total, tt.want, err)
		}
	}
	if rows, total, err := s.Calls(t.Context(), &store.Filter{}, 1, 1); err != nil || total != 3 || len(rows) != 1 || string(rows[0]) != "1" {
		t.Errorf("the second page is %q of %d, %v", rows, total, err)
	}
	if rows, err := s.Turns(t.Context(), &store.Filter{Agent: "a"}, 2); err != nil || len(rows) != 2 || string(rows[0]) != "0.2" {
		t.Errorf("turns %q, %v", rows, err)
	}
	facets, err := s.Facets(t.Context(), "")
	if want := map[string][]string{"agent": {"a", "b"}, "version": {"1", "2"}, "channel": {"phone"}, "outcome": {"booked"}}; err != nil || !reflect.DeepEqual(facets, want) {
		t.Errorf("facets %v, %v", facets, err)
	}
	if err := s.SetCall(t.Context(), "sess_9", new(store.Call)); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("an unknown call: %v", err)
	}
}

// Versions are in the order of their numbers, and those of one agent alone if it is named.
func TestVersions(t *testing.T) {
	s := open(t, "", store.Limits{})
	for i := range 130 {
		id, agent := fmt.Sprintf("sess_%d", i), "a"
		if i%2 == 1 {
			agent = "b"
		}
		add(t, s, &signal.Batch{Spans: []*signal.Span{span(uint64(i+1), "voice.session", session, id)}})
		if err := s.SetCall(t.Context(), id, &store.Call{Agent: agent, Version: fmt.Sprintf("1.%d", i), Row: []byte("0")}); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.Facets(t.Context(), "")
	if v := all["version"]; err != nil || len(v) != 100 || v[0] != "1.30" || v[99] != "1.129" {
		t.Errorf("%v, %v", v, err)
	}
	of, err := s.Facets(t.Context(), "b")
	if v := of["version"]; err != nil || len(v) != 65 || v[0] != "1.1" || v[64] != "1.129" || len(of["agent"]) != 2 {
		t.Errorf("%v, %v", v, err)
	}
}

func TestWatch(t *testing.T) {
	s := open(t, "", store.Limits{})
	w := s.Watch()
	add(t, s, &signal.Batch{Spans: []*signal.Span{span(1, "voice.session", session, "sess_1"), span(2, "voice.session", session, "sess_2")}})
	<-w.Changed
	if got := w.Take(); !slices.Equal(got, []string{"sess_1", "sess_2"}) {
		t.Errorf("changed: %q", got)
	}
	w.Stop()
	closing := s.Watch()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, ok := <-closing.Changed; ok {
		t.Error("a watcher is not closed with the store")
	}
	if _, ok := <-s.Watch().Changed; ok {
		t.Error("a watcher after Close is not closed")
	}
}

func BenchmarkAdd(b *testing.B) {
	s, err := store.Open(b.Context(), "", store.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	n := 0
	for b.Loop() {
		batch := new(signal.Batch)
		for range 100 {
			id := uint64(n%1000 + 1)
			batch.Spans = append(batch.Spans, span(id, "chat gpt-4o-mini", session, fmt.Sprintf("sess_%d", id), "gen_ai.request.model", "gpt-4o-mini"))
			batch.Records = append(batch.Records, record(id, "llm completed", session, fmt.Sprintf("sess_%d", id)))
			n++
		}
		if err := s.Add(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(2*n), "µs/signal")
}
