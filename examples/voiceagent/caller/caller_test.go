// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package caller_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/examples/voiceagent/caller"
	"github.com/voice-agents/telemetry/examples/voiceagent/wire"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/testdata/speech"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStory(t *testing.T) {
	for _, test := range []struct {
		name     string
		n, turns int
		want     []string
	}{
		{"one turn", 1, 1, []string{"book_table.wav"}},
		{"the first changes their mind", 1, 4, []string{"book_table.wav", "make_it_eight.wav!", "name_morgan.wav", "goodbye.wav"}},
		{"the second does not", 2, 4, []string{"opening_hours.wav", "book_table.wav", "name_morgan.wav", "goodbye.wav"}},
		{"long", 4, 7, []string{
			"opening_hours.wav", "book_table.wav", "name_morgan.wav", "nut_allergy.wav", "hotel_parking.wav", "opening_hours.wav", "goodbye.wav",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			lines, err := caller.Story(speech.Files(), test.n, test.turns)
			if err != nil {
				t.Fatal(err)
			}
			if len(lines) != len(test.want) {
				t.Fatalf("%d lines, want %d", len(lines), len(test.want))
			}
			for i, line := range lines {
				got := line.Name
				if line.BargeIn {
					got += "!"
				}
				if got != test.want[i] || len(line.Samples) == 0 {
					t.Errorf("line %d is %s with %d bytes, want %s", i, got, len(line.Samples), test.want[i])
				}
			}
		})
	}
}

// Each mistake of an agent ends the call with an error.
func TestFailingCalls(t *testing.T) {
	const mine = "550e8400-e29b-41d4-a716-446655440000"
	reply := func(w io.Writer, kinds ...wire.Kind) {
		for _, kind := range kinds {
			var payload []byte
			if kind == wire.Audio {
				payload = make([]byte, 4800)
			}
			_ = wire.Write(w, kind, payload)
		}
	}
	for _, test := range []struct {
		name  string
		id    string // The correlation ID that the agent answers with.
		agent func(w http.ResponseWriter)
		want  error
	}{
		{"another correlation ID", "another", func(http.ResponseWriter) {}, caller.ErrCorrelation},
		{"no correlation ID", "", func(http.ResponseWriter) {}, caller.ErrCorrelation},
		{"hangs up at once", mine, func(http.ResponseWriter) {}, caller.ErrHungUp},
		{"hangs up after the greeting", mine, func(w http.ResponseWriter) { reply(w, wire.Audio, wire.Done) }, caller.ErrHungUp},
		{"says nothing", mine, func(w http.ResponseWriter) { reply(w, wire.Done) }, caller.ErrSilence},
		{"cannot reply", mine, func(w http.ResponseWriter) { reply(w, wire.Audio, wire.Failed) }, caller.ErrReply},
		{"breaks off", mine, func(w http.ResponseWriter) { _, _ = w.Write([]byte{32, 0}) }, io.ErrUnexpectedEOF},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
					t.Error(err)
				}
				if test.id != "" {
					w.Header().Set(otelvoice.CorrelationHeader, test.id)
				}
				test.agent(w)
			}))
			defer server.Close()
			if _, err := call(t, t.Context(), server.URL, mine); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestCallToUnreachableAgent(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	if _, err := call(t, t.Context(), server.URL, ""); !errors.Is(err, caller.ErrNoAnswer) {
		t.Errorf("a call to a server that reads the whole request first ended with %v, want %v", err, caller.ErrNoAnswer)
	}
	server.Close()
	if _, err := call(t, t.Context(), server.URL, ""); err == nil {
		t.Error("a call to a closed port returned no error")
	}
}

func TestCallIsCutShortByItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		_ = control.EnableFullDuplex()
		w.Header().Set(otelvoice.CorrelationHeader, "any")
		_ = wire.Write(w, wire.Audio, make([]byte, 4800))
		_ = control.Flush()
		cancel() // While the caller listens.
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	defer server.Close()
	if _, err := call(t, ctx, server.URL, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

//nolint:revive // The test comes first, as everywhere.
func call(t *testing.T, ctx context.Context, url, correlationID string) (caller.Report, error) {
	t.Helper()
	lines, err := caller.Story(speech.Files(), 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	c := &caller.Caller{URL: url, HTTP: client, Speed: 1000, Lines: lines, CorrelationID: correlationID, Ring: time.Second}
	return c.Call(ctx)
}
