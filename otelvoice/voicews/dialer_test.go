// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/freeport"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
	"github.com/voice-agents/telemetry/semconv"
)

// upgrade sends a request for a WebSocket, as coder/websocket does.
func upgrade(ctx context.Context, t *testing.T, client *http.Client, url string) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="} {
		request.Header.Set(name, value)
	}
	if response, err := client.Do(request); err == nil {
		_ = response.Body.Close()
	}
}

// A dial that fails is a connection that failed, with the class of its error.
func TestDialFails(t *testing.T) {
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	defer refusing.Close()
	for name, tt := range map[string]struct{ server, class string }{
		"refused by the provider": {refusing.URL, "401"},
		"no server":               {fmt.Sprintf("http://127.0.0.1:%d", freeport.TCP(t)), "connection_refused"},
	} {
		t.Run(name, func(t *testing.T) {
			sdk, rec := voicetest.Setup(t)
			ctx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
			upgrade(ctx, t, voicews.NewDialer(sdk.Telemetry).HTTPClient(nil), tt.server+"/v1/realtime?model=m")
			call.End()
			spans := rec.Named(semconv.SpanRealtimeSession("m"))
			if len(spans) != 1 {
				t.Fatalf("%d connections\n%s", len(spans), rec.Shape())
			}
			class := ""
			for _, kv := range spans[0].Attributes() {
				if kv.Key == semconv.ErrorTypeKey {
					class = kv.Value.String()
				}
			}
			if class != tt.class {
				t.Errorf("error.type is %q, want %q", class, tt.class)
			}
			voicetest.Check(t, rec)
		})
	}
}

// Connections that belong to no call are reported once, and other requests not at all.
func TestDialOutsideOfCalls(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	sdk, rec := voicetest.Setup(t)
	client := voicews.NewDialer(sdk.Telemetry).HTTPClient(nil)
	for range 3 {
		upgrade(t.Context(), t, client, server.URL+"/v1/listen?model=nova-3")
		upgrade(t.Context(), t, client, server.URL+"/chat")
	}
	lines, err := rec.Lines()
	if err != nil {
		t.Fatal(err)
	}
	warnings := 0
	for _, line := range lines {
		if line["level"] == "WARN" {
			warnings++
		}
	}
	if warnings != 1 || len(rec.Spans()) != 0 {
		t.Errorf("%d warnings, %d spans", warnings, len(rec.Spans()))
	}
}
