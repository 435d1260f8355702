// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure_test

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/voice-agents/telemetry/internal/failure"
)

// Errors with a cause and without an Unwrap method.
type (
	embedsError struct {
		error

		Op string
	}
	keepsError        struct{ Err error }
	privateCauseError struct{ cause error }
	otherFieldError   struct{ Last error }
	causeError        struct{ err error }
	origError         struct{ err error }
	brokenCauseError  struct{}
	ownCauseError     struct{}
)

func (keepsError) Error() string           { return "m" }
func (*privateCauseError) Error() string   { return "m" }
func (otherFieldError) Error() string      { return "m" }
func (causeError) Error() string           { return "m" }
func (e causeError) Cause() error          { return e.err }
func (*origError) Error() string           { return "m" }
func (e *origError) OrigErr() error        { return e.err }
func (brokenCauseError) Error() string     { return "m" }
func (brokenCauseError) Cause() error      { panic("Cause") }
func (ownCauseError) Error() string        { return "m" }
func (e ownCauseError) Cause() (err error) { return e }

func TestTypeOfHiddenCauses(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"an embedded cause is not read", embedsError{&fieldError{429}, "ask"}, "failure_test.embedsError"},
		{"embedded nil", embedsError{}, "failure_test.embedsError"},
		{"a field Err", keepsError{context.DeadlineExceeded}, "timeout"},
		{"a field Err of a pointer", &keepsError{refused}, "connection_refused"},
		{"an unexported field is not read", &privateCauseError{&methodError{503}}, "*failure_test.privateCauseError"},
		{"a field of a field", keepsError{&keepsError{refused}}, "connection_refused"},
		{"a nil field", keepsError{}, "failure_test.keepsError"},
		{"a field of another name", otherFieldError{refused}, "failure_test.otherFieldError"},
		{"a Cause method", causeError{&fieldError{502}}, "502"},
		{"a Cause method that returns nil", causeError{}, "failure_test.causeError"},
		{"an OrigErr method", &origError{refused}, "connection_refused"},
		{"a Cause method that panics", brokenCauseError{}, "failure_test.brokenCauseError"},
		{"a Cause method that returns the error itself", ownCauseError{}, "failure_test.ownCauseError"},
		{"typed nil", (*embedsError)(nil), "*failure_test.embedsError"},
		{"a weak class of the cause is ignored", keepsError{io.EOF}, "failure_test.keepsError"},
		{"a text", keepsError{errors.New("refused")}, "failure_test.keepsError"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := failure.Type(tt.err); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}
