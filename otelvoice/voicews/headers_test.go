// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews_test

import (
	"testing"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
)

func TestContextFromHeaders(t *testing.T) {
	sdk, _ := voicetest.Setup(t)
	for _, tt := range []struct {
		name    string
		headers map[string]string
		want    string
	}{
		{"a traceparent", map[string]string{"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "X-Correlation-ID": "call-7"}, "0af76519-16cd-43dd-8448-eb211c80319c"},
		{"a correlation ID", map[string]string{"X-Correlation-ID": "call-7"}, "call-7"},
		{"a traceparent that is none", map[string]string{"traceparent": "00-0-0-0", "X-Correlation-ID": "call-7"}, "call-7"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx := voicews.ContextFromHeaders(t.Context(), sdk.Telemetry, func(name string) string { return tt.headers[name] })
			_, session := sdk.StartSession(ctx)
			defer session.End()
			if got := session.CorrelationID(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	if ctx := voicews.ContextFromHeaders(t.Context(), nil, nil); otelvoice.CorrelationID(ctx) != "" {
		t.Error("a nil Telemetry has an ID")
	}
}
