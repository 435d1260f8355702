// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package dropin_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/sdks/vendorserver"
)

// voicetest.Check accepts the GenAI spans of requests outside of a turn.
func TestCheckOutsideOfTurn(t *testing.T) {
	for _, tt := range []struct {
		name  string
		start func(ctx context.Context, tel *otelvoice.Telemetry) (context.Context, *otelvoice.Session)
		shape string
	}{
		{
			"in a session",
			func(ctx context.Context, tel *otelvoice.Telemetry) (context.Context, *otelvoice.Session) {
				return tel.StartSession(ctx)
			},
			"voice.session INTERNAL\n  chat gpt-4o-mini CLIENT\n    POST CLIENT\n",
		},
		{
			"outside of a session",
			func(ctx context.Context, _ *otelvoice.Telemetry) (context.Context, *otelvoice.Session) {
				return ctx, nil
			},
			"chat gpt-4o-mini CLIENT\n  POST CLIENT\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := vendorserver.New(vendorserver.OpenAIChat().Plain(vendorserver.Reply{Model: "m", Text: []string{"Hi"}}))
			t.Cleanup(server.Close)
			tel, rec := voicetest.Setup(t)
			client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, nil)}
			ctx, session := tt.start(t.Context(), tel.Telemetry)
			res := do(t, client, ask(ctx, t, server.URL, nil))
			_, _ = io.Copy(io.Discard, res.Body)
			client.CloseIdleConnections()
			session.End()
			if got := rec.Shape(); got != tt.shape {
				t.Errorf("the spans are\n%swant\n%s", got, tt.shape)
			}
			voicetest.Check(t, rec)
		})
	}
}
