// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/failure"
)

type typedError struct{}

func (typedError) Error() string     { return "rate limited" }
func (typedError) ErrorType() string { return "rate_limit" }

// brokenError panics in each of its methods.
type brokenError struct{}

func (brokenError) Error() string     { panic("Error") }
func (brokenError) ErrorType() string { panic("ErrorType") }
func (brokenError) Is(error) bool     { panic("Is") }
func (brokenError) Unwrap() error     { panic("Unwrap") }

func TestType(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"nil", nil, ""},
		{"its own type", typedError{}, "rate_limit"},
		{"its own type, wrapped", fmt.Errorf("call: %w", typedError{}), "rate_limit"},
		{"deadline", fmt.Errorf("call: %w", context.DeadlineExceeded), "timeout"},
		{"network timeout", &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, "timeout"},
		{"cancelled", context.Canceled, "canceled"},
		{"body cut short", io.ErrUnexpectedEOF, "unexpected_eof"},
		{"wrappers are skipped", fmt.Errorf("a: %w", fmt.Errorf("b: %w", &os.PathError{Op: "open", Err: os.ErrNotExist})), "*fs.PathError"},
		{"joined", errors.Join(&os.PathError{Err: os.ErrNotExist}, io.EOF), "*fs.PathError"},
		{"panic", failure.NewPanic("boom"), "panic"},
		{"methods that panic", brokenError{}, "failure_test.brokenError"},
		{"typed nil", (*os.PathError)(nil), "*fs.PathError"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := failure.Type(tt.err); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestMessage(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"nil", nil, ""},
		{"text", io.EOF, "EOF"},
		{"panics", brokenError{}, "(Error method of failure_test.brokenError panicked)"},
		{
			"a URL's query holds keys", fmt.Errorf("ask: %w", &url.Error{Op: "Post", URL: "https://u:p@api.example.com/v1?key=secret#x", Err: io.EOF}),
			`ask: Post "https://api.example.com/v1": EOF`,
		},
		{"typed nil", (*os.PathError)(nil), "(Error method of *fs.PathError panicked)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := failure.Message(tt.err); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
	if got := failure.Message(errors.New(strings.Repeat("x", 1<<20))); len(got) > 9<<10 {
		t.Errorf("a message of 1 MiB was kept with %d bytes", len(got))
	}
}

func TestPanicKeepsErrorAndStack(t *testing.T) {
	err := failure.NewPanic(io.EOF)
	if !errors.Is(err, io.EOF) {
		t.Error("a panic with an error does not unwrap to it")
	}
	if !strings.Contains(string(err.Stack), "TestPanicKeepsErrorAndStack") {
		t.Errorf("the stack does not name the function:\n%s", err.Stack)
	}
}
