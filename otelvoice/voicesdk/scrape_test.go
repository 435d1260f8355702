// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	metricnoop "go.opentelemetry.io/otel/metric/noop"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// scrape requests the metrics as Prometheus does.
func scrape(tel *voicesdk.SDK) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
	r.Header.Set("Accept", "application/openmetrics-text; version=1.0.0")
	tel.MetricsHandler().ServeHTTP(w, r)
	return w
}

func TestMetricsHandler(t *testing.T) {
	env := func(value string) voicesdk.Option {
		return voicesdk.WithLookupEnv(func(name string) (string, bool) {
			if name == "OTEL_METRICS_EXPORTER" && value != "" {
				return value, true
			}
			return "", false
		})
	}
	for _, tt := range []struct {
		name    string
		env     string
		options []voicesdk.Option
		status  int
	}{
		{"nothing said", "", nil, http.StatusNotFound},
		{"the option", "", []voicesdk.Option{voicesdk.WithPrometheus()}, http.StatusOK},
		{"the variable", "prometheus", nil, http.StatusOK},
		{"the variable in a list", "console, Prometheus", nil, http.StatusOK},
		{"another exporter", "none", nil, http.StatusNotFound},
		{"a provider that was brought", "prometheus", []voicesdk.Option{voicesdk.WithMeterProvider(metricnoop.NewMeterProvider())}, http.StatusNotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, err := voicesdk.Setup(t.Context(), append(tt.options, env(tt.env), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(t.Output()))...)
			if err != nil {
				t.Fatal(err)
			}
			ctx, session := tel.StartSession(t.Context())
			_, turn := session.StartTurn(ctx)
			stopped := time.Now().Add(-700 * time.Millisecond)
			turn.UserStopped(stopped, otelvoice.AnchorVAD)
			turn.MarkAt(otelvoice.AgentStarted, stopped.Add(640*time.Millisecond))
			turn.End()
			session.End()
			got := scrape(tel)
			if got.Code != tt.status {
				t.Errorf("status %d, want %d: %s", got.Code, tt.status, got.Body)
			}
			exemplar := fmt.Sprintf("trace_id=%q", strings.ReplaceAll(session.CorrelationID(), "-", ""))
			for _, want := range []string{"voice_turn_response_latency_seconds_bucket{", exemplar, "go_goroutine_count", "process_cpu_time_seconds_total", "process_memory_usage_bytes"} {
				if strings.Contains(got.Body.String(), want) != (tt.status == http.StatusOK) {
					t.Errorf("%s: want %q in it only if they are kept:\n%s", got.Result().Status, want, got.Body)
				}
			}
			if err := tel.Shutdown(context.Background()); err != nil {
				t.Error(err)
			}
			if got := scrape(tel); tt.status == http.StatusOK && got.Code != http.StatusServiceUnavailable {
				t.Errorf("after the shutdown, status %d: %s", got.Code, got.Body)
			}
		})
	}
	if got := scrape(nil); got.Code != http.StatusNotFound || !strings.Contains(got.Body.String(), "WithPrometheus") {
		t.Errorf("without telemetry: %d %s", got.Code, got.Body)
	}
}
