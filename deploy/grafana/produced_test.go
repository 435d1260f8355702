// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/voice-agents/telemetry/examples/voiceagent/agent"
	"github.com/voice-agents/telemetry/examples/voiceagent/caller"
	"github.com/voice-agents/telemetry/examples/voiceagent/openai"
	"github.com/voice-agents/telemetry/examples/voiceagent/provider"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/pricing"
	"github.com/voice-agents/telemetry/testdata/speech"
)

// onlyAfterFaults returns the series that a run without faults does not have, and the
// fault after which each appears.
func onlyAfterFaults() map[string]string {
	return map[string]string{
		"voice_logs_dropped_total":              "a log output fails or does not accept lines",
		"voice_measurements_dropped_total":      "a measurement is invalid, such as a negative duration",
		"voice_metrics_callback_failures_total": "a metric callback fails, panics or hangs",
		"voice_scrape_dropped_total":            "Prometheus would refuse a metric, such as one of two with the same name",
		"voice_spool_age_seconds":               "the collector is down while a request waits",
		"voice_spool_dropped_total":             "the collector is down until the spool is full",
		"voice_telemetry_panics_total":          "a span processor, sampler, log output or turn observer panics",
		"voice_stage_resend_count_total":        "a provider's SDK sends a request again after an error",
	}
}

// ofTheCollector returns the series of the OpenTelemetry Collector's own telemetry, and
// the component that records each. They are documented with the Collector as "internal
// telemetry"; the end-to-end tests query a real Collector's.
func ofTheCollector() map[string]string {
	return map[string]string{
		"otelcol_exporter_enqueue_failed_log_records_total":   "exporterhelper",
		"otelcol_exporter_enqueue_failed_metric_points_total": "exporterhelper",
		"otelcol_exporter_enqueue_failed_spans_total":         "exporterhelper",
		"otelcol_exporter_queue_capacity":                     "exporterhelper",
		"otelcol_exporter_queue_size":                         "exporterhelper",
		"otelcol_exporter_send_failed_log_records_total":      "exporterhelper",
		"otelcol_exporter_send_failed_metric_points_total":    "exporterhelper",
		"otelcol_exporter_send_failed_spans_total":            "exporterhelper",
		"otelcol_receiver_accepted_log_records_total":         "receiverhelper",
		"otelcol_receiver_accepted_metric_points_total":       "receiverhelper",
		"otelcol_receiver_accepted_spans_total":               "receiverhelper",
		"otelcol_receiver_refused_log_records_total":          "receiverhelper",
		"otelcol_receiver_refused_metric_points_total":        "receiverhelper",
		"otelcol_receiver_refused_spans_total":                "receiverhelper",
	}
}

// Every series that a dashboard or a rule names is in a scrape of an agent that took a
// call, or is listed above with the reason why it is not.
func TestQueriedSeriesAreProduced(t *testing.T) {
	scraped := scrapeOfACall(t)
	mistakes := unproduced(queriedSeries(t), scraped, onlyAfterFaults(), ofTheCollector())
	for _, mistake := range mistakes {
		t.Error(mistake)
	}
	if len(mistakes) > 0 {
		t.Logf("the run produced %q", slices.Sorted(maps.Keys(scraped)))
	}
}

