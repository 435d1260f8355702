// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"log/slog"

	"github.com/voice-agents/telemetry/internal/failure"
)

// An ErrorOption adds a field to an error that is logged; see [Error].
type ErrorOption interface{ applyError(*failure.Annotated) }

type errorOption func(*failure.Annotated)

func (f errorOption) applyError(n *failure.Annotated) { f(n) }

// ErrorCode sets the application's own code for an error, such as "STT_TIMEOUT", under which a
// run book lists it. Errors with an ErrorCode() string method do not need this option.
func ErrorCode(code string) ErrorOption {
	return errorOption(func(n *failure.Annotated) { n.Code = code })
}

// RecoveryAction sets the agent's reaction to an error: "retry", "fallback", "hang_up". Errors
// with a RecoveryAction() string method do not need this option.
func RecoveryAction(action string) ErrorOption {
	return errorOption(func(n *failure.Annotated) { n.Action = action })
}

// Error returns the attribute for an error:
//
//	slog.ErrorContext(ctx, "STT failed", otelvoice.Error(err, otelvoice.ErrorCode("STT_TIMEOUT"), otelvoice.RecoveryAction("fallback")))
//
// The record's exception has the error's type, its message and the chain of errors that it
// wraps. With include_traceback it also has a stack trace: the one of the error, if it has a
// StackTrace or Callers method, as errors of github.com/pkg/errors do, else the one of the log
// call. The code and the action are error_code and recovery_action in the line's extra_data. Any
// other attribute whose value is an error is logged in the same way, without code and action.
// For a nil error, Error returns the zero attribute, which is not logged.
func Error(err error, opts ...ErrorOption) slog.Attr {
	if err == nil {
		return slog.Attr{}
	}
	if len(opts) > 0 {
		noted := &failure.Annotated{Err: err}
		for _, opt := range opts {
			if opt != nil {
				opt.applyError(noted)
			}
		}
		err = noted
	}
	return slog.Any(errorKey, err)
}

// errorKey is the key of the attribute that [Error] returns. The bridge recognises errors by
// their type, whatever their key.
const errorKey = "error"
