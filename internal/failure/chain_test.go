// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/failure"
)

// loop wraps itself twice.
type loop struct{}

func (*loop) Error() string     { return "loop" }
func (l *loop) Unwrap() []error { return []error{l, l} }

// coded has a code and a recovery action.
type coded struct{}

func (coded) Error() string          { return "full" }
func (coded) ErrorCode() string      { return "E42" }
func (coded) RecoveryAction() string { return "retry" }

func TestChain(t *testing.T) {
	open := &os.PathError{Op: "open", Path: "menu.json", Err: os.ErrNotExist}
	for _, tt := range []struct {
		name string
		err  error
		want []string
	}{
		{"nil", nil, nil},
		{"one error", io.EOF, nil},
		{
			"wrapped", fmt.Errorf("load menu: %w", open),
			[]string{"*fs.PathError: open menu.json: file does not exist", "*errors.errorString: file does not exist"},
		},
		{
			"joined", errors.Join(open, io.EOF),
			[]string{"*fs.PathError: open menu.json: file does not exist", "*errors.errorString: file does not exist", "*errors.errorString: EOF"},
		},
		{"annotated", &failure.Annotated{Err: fmt.Errorf("load: %w", &failure.Annotated{Err: io.EOF, Code: "E1"})}, []string{"*errors.errorString: EOF"}},
		{"methods that panic", brokenError{}, nil},
		{"wraps itself", &loop{}, slices.Repeat([]string{"*failure_test.loop: loop"}, 15)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := failure.Chain(tt.err); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// An error that wraps itself has a type, a message and a stack trace.
func TestErrorThatWrapsItself(t *testing.T) {
	err := &loop{}
	if got := failure.Type(err); got != "*failure_test.loop" {
		t.Errorf("type: got %q", got)
	}
	if failure.Is(err, io.EOF) || failure.Code(err) != "" || failure.Message(err) != "loop" || failure.StackTrace(err) == "" {
		t.Error("an error that wraps itself has a wrong description")
	}
	annotated := &failure.Annotated{}
	annotated.Err = annotated
	if got := failure.TypeName(annotated); got != "*failure.Annotated" {
		t.Errorf("an annotation of itself: got %q", got)
	}
}

func TestAnnotations(t *testing.T) {
	for _, tt := range []struct {
		name         string
		err          error
		code, action string
	}{
		{"none", io.EOF, "", ""},
		{"the error's own", fmt.Errorf("order: %w", coded{}), "E42", "retry"},
		{"annotated", fmt.Errorf("order: %w", &failure.Annotated{Err: io.EOF, Code: "E1", Action: "hang up"}), "E1", "hang up"},
		{"one annotated, one its own", &failure.Annotated{Err: coded{}, Code: "E1"}, "E1", "retry"},
		{"annotated twice", &failure.Annotated{Err: &failure.Annotated{Err: io.EOF, Code: "E1"}, Action: "retry"}, "E1", "retry"},
		{"methods that panic", brokenError{}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if code, action := failure.Code(tt.err), failure.RecoveryAction(tt.err); code != tt.code || action != tt.action {
				t.Errorf("got %q, %q; want %q, %q", code, action, tt.code, tt.action)
			}
		})
	}
	if annotated := (&failure.Annotated{Err: io.EOF, Code: "E1"}); annotated.Error() != "EOF" || !errors.Is(annotated, io.EOF) || failure.TypeName(annotated) != "*errors.errorString" {
		t.Errorf("an annotation changes the error: %v", annotated)
	}
}

// frame is a program counter with a type of its own, as in error packages.
type frame uintptr

type traced struct {
	error

	pcs []frame
}

func (e traced) StackTrace() []frame { return e.pcs }

type called struct {
	error

	pcs []uintptr
}

func (e called) Callers() []uintptr { return e.pcs }

// odd has methods with these names but other types.
type odd struct{ error }

func (odd) StackTrace() string       { return "x" }
func (odd) Callers(int) []uintptr    { return nil }
func (e odd) Unwrap() (inner error)  { return e.error }
func newStack() (pcs []uintptr)      { pcs = make([]uintptr, 10); return pcs[:runtime.Callers(1, pcs)] }
func (e traced) Unwrap() (err error) { return e.error }

func TestStackTrace(t *testing.T) {
	pcs := newStack()
	var frames []frame
	for _, pc := range pcs {
		frames = append(frames, frame(pc))
	}
	inner := traced{io.EOF, frames}
	for _, tt := range []struct {
		name  string
		err   error
		first string
	}{
		{"pkg/errors", fmt.Errorf("order: %w", inner), "failure_test.newStack()"},
		{"callers", called{io.EOF, pcs}, "failure_test.newStack()"},
		{"the innermost", traced{inner, frames[1:]}, "failure_test.newStack()"},
		{"none of its own", io.EOF, "testing.tRunner()"}, // Without the toolkit's packages.
		{"odd methods", odd{io.EOF}, "testing.tRunner()"},
		{"nil", nil, "testing.tRunner()"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			first, _, _ := strings.Cut(failure.StackTrace(tt.err), "\n")
			if !strings.HasSuffix(first, tt.first) {
				t.Errorf("got %s, want %s", first, tt.first)
			}
		})
	}
	func() {
		defer func() {
			if trace := failure.StackTrace(failure.NewPanic(recover())); !strings.Contains(trace, "TestStackTrace") {
				t.Errorf("of a panic: got %s", trace)
			}
		}()
		panic("boom")
	}()
}
