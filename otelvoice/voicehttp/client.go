// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"net/http"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/client"
)

// Client returns a copy of base, or of an empty client if base is nil, whose requests belong to a
// session: for code that passes no context to them. A request whose context is of a session stays
// there. Any other request belongs to the session's newest open turn or, if no turn is open, to the
// session itself. See [Transport] for what is recorded.
//
// Make one for each session. It shares the connections of the base's transport. If that is a
// [Transport], its options hold too, and each request is recorded once. With a nil session,
// Client returns the copy.
func Client(session *otelvoice.Session, base *http.Client, opts ...TransportOption) *http.Client {
	c := new(http.Client)
	if base != nil {
		*c = *base
	}
	tel := session.Telemetry()
	if tel == nil {
		return c
	}
	next, config := client.Unwrap(tel, c.Transport)
	if next == nil {
		next = http.DefaultTransport
	}
	config = newClientConfig(config, opts)
	config.Session = session
	c.Transport = client.New(tel, newTracer(tel), newMeter(tel), next, config)
	return c
}
