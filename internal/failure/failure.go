// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package failure says what went wrong in the two words that telemetry has for
// it: a type of low cardinality, and a message.
package failure

import (
	"errors"
	"fmt"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// maxMessage bounds the text of an error, some of which carry whole bodies.
const maxMessage = 8 << 10

// Message returns the text of err, bounded; an Error method that panics does
// not take the caller with it.
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

// withoutQuery takes the query and the user out of the URL that net/http puts
// into the text of a failed request: some providers take their key there.
func withoutQuery(text, raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return strings.ReplaceAll(text, raw, "(URL)")
	}
	return strings.ReplaceAll(text, raw, cleantext.URL(u))
}

// ErrPanic matches every [PanicError].
var ErrPanic = errors.New("panic")

// PanicError is the error that a recovered panic becomes.
type PanicError struct {
	// Value is what was passed to panic.
	Value any
	// Stack is the goroutine's stack at the time.
	Stack []byte
}

// maxStack bounds a panic's stack: that of a runaway recursion is not what a log
// line is for.
const maxStack = 16 << 10

// NewPanic makes an error of a recovered panic. It must be called where the
// panic was recovered, so that the stack is still there.
func NewPanic(value any) *PanicError {
	stack := debug.Stack()
	return &PanicError{Value: value, Stack: stack[:min(len(stack), maxStack)]}
}

// Error says what was passed to panic.
func (p *PanicError) Error() string { return fmt.Sprintf("panic: %v", p.Value) }

// ErrorType is "panic" for every panic, so that they count as one kind.
func (p *PanicError) ErrorType() string { return "panic" }

// Is reports whether target is [ErrPanic].
func (p *PanicError) Is(target error) bool { return target == ErrPanic }

// Unwrap returns the value if it was an error.
func (p *PanicError) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// as and is guard against errors whose methods panic, or that wrap
// themselves: a user's defective error must not end a call.

func as(err error, target any) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return ends(err) && errors.As(err, target)
}

func is(err, target error) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return ends(err) && errors.Is(err, target)
}

// Is is [errors.Is] for errors that are not trusted to behave.
func Is(err, target error) bool { return is(err, target) }

// As is [errors.As] for errors that are not trusted to behave.
func As(err error, target any) bool { return as(err, target) }
