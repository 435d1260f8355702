// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure

// An Annotated is an error with an application's annotations: a code for the run book, and the action that
// was taken. The type and the chain of an error ignore it.
type Annotated struct { //nolint:errname // It annotates an error of any kind.
	Err          error
	Code, Action string // "" if unknown.
}

// Error returns the text of the error.
func (n *Annotated) Error() string { return n.Err.Error() }

// Unwrap returns the error.
func (n *Annotated) Unwrap() error { return n.Err }

// ErrorCode returns the application's code, or else the error's own.
func (n *Annotated) ErrorCode() string {
	if n.Code == "" {
		return Code(n.Err)
	}
	return n.Code
}

// RecoveryAction returns the application's action, or else the error's own.
func (n *Annotated) RecoveryAction() string {
	if n.Action == "" {
		return RecoveryAction(n.Err)
	}
	return n.Action
}

// isAnnotation reports whether an error only annotates another one.
func isAnnotation(err error) bool {
	_, ok := err.(*Annotated) //nolint:errorlint // The wrapper itself is meant.
	return ok
}
