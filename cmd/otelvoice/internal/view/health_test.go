// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package view_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/api"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/store"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/testing/viewer"
	"github.com/voice-agents/telemetry/otelvoice"
)

// post sends traces in JSON.
func post(t *testing.T, address, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/v1/traces", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if _ = res.Body.Close(); res.StatusCode != http.StatusOK {
		t.Fatalf("status %d", res.StatusCode)
	}
}

// oneSpan is a request with a span of a session. attributes are those beside the session's ID.
func oneSpan(n int, session, name, attributes string) string {
	return fmt.Sprintf(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"%032x","spanId":"%016x","name":%q,"kind":1,`+
		`"startTimeUnixNano":"1770000000000000000","endTimeUnixNano":"1770000001000000000",`+
		`"attributes":[{"key":"session.id","value":{"stringValue":%q}}%s]}]}]}]}`, n, n, name, session, attributes)
}

// What does not follow the conventions is counted, with a call that has it.
func TestFaults(t *testing.T) {
	a := start(t, anywhere())
	unknown := `,{"key":"voice.foo","value":{"stringValue":"x"}}`
	post(t, a.OTLPHTTP, oneSpan(1, "call-1", "chat x", unknown+`,{"key":"voice.stage.outcome","value":{"intValue":"7"}}`))
	post(t, a.OTLPHTTP, oneSpan(2, "call-2", "chat x", unknown))
	post(t, a.OTLPHTTP, oneSpan(3, "call-2", "chat x", unknown))
	post(t, a.OTLPHTTP, oneSpan(4, "call-3", "chat x", `,{"key":"http.request.method","value":{"stringValue":"GET"}}`)) // Follows them.
	want := []store.Fault{
		{Rule: "unknown name", What: "voice.foo", Count: 3, Calls: 2, Call: "call-2"},
		{Rule: "wrong type", What: "voice.stage.outcome is not string", Count: 1, Calls: 1, Call: "call-1"},
	}
	var health api.Health
	viewer.Eventually(t, a.Pages, "the faults are counted", func() bool {
		get(t, a.Pages, "/api/health", &health)
		return slices.ContainsFunc(health.Faults, func(f store.Fault) bool { return f == want[0] }) &&
			slices.ContainsFunc(health.Faults, func(f store.Fault) bool { return f == want[1] })
	})
	for _, f := range health.Faults {
		if f.Call == "call-3" {
			t.Errorf("%+v", f)
		}
	}
	var shown api.Shown
	get(t, a.Pages, "/api/calls/call-2", &shown)
	if f := shown.Document.Faults; !slices.ContainsFunc(f, func(f call.Fault) bool {
		return f.Rule == "unknown name" && f.What == "voice.foo" && f.Count == 2 && strings.HasPrefix(f.First, "chat x ")
	}) {
		t.Errorf("%+v", f)
	}
}

// Many kinds of faults, as hostile input has, are bounded.
func TestManyFaults(t *testing.T) {
	a := start(t, anywhere())
	for n := range 10 {
		var attributes strings.Builder
		for i := range 100 {
			fmt.Fprintf(&attributes, `,{"key":"voice.x%d","value":{"stringValue":"<script>"}}`, n*100+i)
		}
		post(t, a.OTLPHTTP, oneSpan(n+1, fmt.Sprintf("call-%d", n), "chat x", attributes.String()))
	}
	var health api.Health
	viewer.Eventually(t, a.Pages, "all calls are computed", func() bool {
		var list api.List
		get(t, a.Pages, "/api/calls", &list)
		get(t, a.Pages, "/api/health", &health)
		return list.Total == 10 && len(health.Faults) == 200
	})
	var shown api.Shown
	get(t, a.Pages, "/api/calls/call-1", &shown)
	if len(shown.Document.Faults) != 50 {
		t.Errorf("a call has %d faults", len(shown.Document.Faults))
	}
}

// A call that the toolkit sent has no faults.
func TestNoFaults(t *testing.T) {
	a := start(t, anywhere())
	sdk := agent(t, "http://"+a.OTLPHTTP, "http/protobuf")
	ctx, session := sdk.StartSession(t.Context(), otelvoice.WithAgent("concierge", "1.4.0"))
	exchange(ctx, session)
	session.End()
	if err := sdk.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	var health api.Health
	viewer.Eventually(t, a.Pages, "the call is computed", func() bool {
		var list api.List
		get(t, a.Pages, "/api/calls?outcome=booked", &list)
		return list.Total == 1
	})
	get(t, a.Pages, "/api/health", &health)
	if len(health.Faults) > 0 {
		t.Errorf("%+v", health.Faults)
	}
	var shown api.Shown
	get(t, a.Pages, "/api/calls/"+session.ID(), &shown)
	if len(shown.Document.Faults)+len(shown.Document.Problems)+len(shown.Document.Missing) != 0 {
		t.Errorf("%v %v %v", shown.Document.Faults, shown.Document.Problems, shown.Document.Missing)
	}
}

// The call of another framework says what the framework does not send.
func TestMissingFacts(t *testing.T) {
	for file, framework := range map[string]string{"livekit-normal": "LiveKit Agents", "pipecat": "Pipecat"} {
		t.Run(file, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("..", "peer", "testdata", file+".json"))
			if err != nil {
				t.Fatal(err)
			}
			a := start(t, anywhere())
			post(t, a.OTLPHTTP, string(text))
			var list struct{ Calls []struct{ ID string } }
			viewer.Eventually(t, a.Pages, "the call is listed", func() bool {
				get(t, a.Pages, "/api/calls", &list)
				return len(list.Calls) == 1
			})
			var shown struct{ Document call.Call }
			get(t, a.Pages, "/api/calls/"+list.Calls[0].ID, &shown)
			if c := shown.Document; c.Framework != framework || !slices.Contains(c.Missing, "cost") || c.Turns[0].Transcript == "" && c.Turns[0].Reply == "" {
				t.Errorf("%q lacks %v", c.Framework, c.Missing)
			}
		})
	}
}
