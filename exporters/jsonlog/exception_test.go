// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
)

type codedError struct{ code string }

func (e *codedError) Error() string     { return "coded" }
func (e *codedError) ErrorType() string { return e.code }

type plainError string

func (e plainError) Error() string { return string(e) }

// exceptionKeeper keeps the exception attributes that the SDK gives a record.
type exceptionKeeper map[string]string

func (k exceptionKeeper) OnEmit(_ context.Context, r *sdklog.Record) error {
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		k[string(kv.Key)] = kv.Value.String()
		return true
	})
	return nil
}
func (exceptionKeeper) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }
func (exceptionKeeper) Shutdown(context.Context) error                         { return nil }
func (exceptionKeeper) ForceFlush(context.Context) error                       { return nil }

// The line and the record in the collector are read side by side, so an error must have the same
// name in both.
func TestExceptionIsWhatTheSDKDerives(t *testing.T) {
	for _, tt := range []struct {
		name  string
		err   error
		attrs []attribute.KeyValue
	}{
		{"errors.New", errors.New("boom"), nil},
		{"value of a named type", plainError("boom"), nil},
		{"pointer to a named type", &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}, nil},
		{"has an ErrorType method", &codedError{"rate_limited"}, nil},
		{"its ErrorType method returns an empty string", &codedError{""}, nil},
		{"wrapped by fmt", fmt.Errorf("stt: %w", fmt.Errorf("dial: %w", plainError("boom"))), nil},
		{"wrapped by fmt, has an ErrorType method", fmt.Errorf("stt: %w", &codedError{"rate_limited"}), nil},
		{"wrapped by fmt, nothing inside", fmt.Errorf("stt: %w", nil), nil},
		{"two wrapped by fmt", fmt.Errorf("%w, %w", plainError("a"), plainError("b")), nil},
		{"joined", errors.Join(plainError("a"), plainError("b")), nil},
		{"struct without a name", struct{ error }{plainError("boom")}, nil},
		{"wrapped by net", &net.OpError{Op: "dial", Err: plainError("refused")}, nil},
		{"no text", plainError(""), nil},
		{"message given", plainError("boom"), []attribute.KeyValue{attribute.String("exception.message", "given")}},
		{"type given", plainError("boom"), []attribute.KeyValue{attribute.String("exception.type", "given")}},
		{"stack trace given", plainError("boom"), []attribute.KeyValue{attribute.String("exception.stacktrace", "main.go:1")}},
		{"all given, no error", nil, []attribute.KeyValue{
			attribute.String("exception.type", "a"), attribute.String("exception.message", "b"), attribute.String("exception.stacktrace", "c"),
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := record("m", tt.attrs...)
			r.SetErr(tt.err)
			want := exceptionKeeper{}
			sdklog.NewLoggerProvider(sdklog.WithProcessor(want)).Logger("sdk").Emit(t.Context(), r.Clone())

			var got struct{ Exception map[string]string }
			text := line(t, t.Context(), r)
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				t.Fatal(err)
			}
			if len(got.Exception) != len(want) {
				t.Errorf("got %q, want %q", got.Exception, want)
			}
			for _, name := range []string{"type", "message", "stacktrace"} {
				if g, w := got.Exception[name], want["exception."+name]; g != w {
					t.Errorf("%s: got %q, want %q", name, g, w)
				}
			}
		})
	}
}

func TestException(t *testing.T) {
	with := func(err error, attrs ...attribute.KeyValue) log.Record {
		r := record("m", attrs...)
		r.SetErr(err)
		return r
	}
	var nilError *net.OpError
	for _, tt := range []struct {
		name string
		in   log.Record
		want string
	}{
		{"type and message", with(errors.New("boom")), `,"exception":{"type":"*errors.errorString","message":"boom"}`},
		{
			"with a stack trace", with(plainError("boom"), attribute.String("exception.stacktrace", "a\nb")),
			`,"exception":{"type":"github.com/voice-agents/telemetry/exporters/jsonlog_test.plainError","message":"boom","stacktrace":"a\nb"}`,
		},
		{"stack trace alone", record("m", attribute.String("exception.stacktrace", "a\nb")), `,"exception":{"stacktrace":"a\nb"}`},
		{"message given, but empty", with(errors.New("boom"), attribute.String("exception.message", "")), `,"exception":{"type":"*errors.errorString"}`},
		{"Error panics", with(panickingError{}), `,"exception":{"type":"github.com/voice-agents/telemetry/exporters/jsonlog_test.panickingError","message":"(Error method panicked)"}`},
		{"nil pointer", with(nilError), `,"exception":{"type":"*net.OpError","message":"<nil>"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			compare(t, line(t, t.Context(), tt.in), head+`"module":"voice.stt","process_id":1234`+tt.want+`}`)
		})
	}
}

type panickingError struct{}

func (panickingError) Error() string     { panic("no text") }
func (panickingError) ErrorType() string { panic("no type") }
