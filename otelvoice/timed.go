// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"errors"
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/logrecord/slogattr"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/semconv"
)

// Timed calls fn as an operation, with a span and with log lines at its start (DEBUG) and at its
// end. They have the duration, success, error and the ids of the context. Timed returns the
// results of fn and does not recover its panics. The name must have few values; see
// [Telemetry.StartOperation].
//
//	menu, err := otelvoice.Timed(ctx, "load menu", loadMenu)
//
// Timed uses the telemetry of the context (see [Telemetry.Context]), else that of the last
// voicesdk.Setup with globals. If there is none, it only calls fn.
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

// errGoexit is the error of an operation whose function called [runtime.Goexit], as
// testing.T.FailNow does. Such a function has not succeeded and does not return.
var errGoexit = errors.New("otelvoice: the function called runtime.Goexit")

// Wrap returns a function that calls fn as an operation; see [Timed]. The argument is recorded
// only with [WithArguments].
//
//	loadMenu := otelvoice.Wrap("load menu", db.LoadMenu)
func Wrap[A, R any](name string, fn func(context.Context, A) (R, error), opts ...OperationOption) func(context.Context, A) (R, error) {
	cfg := newOperationConfig(opts)
	return func(ctx context.Context, arg A) (R, error) {
		opts := opts
		if cfg.arguments {
			opts = append(slices.Clip(opts), withArguments(semconv.VoiceOperationArguments(slogattr.Fields(arg)...)))
		}
		return Timed(ctx, name, func(ctx context.Context) (R, error) { return fn(ctx, arg) }, opts...)
	}
}

// WithArguments records the argument of a function that [Wrap] returned, on the span and the log
// lines: the fields of a struct, the entries of a map, or any other value as one attribute.
// Secrets are redacted, audio is replaced by its size, and values are truncated after a few
// kilobytes. On other operations the option has no effect.
func WithArguments() OperationOption {
	return operationOption(func(c startConfig) startConfig { c.arguments = true; return c })
}

// withArguments sets the arguments on an operation's span and log lines.
func withArguments(arguments attribute.KeyValue) OperationOption {
	return operationOption(func(c startConfig) startConfig {
		c.attributes = emit.AppendBounded(c.attributes, []attribute.KeyValue{arguments})
		return c
	})
}
