// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews

import (
	"crypto/tls"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
)

// An Option configures [Accept], [NewDialer] and [NewCall]. Nil options are ignored.
type Option interface{ apply(c *config) }

type config struct {
	call assembler.Config
	tls  *tls.Config
}

type option func(c *config)

func (o option) apply(c *config) { o(c) }

func newConfig(tel *otelvoice.Telemetry, opts []Option) config {
	c := config{call: assembler.Config{Telemetry: tel}}
	for _, opt := range opts {
		if opt != nil {
			opt.apply(&c)
		}
	}
	return c
}

// WithSessionOptions sets options of the sessions that calls start, such as a user ID.
func WithSessionOptions(opts ...otelvoice.SessionOption) Option {
	return option(func(c *config) { c.call.Options = append(c.call.Options, opts...) })
}

// WithoutTurns is for programs that start their turns by themselves. The call starts none: what the
// taps read goes to the turns of the program. By default, the call starts the turns.
func WithoutTurns() Option {
	return option(func(c *config) { c.call.ProgramTurns = true })
}

// WithPublicEndpoint is for endpoints that untrusted clients can reach. IDs from headers, from the
// parameters of calls and from lines do not become those of traces and sessions.
func WithPublicEndpoint() Option {
	return option(func(c *config) { c.call.IsPublic = true })
}

// WithTLSConfig sets the TLS configuration of [Dialer.DialTLSContext]. The default is an empty one.
func WithTLSConfig(cfg *tls.Config) Option {
	return option(func(c *config) { c.tls = cfg })
}
