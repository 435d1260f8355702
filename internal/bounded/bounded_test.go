// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package bounded_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/internal/bounded"
	"github.com/voice-agents/telemetry/internal/failure"
)

// A call returns by its deadline, whatever the called code does.
func TestCallReturnsInTime(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(ctx context.Context, release <-chan struct{}) error
		took time.Duration
		want string
		is   []error
	}{
		{name: "returns", do: func(context.Context, <-chan struct{}) error { return nil }},
		{name: "fails", do: func(context.Context, <-chan struct{}) error { return io.EOF }, want: "EOF", is: []error{io.EOF}},
		{
			name: "observes its context", do: func(ctx context.Context, _ <-chan struct{}) error { <-ctx.Done(); return io.ErrNoProgress },
			took: 800 * time.Millisecond, want: io.ErrNoProgress.Error(), is: []error{io.ErrNoProgress},
		},
		{
			name: "returns the error of its context", do: func(ctx context.Context, _ <-chan struct{}) error { <-ctx.Done(); return ctx.Err() },
			took: 800 * time.Millisecond, want: "the reader did not finish within 800ms: context deadline exceeded",
			is: []error{context.DeadlineExceeded},
		},
		{
			name: "hangs", do: func(_ context.Context, release <-chan struct{}) error { <-release; return nil },
			took: time.Second, want: "the reader did not return within 1s and was left behind: context deadline exceeded",
			is: []error{bounded.ErrLeftBehind, context.DeadlineExceeded},
		},
		{
			name: "panics", do: func(context.Context, <-chan struct{}) error { panic(io.EOF) },
			want: "the reader panicked: panic: EOF", is: []error{io.EOF},
		},
		{
			name: "ends its goroutine", do: func(context.Context, <-chan struct{}) error { runtime.Goexit(); return nil },
			want: "the reader ended its goroutine",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				begin := time.Now()
				err := bounded.New("the reader").Call(ctx, func(ctx context.Context) error { return tt.do(ctx, release) })
				if took := time.Since(begin); took != tt.took {
					t.Errorf("it took %s, want %s", took, tt.took)
				}
				if got := failure.Message(err); got != tt.want {
					t.Errorf("got  %q\nwant %q", got, tt.want)
				}
				for _, is := range tt.is {
					if !errors.Is(err, is) {
						t.Errorf("error %v does not wrap %v", err, is)
					}
				}
				close(release)
			})
		})
	}
}

// A program that flushes every second while a callback hangs does not leak goroutines, and
// flushes again after the callback has returned.
func TestFlushesThatHangAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		started := make(chan struct{}, 100)
		c := bounded.New("the reader")
		flush := func() error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			return c.Flush(ctx, func(context.Context) error {
				started <- struct{}{}
				<-release
				return nil
			})
		}
		for range 20 {
			if err := flush(); !errors.Is(err, bounded.ErrLeftBehind) {
				t.Errorf("got %v", err)
			}
		}
		if n := len(started); n != 4 {
			t.Errorf("%d calls hang, want 4", n)
		}
		if err := flush(); err == nil || !strings.Contains(err.Error(), "has not returned from 4 earlier calls") {
			t.Errorf("got %v", err)
		}
		if n := c.Hanging(); n != 4 {
			t.Errorf("%d calls hang, want 4", n)
		}
		close(release)
		synctest.Wait()
		if n := c.Hanging(); n != 0 {
			t.Errorf("%d calls hang after all have returned", n)
		}
		if err := flush(); err != nil {
			t.Errorf("flush after all calls have returned: %v", err)
		}
	})
}

// Without a deadline, a call may run until the context is cancelled.
func TestCallWithoutDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Hour, func() { cancel(io.ErrClosedPipe) })
		release := make(chan struct{})
		defer close(release)
		err := bounded.New("it").Call(ctx, func(context.Context) error { <-release; return nil })
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("got %v", err)
		}
	})
}

// Code without a context is abandoned, too. It may return or panic later.
func TestWithinAbandonsHangingCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c := bounded.New("it")
		begin := time.Now()
		if c.Within(time.Second, func() { <-release }) || time.Since(begin) != time.Second || c.Hanging() != 1 {
			t.Errorf("Within waited for %s", time.Since(begin))
		}
		if !c.Within(time.Second, func() {}) || !c.Within(time.Second, func() { panic("boom") }) {
			t.Error("Within returned false for code that returned")
		}
		close(release)
		synctest.Wait()
		if c.Hanging() != 0 {
			t.Error("Hanging is not 0 after the code has returned")
		}
	})
}
