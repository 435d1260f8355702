// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package wiretest

import (
	"testing"

	"github.com/voice-agents/telemetry/internal/wire"
)

// withoutContent fails the test if a decoder reports content that its target does not have.
func (x *Exchange) withoutContent(t *testing.T, decoder New) {
	t.Helper()
	target := x.Target()
	target.Content = false
	d := decoder(target, func(e *wire.Event) {
		hasText := len(e.Text) > 0 && e.Kind != wire.Failed
		if r := e.Request; hasText || r != nil && (len(r.Messages) > 0 || len(r.System) > 0 || r.Text != "") {
			t.Errorf("without content: %s", Format(e))
		}
	})
	d.Sent(x.RequestBody)
	d.SentAll()
	d.Answered(x.Response.StatusCode, x.Response.Header)
	d.Received(x.ResponseBody)
	d.ReceivedAll()
}
