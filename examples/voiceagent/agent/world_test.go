// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/examples/voiceagent/agent"
	"github.com/voice-agents/telemetry/examples/voiceagent/caller"
	"github.com/voice-agents/telemetry/examples/voiceagent/openai"
	"github.com/voice-agents/telemetry/examples/voiceagent/pace"
	"github.com/voice-agents/telemetry/examples/voiceagent/provider"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/testdata/speech"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const speed = 20

// world is an agent with a provider and a recorder of all telemetry.
type world struct {
	agent    *agent.Agent
	url      string
	client   *http.Client // The callers'.
	provider *provider.Server
	recorder *voicetest.Recorder
	speed    pace.Speed
	hangUp   func() // Returns when the calls have ended.
}

func newWorld(t *testing.T, faults ...provider.Fault) *world {
	t.Helper()
	return worldAt(t, speed, &http.Transport{}, faults...)
}

// worldRecordedTo returns a world whose agent records its calls.
func worldRecordedTo(t *testing.T, dir string) *world {
	t.Helper()
	w := newWorld(t)
	w.agent.Recordings = dir
	return w
}

// worldAt returns a world at a speed, whose agent asks its provider over a transport.
func worldAt(t *testing.T, speed pace.Speed, network http.RoundTripper, faults ...provider.Fault) *world {
	t.Helper()
	script, err := provider.ReadScript(speech.Files())
	if err != nil {
		t.Fatal(err)
	}
	vendor, err := provider.Serve(t.Context(), &provider.Options{Seed: 1, Speed: float64(speed), Script: script, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = vendor.Close() })

	tel, recorder := voicetest.Setup(t, voicesdk.WithLogLevel(slog.LevelDebug))
	before := slog.Default()
	slog.SetDefault(tel.Logger("voiceagent"))
	t.Cleanup(func() { slog.SetDefault(before) })

	asking := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, network)}
	t.Cleanup(asking.CloseIdleConnections)
	mux := http.NewServeMux()
	concierge := &agent.Agent{
		Telemetry: tel.Telemetry,
		Provider:  &openai.Client{BaseURL: vendor.BaseURL(), Key: "any", HTTP: asking},
		Models: agent.Models{
			Transcription: otelvoice.Model{Provider: "openai", Name: "whisper-1"},
			Chat:          otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"},
			Speech:        otelvoice.Model{Provider: "openai", Name: "tts-1"},
		},
		Speed: speed,
	}
	mux.Handle("POST /call", concierge)
	server := httptest.NewServer(voicehttp.Middleware(tel.Telemetry)(mux))
	t.Cleanup(server.Close)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	return &world{
		agent: concierge, url: server.URL + "/call", client: client, provider: vendor, recorder: recorder, speed: speed,
		hangUp: func() { client.CloseIdleConnections(); server.Close() },
	}
}

// call makes a call of the n-th story.
func (w *world) call(t *testing.T, n, turns int, correlationID string) (caller.Report, error) {
	t.Helper()
	lines, err := caller.Story(speech.Files(), n, turns)
	if err != nil {
		t.Fatal(err)
	}
	c := &caller.Caller{URL: w.url, HTTP: w.client, Speed: w.speed, Lines: lines, CorrelationID: correlationID}
	return c.Call(t.Context())
}

// value returns an attribute of a span, or nil if the span does not have it.
func value(s sdktrace.ReadOnlySpan, key attribute.Key) any {
	for _, kv := range s.Attributes() {
		if kv.Key == key {
			return kv.Value.AsInterface()
		}
	}
	return nil
}
