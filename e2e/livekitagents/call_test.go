// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package livekitagents_test runs a worker of LiveKit Agents for Node, from npm, in a room of a real LiveKit server, and
// looks at its call in the viewer.
package livekitagents_test

import (
	"bytes"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/otellivekit/examples/concierge/caller"
	"github.com/voice-agents/telemetry/testdata/speech"
)

// document is the part of a call's document that the test reads.
type document struct {
	Turns []struct {
		Initiator string
		Outcome   string
		Latency   float64 `json:"response_latency"`
		Segments  []struct {
			Name     string
			Duration float64
		}
		Stages []struct {
			Kind  string
			Model string
		}
	}
}

type list struct {
	Calls []struct {
		ID        string
		IsOpen    bool `json:"is_open"`
		Turns     int
		Latencies []float64
	}
}

// A call of two turns with the real framework, or, where npm cannot install it, the spans that it sent in such a call.
func TestCallOfLiveKitAgents(t *testing.T) {
	v := backend.NewViewer(t)
	if dir, err := install(t); err == nil {
		converse(t, v, dir)
	} else {
		t.Logf("not run: the framework could not be installed: %v; its recorded spans are used", err)
		replay(t, v)
	}
	var calls list
	eventually(t, "the call is listed", time.Minute, func() bool {
		var err error
		calls, err = backend.ViewerJSON[list](t.Context(), v, "/api/calls")
		return err == nil && len(calls.Calls) == 1 && !calls.Calls[0].IsOpen && len(calls.Calls[0].Latencies) >= 2
	})
	shown, err := backend.ViewerJSON[struct{ Document document }](t.Context(), v, "/api/calls/"+calls.Calls[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	check(t, &shown.Document)
}

// check checks that the answered turns have a latency, whose segments sum to it if all are known, and their stages.
func check(t *testing.T, c *document) {
	t.Helper()
	answered := 0
	for i, turn := range c.Turns {
		if turn.Latency == 0 {
			continue // An utterance that had a pause may be two turns.
		}
		answered++
		if turn.Initiator != "user" || turn.Outcome != "completed" || turn.Latency < 0.1 || turn.Latency > 20 {
			t.Errorf("turn %d: %+v", i+1, turn)
		}
		sum := 0.0
		for _, s := range turn.Segments {
			sum += s.Duration
		}
		if len(turn.Segments) == 0 || sum > turn.Latency+0.02 || len(turn.Segments) == 7 && sum < turn.Latency-0.02 {
			t.Errorf("turn %d: the segments %v sum to %.3f s, and the response latency is %.3f s", i+1, turn.Segments, sum, turn.Latency)
		}
		models := make(map[string]string)
		for _, s := range turn.Stages {
			models[s.Kind] = s.Model
		}
		if models["llm"] != "gpt-4o" || models["tts"] != "tts-1" {
			t.Errorf("turn %d has the stages %v", i+1, turn.Stages)
		}
		t.Logf("turn %d: %.3f s: %v", i+1, turn.Latency, turn.Segments)
	}
	if answered < 2 {
		t.Errorf("%d turns were answered, want 2: %+v", answered, c.Turns)
	}
}

// converse makes the call.
func converse(t *testing.T, v *backend.Viewer, dir string) {
	t.Helper()
	server := backend.NewLiveKit(t, "").URL
	startAgent(t, dir, server, v.OTLP, newProvider(t))
	token, err := auth.NewAccessToken(backend.LiveKitKey, backend.LiveKitSecret).SetIdentity("caller").SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: "call-1"}).ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	c, err := caller.Join(speech.Files(), server, token)
	if err != nil {
		t.Fatal(err)
	}
	defer c.HangUp()
	eventually(t, "the agent's voice is there", 90*time.Second, func() bool { return c.Subscribed() > 0 })
	for i, file := range []string{"opening_hours.ogg", "yes_please.ogg"} {
		if err := c.Say(t.Context(), file); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the viewer shows the answer, while the call goes on", 90*time.Second, func() bool {
			calls, err := backend.ViewerJSON[list](t.Context(), v, "/api/calls")
			return err == nil && len(calls.Calls) == 1 && len(calls.Calls[0].Latencies) > i
		})
	}
}

// replay sends spans that the framework sent in a call of two turns.
func replay(t *testing.T, v *backend.Viewer) {
	t.Helper()
	text, err := os.ReadFile(backend.File(t, "cmd", "otelvoice", "internal", "peer", "testdata", "livekit-normal.json"))
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.OTLP+"/v1/traces", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res.Status, err)
	}
}

// eventually waits longer than backend.Eventually: the framework starts slowly, and people speak slowly.
func eventually(t *testing.T, what string, limit time.Duration, met func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(limit); !met(); {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("condition not met within %v: %s", limit, what)
		}
	}
}
