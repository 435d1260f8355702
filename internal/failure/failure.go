// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package failure describes an error for telemetry: its class (error.type) of low cardinality, its
// message, its chain of causes and its stack trace. It bounds all of them and recovers from panics of the
// error's methods.
package failure

import (
	"errors"
	"fmt"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// maxMessage bounds the text of an error, which may contain a whole response body.
const maxMessage = 8 << 10

// Message returns the text of err, bounded. It recovers from a panic of the Error method.
func Message(err error) (text string) {
	if err == nil {
		return ""
	}
	defer func() {
		if r := recover(); r != nil {
			text = fmt.Sprintf("(Error method of %s panicked)", goType(err))
		}
	}()
	text = err.Error()
	var request *url.Error
	if as(err, &request) {
		text = withoutQuery(text, request.URL)
	}
	if len(text) > maxMessage {
		text = cleantext.Head(text, maxMessage) + "…"
	}
	return text
}

// withoutQuery removes the query and the user from the URL that net/http puts into the text of a failed
// request: some vendors expect their API key there.
func withoutQuery(text, raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return strings.ReplaceAll(text, raw, "(URL)")
	}
	return strings.ReplaceAll(text, raw, cleantext.URL(u))
}

// ErrPanic matches every [PanicError].
var ErrPanic = errors.New("panic")

// A PanicError is the error of a recovered panic.
type PanicError struct {
	// Value is the argument of panic.
	Value any
	// Stack is the stack of the goroutine at the panic.
	Stack []byte
}

// maxStack bounds the stack of a panic. The stack of a runaway recursion is too long for a log line.
const maxStack = 16 << 10

// NewPanic returns an error for a recovered panic. Call it in the deferred function that recovers, where
// the stack of the panic is still available.
func NewPanic(value any) *PanicError {
	stack := debug.Stack()
	return &PanicError{Value: value, Stack: stack[:min(len(stack), maxStack)]}
}

// Error returns a text with the argument of panic.
func (p *PanicError) Error() string { return fmt.Sprintf("panic: %v", p.Value) }

// ErrorType returns "panic", so that all panics have one class.
func (p *PanicError) ErrorType() string { return "panic" }

// Is reports whether target is [ErrPanic].
func (p *PanicError) Is(target error) bool { return target == ErrPanic }

// Unwrap returns the value if it is an error.
func (p *PanicError) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// as and is recover from panics of an error's methods and detect cycles: a defective error of a user must
// not end a call.

func as(err error, target any) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return terminates(err) && errors.As(err, target)
}

func is(err, target error) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return terminates(err) && errors.Is(err, target)
}

// Is is [errors.Is] for errors whose methods may panic or that may wrap themselves.
func Is(err, target error) bool { return is(err, target) }

// As is [errors.As] for errors whose methods may panic or that may wrap themselves.
func As(err error, target any) bool { return as(err, target) }
