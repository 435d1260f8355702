// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package collector_test

import (
	"encoding/binary"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
)

// request returns a number of spans of one trace, each with a text of a size.
func request(first, n, size int) *coltrace.ExportTraceServiceRequest {
	all := make([]*tracepb.Span, n)
	for i := range all {
		all[i] = &tracepb.Span{TraceId: []byte("0123456789abcdef"), SpanId: binary.BigEndian.AppendUint64(nil, uint64(first+i+1)), Name: "chat", Attributes: pairs("text", strings.Repeat("ab ", size/3))}
	}
	return &coltrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{{Spans: all}}}}}
}

// distinct returns the number of spans that a receiver has, and the number without repetitions.
func distinct(r *otlptest.Receiver) (all, once int) {
	seen := make(map[string]bool)
	for _, s := range r.AllSpans() {
		seen[string(s.GetSpanId())] = true
		all++
	}
	return all, len(seen)
}

// TestOneBackendDown checks that a backend that is down loses its own spans only, that these are counted, and that
// services need not send anything again.
func TestOneBackendDown(t *testing.T) {
	t.Parallel()
	const requests, each, size = 12, 10, 20000
	for name, configs := range map[string][]string{
		"local.yaml":                  {},
		"profiles/langfuse.yaml":      {backend.Config(t, "profiles/langfuse.yaml")},
		"profiles/openinference.yaml": {backend.Config(t, "profiles/openinference.yaml")},
	} {
		t.Run(name, func(t *testing.T) {
			up, nowhere := otlptest.NewReceiver(t), "http://"+backend.Free(t)
			// The backend that is down is Tempo, or that of the profile.
			down, tempo := "otlp_http/tempo", nowhere
			if len(configs) > 0 {
				down, tempo = "otlp_http/"+strings.TrimSuffix(strings.TrimPrefix(name, "profiles/"), ".yaml"), otlptest.NewReceiver(t).HTTPEndpoint()
			}
			small := filepath.Join(t.TempDir(), "small.yaml") // 1 MB is full soon.
			if err := os.WriteFile(small, []byte("exporters: {"+down+": {sending_queue: {queue_size: 1000000}}}\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			configs := append(append([]string{backend.Config(t, "local.yaml"), backend.Config(t, "pii.yaml")}, configs...), small)
			collector := backend.NewCollector(t, configs,
				"JAEGER_OTLP_ENDPOINT="+up.HTTPEndpoint(), "TEMPO_OTLP_ENDPOINT="+tempo, "LANGFUSE_OTLP_ENDPOINT="+nowhere, "PHOENIX_OTLP_ENDPOINT="+nowhere)
			for i := range requests {
				if status := collector.Post(t, "/v1/traces", request(each*i, each, size)); status != http.StatusOK {
					t.Fatalf("the collector answers request %d with %d", i, status)
				}
				backend.Eventually(t, "the spans arrive", func() bool { _, once := distinct(up); return once == each*(i+1) })
			}
			if all, once := distinct(up); all != each*requests || once != all {
				t.Errorf("%d spans arrive, %d without repetitions, want %d", all, once, each*requests)
			}
			text, err := backend.Get(t.Context(), collector.Own)
			if err != nil {
				t.Fatal(err)
			}
			counted := regexp.MustCompile(`otelcol_exporter_enqueue_failed_spans_total\{[^}]*exporter="` + down + `"[^}]*\} (\d+)`).FindSubmatch(text)
			if counted == nil {
				t.Fatal("no loss is counted")
			}
			lost, _ := strconv.Atoi(string(counted[1]))
			t.Logf("%d of %d spans for the backend that is down are lost", lost, each*requests)
			if lost == 0 || lost >= each*requests {
				t.Errorf("%d lost spans are counted", lost)
			}
			if strings.Contains(string(text), `receiver_refused_spans_total{`) {
				for line := range strings.Lines(string(text)) {
					if strings.HasPrefix(line, "otelcol_receiver_refused_spans_total") && !strings.HasSuffix(strings.TrimSpace(line), " 0") {
						t.Errorf("refused: %s", line)
					}
				}
			}
		})
	}
}
