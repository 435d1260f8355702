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

// A toolError is a result that says that a tool failed. What failed is content.
type toolError struct{}

// toolErrorOf returns the error of a tool's result, or nil.
func toolErrorOf(e *wire.Event) error {
	if e.Name == wire.ToolError {
		return toolError{}
	}
	return nil
}

// Error says that the tool failed.
func (toolError) Error() string { return "the result of the tool is an error" }

// ErrorType returns the value of error.type.
func (toolError) ErrorType() string { return wire.ToolError }
