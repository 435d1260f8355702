// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package tour_test follows docs/production.md: it runs the example, the collector and the backends with
// the files that docker-compose.otel.yml mounts, and queries each for the calls that the example
// printed.
package tour_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/semconv"
)

// line has the fields of a line on stdout that the tests read.
type line struct {
	Message string         `json:"message"`
	TraceID string         `json:"trace_id"`
	SpanID  string         `json:"span_id"`
	Level   string         `json:"level"`
	Phase   string         `json:"phase"`
	Module  string         `json:"module"`
	Call    string         `json:"correlation_id"`
	Session string         `json:"session_id"`
	Extra   map[string]any `json:"extra_data"`
}

func TestTour(t *testing.T) {
	t.Log("not run: Tempo, Loki and Grafana, which are under the AGPL; the data sent to Tempo and Loki is compared")
	tempo := otlptest.NewReceiver(t)
	loki := otlptest.NewReceiver(t)
	jaeger := backend.NewJaeger(t)
	victorialogs := backend.NewVictoriaLogs(t)
	collector := backend.NewCollector(t, []string{backend.Config(t, "local.yaml"), backend.Config(t, "pii.yaml"), "testdata/loki.yaml"},
		"JAEGER_OTLP_ENDPOINT="+jaeger.OTLP, "TEMPO_OTLP_ENDPOINT="+tempo.HTTPEndpoint(),
		"LOGS_OTLP_ENDPOINT="+victorialogs.OTLP, "LOKI="+loki.HTTPEndpoint())
	prometheus := backend.NewPrometheus(t,
		"collector:8889", backend.Host(collector.Metrics), "collector:8888", backend.Host(collector.Own))

	lines, printed := example(t, "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+collector.HTTP)
	calls := make(map[string][]line) // By their trace IDs.
	for _, l := range lines {
		if l.TraceID != "" {
			calls[l.TraceID] = append(calls[l.TraceID], l)
		}
	}
	if len(calls) != 2 {
		t.Fatalf("the example logged %d calls, want 2", len(calls))
	}
	for id, told := range calls {
		t.Run("Jaeger has the call", func(t *testing.T) { inJaeger(t, jaeger, id, told) })
	}
	t.Run("VictoriaLogs has the lines", func(t *testing.T) { inVictoriaLogs(t, victorialogs, printed) })
	t.Run("deploy/queries/README.md", func(t *testing.T) { questions(t, victorialogs, printed) })
	t.Run("links from traces to lines", func(t *testing.T) { tracesToLogs(t, victorialogs, calls) })
	t.Run("Loki is sent the lines", func(t *testing.T) { sentToLoki(t, loki, lines) })
	if *record {
		recordCall(t, loki, lines)
	}
	t.Run("Tempo is sent the spans", func(t *testing.T) {
		backend.Eventually(t, "all spans of Jaeger were also sent to Tempo", func() bool {
			want := 0
			for id := range calls {
				spans, err := jaeger.Trace(t.Context(), id)
				if err != nil {
					return false
				}
				want += len(spans)
			}
			return len(tempo.AllSpans()) == want
		})
	})
	t.Run("Prometheus has the numbers", func(t *testing.T) { inPrometheus(t, prometheus, lines, slices.Collect(maps.Keys(calls))) })
	t.Run("dashboards", func(t *testing.T) { dashboards(t, prometheus, victorialogs, lines) })
	t.Run("dashboards of Loki", func(t *testing.T) { dashboardsOfLoki(t, loki, lines) })
	t.Run("alerts", func(t *testing.T) { alerts(t, prometheus) })
	t.Run("docs/production.md", func(t *testing.T) {
		page(t, "localhost:4318", collector.HTTP, "localhost:16686", jaeger.Host, "localhost:9428", victorialogs.Host, "localhost:9090", prometheus.Host)
	})
}

// example runs the example to its end and returns its log, with the fields that the tests read and as it
// was printed.
func example(t *testing.T, env ...string) (lines []line, printed []byte) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "run", "./examples/voiceagent")
	cmd.Dir = backend.File(t)
	cmd.Env = append(cmd.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the example: %v\n%s", err, &stderr)
	}
	scanner := bufio.NewScanner(bytes.NewReader(out))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var l line
		if err := json.Unmarshal(scanner.Bytes(), &l); err != nil {
			t.Fatalf("%v: %s", err, scanner.Bytes())
		}
		lines = append(lines, l)
	}
	return lines, out
}

