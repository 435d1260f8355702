// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure

// Noted is an error with what an application knows of it: a code by which its
// run book is found, what it did about it. It is no error of its own: types and
// chains see through it.
type Noted struct { //nolint:errname // It is an error with notes, not a kind of error.
	Err          error
	Code, Action string // "" if unknown.
}

// Error is the error's own text.
func (n *Noted) Error() string { return n.Err.Error() }

// Unwrap returns the error.
func (n *Noted) Unwrap() error { return n.Err }

// ErrorCode returns the application's code, else the error's own.
func (n *Noted) ErrorCode() string {
	if n.Code == "" {
		return Code(n.Err)
	}
	return n.Code
}

// RecoveryAction returns what was done about the error, else what it says itself.
func (n *Noted) RecoveryAction() string {
	if n.Action == "" {
		return RecoveryAction(n.Err)
	}
	return n.Action
}

// transparent reports whether an error is there to carry another.
func transparent(err error) bool {
	_, ok := err.(*Noted) //nolint:errorlint // The wrapper itself is meant.
	return ok
}
