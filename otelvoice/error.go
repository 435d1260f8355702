// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"log/slog"

	"github.com/voice-agents/telemetry/internal/failure"
)

// An ErrorOption tells more of an error that is logged.
type ErrorOption interface{ applyError(*failure.Annotated) }

type errorOption func(*failure.Annotated)

func (f errorOption) applyError(n *failure.Annotated) { f(n) }

// ErrorCode is the application's own code for an error, by which its run book
// is found: "STT_TIMEOUT". Errors that have an ErrorCode() string method need
// no such option.
func ErrorCode(code string) ErrorOption {
	return errorOption(func(n *failure.Annotated) { n.Code = code })
}

// RecoveryAction is what was done about an error: "retry", "fallback",
// "hang_up". Errors that have a RecoveryAction() string method need no such
// option.
func RecoveryAction(action string) ErrorOption {
	return errorOption(func(n *failure.Annotated) { n.Action = action })
}

// Error returns the attribute for an error:
//
//	slog.ErrorContext(ctx, "STT failed", otelvoice.Error(err, otelvoice.ErrorCode("STT_TIMEOUT"), otelvoice.RecoveryAction("fallback")))
//
// The record's exception then has the error's type and message, the chain of
// errors that it wraps and, with include_traceback, a stack trace: that of where
// the error was made if it carries one (by a StackTrace or Callers method, as
// the errors of github.com/pkg/errors do), else that of where it was logged.
// Code and action are error_code and recovery_action in the line's extra_data.
// Any attribute that is an error does the same, without code and action. A nil
// error is no attribute.
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

// errorKey is the key of an error among the attributes of a log call. The bridge
// makes the record's error of it whatever it is called.
const errorKey = "error"
