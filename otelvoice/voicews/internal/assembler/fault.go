// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import "github.com/voice-agents/telemetry/internal/wire"

// maxRefusals is how many refusals are recorded of a connection.
const maxRefusals = 16

// A fault is the error that a provider sent last on a connection. It is why the connection ended, if nothing
// follows it: most providers close the connection after an error, and others go on.
type fault struct {
	err       *providerError // Nil if the provider has gone on.
	isRefusal bool           // Of what one message asked for.
	refusals  int
}

// follow follows an event of the connection.
func (f *fault) follow(e *wire.Event) {
	switch e.Kind {
	case wire.Failed, wire.Refused:
		if e.Kind == wire.Failed && e.Of != "" {
			return // Of a response, which may end without the connection.
		}
		f.err, f.isRefusal = &providerError{class: e.Name}, e.Kind == wire.Refused
	case wire.SpeechStarted, wire.SpeechStopped, wire.Partial, wire.Final, wire.Committed, wire.CommitExpected, wire.Resumed,
		wire.Responding, wire.Responded, wire.Token, wire.Audio, wire.ToolCalled:
		f.err = nil
	default: // The program's, or what is sent at the end of a connection.
	}
}

// refused returns the error that a message was answered with, or nil if it is not recorded: a provider may refuse
// each message of a connection.
func (f *fault) refused() error {
	if f.refusals == maxRefusals {
		return nil
	}
	f.refusals++
	return f.err
}

// cause returns why a connection ended that was closed with an error, or nil. A refusal is the cause only if the
// provider closed the connection after it, with an error.
func (f *fault) cause(err error, by Side) error {
	if f.err != nil && (!f.isRefusal || err != nil && by == ByPeer) {
		return f.err
	}
	return err
}
