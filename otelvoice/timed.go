// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"errors"
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/slogattr"
	"github.com/voice-agents/telemetry/semconv"
)

// Timed runs fn as an operation: a span, a line when it starts (at DEBUG) and
// when it ends, with duration, success and error, and the ids of the context on
// all of them. It returns what fn returns, and lets its panics go on. The name
// must be one of few; see [Telemetry.StartOperation].
//
//	menu, err := otelvoice.Timed(ctx, "load menu", loadMenu)
//
// The telemetry is that of the context (see [Telemetry.Context]), else that of the last
// voicesdk.Setup with globals. Without any, Timed only calls fn.
func Timed[T any](ctx context.Context, name string, fn func(context.Context) (T, error), opts ...OperationOption) (result T, err error) {
	ctx, op := current(ctx).StartOperation(ctx, name, opts...)
	returned := false
	defer func() {
		if r := recover(); r != nil {
			op.end(failure.NewPanic(r))
			panic(r)
		}
		if !returned {
			err = errGoexit
		}
		op.end(err)
	}()
	result, err = fn(ctx)
	returned = true
	return result, err
}

// errGoexit is the end of an operation whose function called [runtime.Goexit], as
// testing.T.FailNow does: it has not succeeded, and there is no caller to return to.
var errGoexit = errors.New("otelvoice: the function called runtime.Goexit")

// Wrap makes an operation of every call of a function; see [Timed]. What it is
// called with is not recorded unless [WithArguments] asks for it.
//
//	loadMenu := otelvoice.Wrap("load menu", db.LoadMenu)
func Wrap[A, R any](name string, fn func(context.Context, A) (R, error), opts ...OperationOption) func(context.Context, A) (R, error) {
	cfg := newOperationConfig(opts)
	return func(ctx context.Context, arg A) (R, error) {
		opts := opts
		if cfg.arguments {
			opts = append(slices.Clip(opts), calledWith(semconv.VoiceOperationArguments(slogattr.Fields(arg)...)))
		}
		return Timed(ctx, name, func(ctx context.Context) (R, error) { return fn(ctx, arg) }, opts...)
	}
}

// WithArguments records what a function made by [Wrap] is called with, on span
// and lines: the fields of a struct, the members of a map, or the value as it
// is. Secrets are taken out by the redactor, audio is shown as its size, and
// more than a few kilobytes are cut. Other operations have no arguments.
func WithArguments() OperationOption {
	return operationOption(func(c startConfig) startConfig { c.arguments = true; return c })
}

// calledWith puts the arguments on an operation's span and lines.
func calledWith(arguments attribute.KeyValue) OperationOption {
	return operationOption(func(c startConfig) startConfig {
		c.attributes = appendBounded(c.attributes, []attribute.KeyValue{arguments})
		return c
	})
}
