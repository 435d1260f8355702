// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/exporters/spool"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/semconv"
)

// Each record of a burst that exceeds a small queue is sent or counted as lost.
func TestBurstBeyondTheQueue(t *testing.T) {
	const records = 20_000
	hold := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	defer server.Close()
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(io.Discard), voicesdk.WithShutdownTimeout(time.Minute),
		variables("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL, "OTEL_BLRP_MAX_QUEUE_SIZE", "512", "OTEL_BSP_MAX_QUEUE_SIZE", "512", "OTEL_METRICS_EXPORTER", "none"))
	if err != nil {
		t.Fatal(err)
	}
	tracer := tel.TracerProvider().Tracer("burst")
	logger := tel.Logger("burst")
	for i := range records {
		_, span := tracer.Start(t.Context(), "spoken")
		span.End()
		logger.Info("spoken", slog.Int("n", i))
	}
	close(hold)
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	for _, h := range tel.Health().Sending {
		told := int64(0)
		if h.Signal == spool.Logs { // Lines about losses are sent, too.
			told = 2
		}
		if sum := h.Sent + h.Dropped[semconv.VoiceSpoolDropReasonBurst]; sum < records || sum > records+told {
			t.Errorf("%s: %d were sent, %v lost, of %d", h.Signal, h.Sent, h.Dropped, records)
		}
	}
}

// A burst of a hundred thousand records, logged by ten goroutines in a second, is on disk when
// it ends, although no collector runs. Nothing is lost, and all records arrive later.
func TestBurst(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes a hundred thousand records")
	}
	const writers, each = 10, 10_000
	dir := t.TempDir()
	setup := func(endpoint string) *voicesdk.SDK {
		t.Helper()
		tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(io.Discard), voicesdk.WithSpool(dir),
			voicesdk.WithShutdownTimeout(time.Minute), variables("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", endpoint+"/v1/logs"))
		if err != nil {
			t.Fatal(err)
		}
		return tel
	}
	tel := setup("http://127.0.0.1:1")
	logger := tel.Logger("burst")
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for i := range each {
				// The burst takes a second; a tight loop would be unrealistic.
				if i%(each/100) == 0 {
					<-time.After(10 * time.Millisecond)
				}
				logger.Info("spoken", slog.Int("n", i))
			}
		})
	}
	wg.Wait()
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	lost := tel.Health().Lost()
	if lost > 0 && !raceEnabled { // The race detector slows the writer too much for this check.
		t.Errorf("lost: %+v", tel.Health())
	}

	r := otlptest.NewReceiver(t)
	tel = setup(r.HTTPEndpoint())
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	got := 0
	for _, l := range r.AllLogs() {
		if l.GetBody().GetStringValue() == "spoken" {
			got++
		}
	}
	if sum := got + int(lost); sum < writers*each || sum > writers*each+2 { // Lines about losses may be lost, too.
		t.Errorf("%d records arrived and %d are counted as lost, of %d", got, lost, writers*each)
	}
}
