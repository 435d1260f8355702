// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package traced

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/benchmarks/paired"
	"github.com/voice-agents/telemetry/semconv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recording has the spans and measurements of a contender as text, one a line, without values that
// differ between runs.
type recording struct {
	spans, metrics []string
	lines          int
}

// lineCount is a writer of lines that counts them.
type lineCount struct{ atomic.Int64 }

func (l *lineCount) Write(b []byte) (int, error) {
	l.Add(1)
	return len(b), nil
}

// recordingOf runs a contender's work n times and returns its recording.
func recordingOf(t *testing.T, sampler sdktrace.Sampler, n int, pick func(sinks) paired.Contender) recording {
	t.Helper()
	spans := tracetest.NewInMemoryExporter()
	reader := sdkmetric.NewManualReader()
	lines := &lineCount{}
	w, err := pick(sinks{
		sampler: sampler,
		spans:   func() sdktrace.SpanProcessor { return sdktrace.NewSimpleSpanProcessor(spans) },
		reader:  func() sdkmetric.Reader { return reader },
		lines:   lines,
	}).Start()
	if err != nil {
		t.Fatal(err)
	}
	if w.Stop != nil {
		defer w.Stop()
	}
	w.Run(n)
	if err := w.Settled(); err != nil {
		t.Fatal(err)
	}
	var metrics metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &metrics); err != nil && len(spans.GetSpans()) > 0 {
		t.Fatal(err)
	}
	return recording{spansAsText(spans.GetSpans()), metricsAsText(metrics), int(lines.Load())}
}

func spansAsText(spans tracetest.SpanStubs) (all []string) {
	names := make(map[trace.SpanID]string)
	for i := range spans {
		names[spans[i].SpanContext.SpanID()] = spans[i].Name
	}
	for i := range spans {
		s := &spans[i]
		var events []string
		for _, e := range s.Events {
			events = append(events, e.Name+attributesAsText(e.Attributes))
		}
		all = append(all, fmt.Sprintf("%s %s under %q %v, links %d, events %v, attributes %s", s.Name, s.SpanKind,
			names[s.Parent.SpanID()], s.Status, len(s.Links), events, attributesAsText(s.Attributes)))
	}
	slices.Sort(all)
	return all
}

// attributesAsText formats attributes, without IDs and measured values.
func attributesAsText(attrs []attribute.KeyValue) string {
	var all []string
	for _, kv := range attrs {
		value := kv.Value.String()
		switch kv.Key {
		case semconv.VoiceSTTConfidenceKey, semconv.VoiceSTTAudioDurationKey, semconv.VoiceTTSAudioDurationKey:
		case semconv.VoiceTurnIDKey, semconv.VoiceCorrelationIDKey:
			value = fmt.Sprintf("an id of %d characters", len(value))
		case "server.port", "network.peer.port":
			value = "a port"
		case semconv.SessionIDKey, semconv.GenAIConversationIDKey, semconv.VoiceTurnIndexKey:
		default:
			if kv.Value.Type() == attribute.FLOAT64 {
				value = "measured"
			}
		}
		all = append(all, string(kv.Key)+"="+value)
	}
	slices.Sort(all)
	return fmt.Sprint(all)
}

// metricsAsText formats metrics, without those of the session, which has not ended.
func metricsAsText(metrics metricdata.ResourceMetrics) (all []string) {
	for _, scope := range metrics.ScopeMetrics {
		for _, m := range scope.Metrics {
			if strings.HasPrefix(m.Name, "voice.session.") {
				continue
			}
			add := func(attrs attribute.Set, more string) {
				all = append(all, fmt.Sprintf("%s %s %q %s: %s", m.Name, m.Unit, m.Description, attributesAsText(attrs.ToSlice()), more))
			}
			switch data := m.Data.(type) {
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					add(p.Attributes, fmt.Sprint(p.Count, " by ", p.Bounds, ", exemplars ", len(p.Exemplars) > 0))
				}
			case metricdata.Histogram[int64]:
				for _, p := range data.DataPoints {
					add(p.Attributes, fmt.Sprint(p.Count, " by ", p.Bounds, ", exemplars ", len(p.Exemplars) > 0))
				}
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					add(p.Attributes, fmt.Sprint(p.Value, ", exemplars ", len(p.Exemplars) > 0))
				}
			case metricdata.Sum[float64]:
				for _, p := range data.DataPoints {
					add(p.Attributes, fmt.Sprint(p.Value, ", exemplars ", len(p.Exemplars) > 0))
				}
			default:
				add(attribute.Set{}, fmt.Sprintf("%T", data))
			}
		}
	}
	slices.Sort(all)
	return all
}

// same fails the test if two recordings differ.
func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("%s: missing %s", what, line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("%s: not in the baseline: %s", what, line)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d, want %d as in the baseline", what, len(got), len(want))
	}
}
