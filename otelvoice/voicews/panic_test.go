// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.opentelemetry.io/otel/codes"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
	"github.com/voice-agents/telemetry/semconv"
)

// panics calls f, which panics, and returns the value.
func panics(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// A panic in a call is the session's error, and goes on.
func TestPanicInCall(t *testing.T) {
	speak := func(ctx context.Context) {
		m := voicews.CallFromContext(ctx).Messages("wss://api.openai.com/v1/realtime?model=gpt-realtime") //nolint:contextcheck // The call has a context of its own.
		m.Received(false, []byte(`{"type":"session.created","session":{"id":"sess_1","model":"gpt-realtime"}}`))
	}
	for _, tt := range []struct {
		name    string
		value   any
		run     func(t *testing.T, tel *otelvoice.Telemetry, value any)
		isError bool
	}{
		{"a deferred End", "boom", func(t *testing.T, tel *otelvoice.Telemetry, value any) {
			t.Helper()
			ctx, call := voicews.NewCall(t.Context(), tel)
			defer call.End()
			speak(ctx)
			panic(value)
		}, true},
		{"a handler", "boom", func(t *testing.T, tel *otelvoice.Telemetry, value any) {
			t.Helper()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/media", http.NoBody)
			r.Header.Set("Connection", "Upgrade")
			r.Header.Set("Upgrade", "websocket")
			r.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
			r.Header.Set("Sec-WebSocket-Version", "13")
			voicews.Accept(tel)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				speak(r.Context())
				panic(value)
			})).ServeHTTP(httptest.NewRecorder(), r)
		}, true},
		{"a handler that aborts", http.ErrAbortHandler, func(t *testing.T, tel *otelvoice.Telemetry, value any) {
			t.Helper()
			ctx, call := voicews.NewCall(t.Context(), tel)
			defer call.End()
			speak(ctx)
			panic(value)
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sdk, rec := voicetest.Setup(t)
			if got := panics(func() { tt.run(t, sdk.Telemetry, tt.value) }); got != tt.value {
				t.Errorf("the panic is %v, want %v", got, tt.value)
			}
			sessions := rec.Named(semconv.SpanVoiceSession)
			if len(sessions) != 1 {
				t.Fatalf("%d sessions", len(sessions))
			}
			if isError := sessions[0].Status().Code == codes.Error; isError != tt.isError {
				t.Errorf("the session's status is %v", sessions[0].Status())
			}
		})
	}
}