// inJaeger finds a call by its correlation ID: one tree that has the span of each line, and stages with
// the values of their lines.
func inJaeger(t *testing.T, jaeger *backend.Jaeger, id string, told []line) {
	t.Helper()
	var spans map[string]backend.Span
	backend.Eventually(t, "the call's session is in Jaeger", func() bool {
		found, err := jaeger.Trace(t.Context(), id)
		spans = make(map[string]backend.Span, len(found))
		for _, s := range found {
			spans[s.SpanID] = s
		}
		return err == nil && slices.ContainsFunc(found, func(s backend.Span) bool { return s.OperationName == semconv.SpanVoiceSession })
	})
	var roots []string
	for _, s := range spans {
		if parent := s.Parent(); parent == "" {
			roots = append(roots, s.OperationName)
		} else if _, ok := spans[parent]; !ok {
			t.Errorf("the parent of %s is missing", s.OperationName)
		}
	}
	if len(roots) != 1 {
		t.Errorf("the trace has the roots %v, want one", roots)
	}
	stages := 0
	for _, l := range told {
		s, ok := spans[l.SpanID]
		if !ok {
			t.Errorf("the span of the line %q is missing", l.Message)
			continue
		}
		if l.Phase != semconv.VoicePhaseStageEnd {
			continue
		}
		stages++
		for _, key := range []string{string(semconv.VoiceStageOutcomeKey), string(semconv.VoiceSTTFinalLatencyKey), string(semconv.VoiceTTSTimeToFirstByteKey)} {
			if want, said := l.Extra[key]; said && s.Tag(key) != want {
				t.Errorf("%s: %s is %v, the line says %v", s.OperationName, key, s.Tag(key), want)
			}
		}
	}
	if stages < 15 {
		t.Errorf("only %d stages were logged", stages)
	}
}

// inPrometheus compares the response latencies with those of the turns' lines.
func inPrometheus(t *testing.T, prometheus *backend.Prometheus, lines []line, ids []string) {
	t.Helper()
	var waited []float64
	for _, l := range lines {
		if v, ok := l.Extra[string(semconv.VoiceTurnResponseLatencyKey)].(float64); ok && strings.HasPrefix(l.Message, "turn ") {
			waited = append(waited, v)
		}
	}
	if len(waited) < 6 {
		t.Fatalf("only %d turns have a response latency", len(waited))
	}
	sum := 0.0
	for _, w := range waited {
		sum += w
	}
	const metric = "voice_turn_response_latency_seconds"
	backend.Eventually(t, "the turns are counted", func() bool {
		n, ok := prometheus.Value(t.Context(), "sum("+metric+"_count)")
		return ok && n == float64(len(waited))
	})
	if got, ok := prometheus.Value(t.Context(), "sum("+metric+"_sum)"); !ok || math.Abs(got-sum) > 1e-6 {
		t.Errorf("the sum of the response latencies is %v, that of the lines %v", got, sum)
	}
	p95, ok := prometheus.Value(t.Context(), "histogram_quantile(0.95, sum by (le) ("+metric+"_bucket))")
	if slowest := slices.Max(waited); !ok || p95 <= 0 || p95 > 2*slowest {
		t.Errorf("the 95th percentile is %v, the slowest turn took %v", p95, slowest)
	}
	backend.Eventually(t, "exemplars have the trace IDs of the calls", func() bool {
		found, err := prometheus.Exemplars(t.Context(), metric+"_bucket")
		return err == nil && len(found) > 0 && !slices.ContainsFunc(found, func(id string) bool { return !slices.Contains(ids, id) })
	})
	if got, ok := prometheus.Value(t.Context(), "sum(voice_session_duration_seconds_count)"); !ok || got != 2 {
		t.Errorf("%v sessions are counted, want 2", got)
	}
	if samples, err := prometheus.Query(t.Context(), `go_memory_used_bytes{job="voiceagent"}`); err != nil || len(samples) == 0 {
		t.Errorf("there are no metrics of the Go runtime: %v", err)
	}
	if got, ok := prometheus.Value(t.Context(), `sum(otelcol_receiver_accepted_spans_total)`); !ok || got == 0 {
		t.Error("the collector's own metrics are missing")
	}
}
