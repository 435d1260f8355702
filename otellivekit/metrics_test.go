// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// Each metric of rooms and media in the registry is made, as it is defined there.
func TestEveryMetricIsMade(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	m := newMetrics(tel.Telemetry)
	ctx := t.Context()
	m.event(ctx, eventReconnecting)
	m.quality(ctx, "poor")
	m.participants(ctx, "sip", 1)
	m.tracks(ctx, semconv.VoiceTrackKindAudio, 1)
	m.joined(ctx, time.Second, nil)
	m.reconnected(ctx, time.Second, errGivenUp)
	m.packets.Add(ctx, 1)
	m.lost.Add(ctx, 1)
	m.jitters.Record(ctx, 1)
	m.roundTrips.Record(ctx, 1)
	all, err := rec.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	made := make(map[string]metricdata.Metrics)
	for _, scope := range all.ScopeMetrics {
		for _, metric := range scope.Metrics {
			made[metric.Name] = metric
		}
	}
	for _, def := range semconv.Metrics() {
		of := strings.HasPrefix(def.Name, "voice.room.") || strings.HasPrefix(def.Name, "voice.participant.") || strings.HasPrefix(def.Name, "voice.media.")
		ofLines := def.Name == "voice.media.packet.out_of_order" || def.Name == "voice.media.gap.duration" // Of package voicews.
		if !of || ofLines {
			continue
		}
		got, ok := made[def.Name]
		if !ok || got.Unit != def.Unit || got.Description != def.Description {
			t.Errorf("%s: made %v, in %q", def.Name, ok, got.Unit)
		}
		if h, ok := got.Data.(metricdata.Histogram[float64]); ok && fmt.Sprint(h.DataPoints[0].Bounds) != fmt.Sprint(def.Buckets) {
			t.Errorf("%s has buckets %v, want %v", def.Name, h.DataPoints[0].Bounds, def.Buckets)
		}
	}
}
