// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package tail_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/tail"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLines(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	var got []string
	err := tail.Lines(t.Context(), strings.NewReader("a\r\n\n"+long+"\nlast"), func(line []byte) error {
		got = append(got, string(line))
		return nil
	})
	if want := []string{"a", "", long, "last"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, got %d lines, %.100q", err, len(got), got)
	}
	full := errors.New("closed")
	if err := tail.Lines(t.Context(), strings.NewReader("a\nb\n"), func([]byte) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

// following follows a file. Each tick waits until the file was looked at.
type following struct {
	t     *testing.T
	name  string
	ticks chan time.Time
	lines chan string
	end   func() error
}

func follow(t *testing.T, name string, last int) *following {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	f := &following{t: t, name: name, ticks: make(chan time.Time), lines: make(chan string, 100)}
	done := make(chan error, 1)
	go func() {
		done <- tail.Follow(ctx, name, last, f.ticks, func(line []byte) error {
			f.lines <- string(line)
			return nil
		})
	}()
	f.end = func() error {
		cancel()
		return <-done
	}
	return f
}

// want checks the lines that were given up to now.
func (f *following) want(want ...string) {
	f.t.Helper()
	f.ticks <- time.Time{} // It is taken once all that there was has been read.
	f.ticks <- time.Time{} // And again, once what came since has been.
	var got []string
	for len(f.lines) > 0 {
		got = append(got, <-f.lines)
	}
	if !slices.Equal(got, want) {
		f.t.Errorf("got %q, want %q", got, want)
	}
}

func (f *following) append(text string) {
	f.t.Helper()
	file, err := os.OpenFile(f.name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = file.WriteString(text)
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

func TestFollow(t *testing.T) {
	name := filepath.Join(t.TempDir(), "agent.jsonl")
	if err := os.WriteFile(name, []byte("one\ntwo\nthree\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := follow(t, name, 2)
	f.want("two", "three")
	f.append("fo")
	f.want()
	f.append("ur\nfive\n")
	f.want("four", "five")
	// Rotated by renaming.
	f.append("last of the old\n")
	if err := os.Rename(name, name+".1"); err != nil {
		t.Fatal(err)
	}
	f.append("first of the new\n")
	f.want("last of the old", "first of the new")
	// Cut off, as copytruncate does.
	if err := os.Truncate(name, 0); err != nil {
		t.Fatal(err)
	}
	f.want()
	f.append("again\n")
	f.want("again")
	// Away for a while.
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	f.want()
	f.append("back\n")
	f.want("back")
	f.append("no end")
	f.want()
	if err := f.end(); err != nil || len(f.lines) != 1 || <-f.lines != "no end" {
		t.Errorf("ended with %v", err)
	}
}

func TestLastLines(t *testing.T) {
	name := filepath.Join(t.TempDir(), "agent.jsonl")
	text := strings.Repeat(strings.Repeat("x", 999)+"\n", 300)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for last, want := range map[int]int{0: 0, 1: 1, 70: 70, 90: 90} {
		f := follow(t, name, last)
		f.want(slices.Repeat([]string{strings.Repeat("x", 999)}, want)...)
		if err := f.end(); err != nil {
			t.Error(err)
		}
	}
}
