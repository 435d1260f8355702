// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import "github.com/voice-agents/telemetry/internal/wire"

// A providerError is an error that a provider sent as a message. Its text may hold what the user said,
// so that only its class is recorded.
type providerError struct{ class string }

// Error returns the class.
func (e *providerError) Error() string {
	if !wire.IsClass(e.class) {
		return "the provider sent an error"
	}
	return "the provider sent the error " + e.class
}

// ErrorType returns the value of error.type.
func (e *providerError) ErrorType() string {
	if !wire.IsClass(e.class) {
		return "_OTHER"
	}
	return e.class
}