// unproduced compares queried series, each with the place of a query, with those of a run
// and with the two lists.
func unproduced(queried map[string]string, scraped map[string]bool, faults, collector map[string]string) (mistakes []string) {
	report := func(format string, args ...any) { mistakes = append(mistakes, fmt.Sprintf(format, args...)) }
	for _, name := range slices.Sorted(maps.Keys(queried)) {
		switch fault := faults[name]; {
		case collector[name] != "":
		case scraped[name] && fault != "":
			report("%s is listed as produced only after a fault (%s), but a run without it produces it", name, fault)
		case !scraped[name] && fault == "":
			report("%s: a run does not produce the series %s", queried[name], name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(merged(faults, collector))) {
		if queried[name] == "" {
			report("%s is listed, but no dashboard or rule names it", name)
		}
	}
	return mistakes
}

func TestUnproduced(t *testing.T) {
	t.Parallel()
	place := map[string]string{"a": "rules.yml: A"}
	reason := map[string]string{"a": "a fault"}
	for name, tt := range map[string]struct {
		queried           map[string]string
		scraped           map[string]bool
		faults, collector map[string]string
		want              []string
	}{
		"a series of the run":                 {queried: place, scraped: map[string]bool{"a": true}},
		"a series that nothing produces":      {queried: place, want: []string{"rules.yml: A: a run does not produce the series a"}},
		"a series after a fault":              {queried: place, faults: reason},
		"a series of the Collector":           {queried: place, collector: reason},
		"a listed fault that is not needed":   {queried: place, scraped: map[string]bool{"a": true}, faults: reason, want: []string{"a is listed as produced only after a fault (a fault), but a run without it produces it"}},
		"a listed fault that is not queried":  {faults: reason, want: []string{"a is listed, but no dashboard or rule names it"}},
		"a listed series that is not queried": {collector: reason, want: []string{"a is listed, but no dashboard or rule names it"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := unproduced(tt.queried, tt.scraped, tt.faults, tt.collector); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func merged(a, b map[string]string) map[string]string {
	all := make(map[string]string)
	maps.Copy(all, a)
	maps.Copy(all, b)
	return all
}

// queriedSeries returns the series that dashboards and rules select, each with one of
// the places. Series that rules record are left out.
func queriedSeries(t *testing.T) map[string]string {
	t.Helper()
	rules, recorded := inRules(t)
	names := make(map[string]string)
	for _, q := range slices.Concat(inDashboards(t), inDataSources(t), rules) {
		expr, err := parser.NewParser(parser.Options{}).ParseExpr(q.expr)
		if err != nil {
			t.Fatalf("%s: %v", q.where, err)
		}
		parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
			if s, ok := node.(*parser.VectorSelector); ok && !recorded[s.Name] {
				names[s.Name] = q.where
			}
			return nil
		})
	}
	return names
}

// scrapeOfACall runs the example's agent with a Prometheus endpoint and a receiver for
// its spans and log records, makes a call, and returns the names of the scraped series.
func scrapeOfACall(t *testing.T) map[string]bool {
	t.Helper()
	collector := otlptest.NewReceiver(t)
	prices, err := pricing.New(pricing.Price{Provider: "openai", Model: "tts-1", Unit: pricing.Character, Price: "15", Per: 1_000_000, Currency: "USD"})
	if err != nil {
		t.Fatal(err)
	}
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithServiceName("agent"), voicesdk.WithPrometheus(),
		voicesdk.WithInstrumentation(otelvoice.WithPrices(prices)), voicesdk.WithLogWriter(io.Discard), voicesdk.WithLookupEnv(func(name string) (string, bool) {
			if name == "OTEL_EXPORTER_OTLP_ENDPOINT" {
				return collector.HTTPEndpoint(), true
			}
			return "", false
		}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tel.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	call(t, tel.Telemetry)
	stream(t, tel.Telemetry)
	telephone(t, tel.Telemetry)
	talk(t, tel.Telemetry)
	if err := tel.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}

	w := httptest.NewRecorder()
	tel.MetricsHandler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	if w.Code != http.StatusOK {
		t.Fatalf("the scrape got status %d: %s", w.Code, w.Body)
	}
	names := make(map[string]bool)
	for line := range strings.Lines(w.Body.String()) {
		if name := strings.FieldsFunc(line, func(r rune) bool { return r == '{' || r == ' ' })[0]; name != "#" {
			names[name] = true
		}
	}
	return names
}

// call has a caller speak with the example's agent. One synthesis fails, and the caller
// interrupts one answer.
func call(t *testing.T, tel *otelvoice.Telemetry) {
	t.Helper()
	const speed = 20
	script, err := provider.ReadScript(speech.Files())
	if err != nil {
		t.Fatal(err)
	}
	vendor, err := provider.Serve(t.Context(), &provider.Options{
		Seed: 1, Speed: speed, Script: script,
		Faults: []provider.Fault{{Path: provider.PathSpeech, Text: "tomorrow at eight"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = vendor.Close() })
	client := &http.Client{Transport: voicehttp.Transport(tel, nil)}
	t.Cleanup(client.CloseIdleConnections)
	service := httptest.NewServer(voicehttp.Middleware(tel)(&agent.Agent{
		Telemetry: tel,
		Provider:  &openai.Client{BaseURL: vendor.BaseURL(), Key: "any", HTTP: client},
		Models: agent.Models{
			Transcription: otelvoice.Model{Provider: "openai", Name: "whisper-1"},
			Chat:          otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"},
			Speech:        otelvoice.Model{Provider: "openai", Name: "tts-1"},
		},
		Speed: speed,
	}))
	t.Cleanup(service.Close)
	lines, err := caller.Story(speech.Files(), 1, 4)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&caller.Caller{URL: service.URL, HTTP: service.Client(), Speed: speed, Lines: lines}).Call(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// stream records what the example does not have: a streaming recogniser that loses its
// connection and some frames, and an operation that fails.
func stream(t *testing.T, tel *otelvoice.Telemetry) {
	t.Helper()
	ctx, session := tel.StartSession(t.Context())
	_, s := session.StartSTTStream(ctx, otelvoice.Model{Provider: "deepgram", Name: "nova-3"})
	s.Connected()
	s.Reconnecting(io.ErrUnexpectedEOF)
	s.Dropped(3)
	s.Reconnected()
	s.End(nil)
	_, op := tel.StartOperation(ctx, "load_profile")
	op.End(errors.New("no such profile"))
	session.End()
}

// telephone records what happens in telephone calls, what an application says of a call, and a turn that does not
// say when the user stopped speaking.
func telephone(t *testing.T, tel *otelvoice.Telemetry) {
	t.Helper()
	ctx, session := tel.StartSession(t.Context())
	_, turn := session.StartTurn(ctx)
	turn.Mark(otelvoice.UserStarted)
	turn.End()
	session.SetAnsweredBy(otelvoice.AnsweredByHuman, nil)
	session.IdlePrompt()
	session.Digits("1")
	session.Hold().End()
	session.Transfer(otelvoice.TransferToQueue, "").End(otelvoice.TransferConnected)
	session.Evaluate("relevance", otelvoice.Evaluation{Label: "pass"})
	session.SetOutcome("booked")
	session.End()
}

// talk records a conversation in the past minute: an interruption, dead air, an agent that
// talks over the user, and a false interruption; and another with a voice that has no beginning.
func talk(t *testing.T, tel *otelvoice.Telemetry) {
	t.Helper()
	start := time.Now().Add(-time.Minute)
	ctx, session := tel.StartSession(t.Context(), otelvoice.WithStartTime(start))
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
	speak := func(turn *otelvoice.Turn, started, stopped otelvoice.Mark, from, to int) {
		turn.MarkAt(started, at(from))
		turn.MarkAt(stopped, at(to))
	}
	_, first := session.StartTurn(ctx, otelvoice.WithStartTime(at(1)))
	speak(first, otelvoice.UserStarted, otelvoice.UserStopped, 1, 3)
	speak(first, otelvoice.AgentStarted, otelvoice.AgentStopped, 4, 8)
	_, second := session.StartTurn(ctx, otelvoice.WithStartTime(at(7)))
	speak(second, otelvoice.UserStarted, otelvoice.UserStopped, 7, 15)
	first.Interrupt(otelvoice.AudioActivity, otelvoice.InterruptedAt(at(7)))
	first.End()
	_, third := session.StartTurn(ctx, otelvoice.AgentInitiated(), otelvoice.WithStartTime(at(14)))
	speak(third, otelvoice.AgentStarted, otelvoice.AgentStopped, 14, 16)
	third.FalseInterruption()
	third.End()
	speak(second, otelvoice.AgentStarted, otelvoice.AgentStopped, 25, 30)
	second.End()
	session.End()

	ctx, other := tel.StartSession(t.Context(), otelvoice.WithStartTime(start))
	_, unknown := other.StartTurn(ctx, otelvoice.WithStartTime(start))
	unknown.MarkAt(otelvoice.UserStopped, at(3)) // When the user began is not known.
	unknown.End()
	other.End()
}
