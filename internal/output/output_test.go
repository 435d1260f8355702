// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package output_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/internal/output"
)

// longest is the limit for how long a caller may be blocked.
const longest = 10 * time.Millisecond

// gate is a writer that can be blocked.
type gate struct {
	mu    sync.Mutex
	held  chan struct{} // Nil while it accepts lines.
	delay time.Duration
	fail  error
	text  bytes.Buffer
	calls int
}

func (g *gate) Write(p []byte) (int, error) {
	g.mu.Lock()
	held, delay := g.held, g.delay
	g.mu.Unlock()
	if held != nil {
		<-held
	}
	if delay > 0 {
		<-time.After(delay)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls++
	if g.fail != nil {
		return 0, g.fail
	}
	return g.text.Write(p)
}

func (g *gate) hold() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = make(chan struct{})
}

func (g *gate) release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.held)
	g.held = nil
}

func (g *gate) set(change func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change()
}

func (g *gate) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calls
}

func (g *gate) lines() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.Split(strings.TrimSuffix(g.text.String(), "\n"), "\n")
}

// write writes a line and returns how long that took.
func write(t *testing.T, w *output.Writer, n int) time.Duration {
	t.Helper()
	start := time.Now()
	if _, err := fmt.Fprintf(w, "line %d\n", n); err != nil {
		t.Errorf("line %d: %v", n, err)
	}
	return time.Since(start)
}

func numbered(from, to int) (lines []string) {
	for n := from; n < to; n++ {
		lines = append(lines, fmt.Sprintf("line %d", n))
	}
	return lines
}

// While an output accepts lines, each is written when Write returns.
func TestLineIsWrittenWhenWriteReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		w := output.New(g, output.Options{})
		for n := range 100 {
			write(t, w, n)
			if got := g.lines(); len(got) != n+1 {
				t.Fatalf("after line %d there are %d lines", n, len(got))
			}
		}
		if g.calls != 100 {
			t.Errorf("100 lines took %d writes", g.calls)
		}
	})
}

// An output that hangs blocks one caller for some milliseconds, and no other; when it accepts
// lines again all are written in order.
func TestHangingOutputDelaysNoOtherCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reported []string
		var mu sync.Mutex
		g := &gate{}
		w := output.New(g, output.Options{Name: "console", Report: func(_ slog.Level, message string, _ ...slog.Attr) {
			mu.Lock()
			defer mu.Unlock()
			reported = append(reported, message)
		}})
		write(t, w, 0)
		g.hold()
		held := time.Duration(0)
		for n := 1; n < 500; n++ {
			held += write(t, w, n)
		}
		if held > longest {
			t.Errorf("callers were blocked for %v in total, want at most %v", held, longest)
		}
		if got := w.Waiting(); got != 499 {
			t.Errorf("%d lines are queued, want 499", got)
		}
		<-time.After(2 * time.Second)
		g.release()
		synctest.Wait()
		write(t, w, 500)
		synctest.Wait()
		write(t, w, 501)
		if got, want := g.lines(), numbered(0, 502); !slices.Equal(got, want) {
			t.Errorf("the lines are %v, want those from 0 to 501 in order", got)
		}
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if want := []string{"log output blocked, queueing lines", "log output accepts lines again"}; !slices.Equal(reported, want) {
			t.Errorf("reported %q, want %q", reported, want)
		}
	})
}

// An output that takes 50 ms for each line does not delay a turn of several lines by that time
// for each line.
func TestSlowOutputDelaysATurnOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{delay: 50 * time.Millisecond}
		w := output.New(g, output.Options{})
		held := time.Duration(0)
		for n := range 20 {
			held += write(t, w, n)
			<-time.After(100 * time.Millisecond)
		}
		if held > longest {
			t.Errorf("20 lines took %v, want at most %v", held, longest)
		}
		g.set(func() { g.delay = 0 })
		write(t, w, 20)
		synctest.Wait()
		write(t, w, 21)
		if got := len(g.lines()); got != 22 {
			t.Errorf("a recovered output has %d lines when Write returns, want 22", got)
		}
	})
}

// Many callers of an output that takes 3 ms for each line do not wait for each other.
func TestSlowOutputOfManyCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{delay: 3 * time.Millisecond}
		w := output.New(g, output.Options{})
		var wg sync.WaitGroup
		for n := range 100 {
			wg.Go(func() {
				if took := write(t, w, n); took > 2*longest {
					t.Errorf("a caller was blocked for %v", took)
				}
			})
		}
		wg.Wait()
		if err := w.ForceFlush(t.Context()); err != nil {
			t.Error(err)
		}
		if got := len(g.lines()); got != 100 {
			t.Errorf("%d lines, want 100", got)
		}
	})
}

// A full queue drops the newest lines, and each is an error of Write.
func TestFullQueueDropsAndCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reported := make(chan string, 10)
		g := &gate{}
		g.hold()
		w := output.New(g, output.Options{MaxBytes: 1000, Report: func(_ slog.Level, message string, _ ...slog.Attr) { reported <- message }})
		kept, dropped := 0, 0
		for range 200 {
			switch _, err := io.WriteString(w, "0123456789\n"); {
			case err == nil:
				kept++
			case errors.Is(err, output.ErrFull):
				dropped++
			default:
				t.Fatal(err)
			}
		}
		if kept != 1000/11 || dropped != 200-kept {
			t.Errorf("%d lines were kept and %d dropped", kept, dropped)
		}
		g.release()
		if err := w.ForceFlush(t.Context()); err != nil {
			t.Error(err)
		}
		if got := len(g.lines()); got != kept {
			t.Errorf("%d lines were written, want the %d that were kept", got, kept)
		}
		if got := <-reported; !strings.Contains(got, "dropping lines") {
			t.Errorf("reported %q", got)
		}
	})
}

// Lines that fail after their Write had returned are counted, and the first is reported.
func TestLateFailureIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan error, 10)
		g := &gate{}
		g.hold()
		w := output.New(g, output.Options{Failed: func(err error) { failed <- err }})
		for n := range 10 {
			write(t, w, n)
		}
		broken := errors.New("the disk is gone")
		g.set(func() { g.fail = broken })
		g.release()
		if err := w.ForceFlush(t.Context()); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if got := w.LostLate(); got != 10 {
			t.Errorf("%d lines were counted, want 10", got)
		}
		if len(failed) != 1 || !errors.Is(<-failed, broken) {
			t.Errorf("Failed was called %d more times, want one call", len(failed))
		}
	})
}

// If the output does not block, Write returns its error, and the line is not counted again.
func TestWriteReturnsTheError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{fail: io.ErrClosedPipe}
		w := output.New(g, output.Options{})
		if _, err := io.WriteString(w, "x\n"); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("the error is %v", err)
		}
		if w.LostLate() != 0 {
			t.Error("the line was counted twice")
		}
	})
}

// Shutdown and ForceFlush of an output that hangs return when their context ends, and report how
// many lines are lost.
func TestShutdownOfAHangingOutput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		g.hold()
		w := output.New(g, output.Options{Name: "console"})
		for n := range 10 {
			write(t, w, n)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if err := w.ForceFlush(ctx); err == nil || !strings.Contains(err.Error(), "10 lines") {
			t.Errorf("ForceFlush: %v", err)
		}
		if err := w.Shutdown(ctx); err == nil || !strings.Contains(err.Error(), "console: 10 lines were not written") {
			t.Errorf("Shutdown: %v", err)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("Shutdown took %v", took)
		}
		if got := w.LostLate(); got != 10 {
			t.Errorf("%d lines are counted as lost, want 10", got)
		}
		g.release()
		synctest.Wait()
		if got, want := g.lines(), numbered(0, 1); !slices.Equal(got, want) || w.LostLate() != 9 {
			t.Errorf("wrote %v, lost %d lines; want the line that was being written, and 9", got, w.LostLate())
		}
		write(t, w, 1)
		synctest.Wait()
		if got, want := g.lines(), numbered(0, 2); !slices.Equal(got, want) {
			t.Errorf("after Shutdown the lines are %v, want %v", got, want)
		}
	})
}

// Repeated flushes of an output that hangs accumulate no goroutines.
func TestFlushesOfAHangingOutputLeakNoGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		g.hold()
		w := output.New(g, output.Options{})
		write(t, w, 0)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 1000 {
			_ = w.ForceFlush(ctx)
		}
		if got := output.Entries(w); got != 2 {
			t.Errorf("%d entries are queued, want the line and one marker", got)
		}
		g.release()
		if err := w.ForceFlush(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Buffered lines are written together: when the buffer is full, when the first line has waited for
// the interval, and by Sync.
func TestBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		flushes := 0
		g := &gate{}
		w := output.New(g, output.Options{Buffer: 100, Interval: time.Minute, Flush: func() error { flushes++; return nil }})
		for n := range 5 {
			write(t, w, n)
		}
		if got := g.count(); got != 0 {
			t.Errorf("%d lines were written at once", got)
		}
		<-time.After(time.Minute)
		synctest.Wait()
		if g.count() != 5 || flushes != 1 {
			t.Errorf("after the interval there are %d lines and %d flushes, want 5 and 1", g.count(), flushes)
		}
		for n := 5; n < 30; n++ {
			write(t, w, n)
		}
		synctest.Wait()
		if g.count() < 15 {
			t.Errorf("a full buffer was not written: the output has %d lines", g.count())
		}
		w.Sync()
		if got, want := g.lines(), numbered(0, 30); !slices.Equal(got, want) {
			t.Errorf("after Sync the lines are %v", got)
		}
		g.hold()
		write(t, w, 30)
		start := time.Now()
		w.Sync()
		if took := time.Since(start); took > longest {
			t.Errorf("Sync of an output that hangs took %v", took)
		}
		g.release()
		if err := w.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if got, want := g.lines(), numbered(0, 31); !slices.Equal(got, want) {
			t.Errorf("after Shutdown the lines are %v", got)
		}
	})
}

// A writer that panics, ends its goroutine or writes half a line loses only that line.
func TestBadWriters(t *testing.T) {
	for name, bad := range map[string]func(w io.Writer, p []byte) (int, error){
		"panics":             func(io.Writer, []byte) (int, error) { panic("no") },
		"ends its goroutine": func(io.Writer, []byte) (int, error) { runtime.Goexit(); return 0, nil },
		"writes half":        func(w io.Writer, p []byte) (int, error) { return w.Write(p[:len(p)/2]) },
		"counts too much":    func(_ io.Writer, p []byte) (int, error) { return len(p) + 5, errors.New("no") },
		"counts below zero":  func(io.Writer, []byte) (int, error) { return -1, errors.New("no") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &gate{}
				w := output.New(writerFunc(func(p []byte) (int, error) {
					if bytes.Contains(p, []byte("bad")) {
						return bad(g, p)
					}
					return g.Write(p)
				}), output.Options{})
				write(t, w, 0)
				if _, err := io.WriteString(w, "bad line\n"); err == nil {
					t.Error("the error is nil")
				}
				write(t, w, 1)
				synctest.Wait()
				got := g.lines()
				if got[0] != "line 0" || got[len(got)-1] != "line 1" {
					t.Errorf("the lines are %q", got)
				}
			})
		})
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// Whatever an output does, each line is written once and in the order of its caller, or its Write
// failed, or it was counted later.
func TestEveryLostLineIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		g := &gate{}
		w := output.New(g, output.Options{MaxBytes: 4000})
		const callers, each = 20, 300
		var wg sync.WaitGroup
		var mu sync.Mutex
		refused := 0
		for c := range callers {
			wg.Go(func() {
				for n := range each {
					if _, err := fmt.Fprintf(w, "%d %d\n", c, n); err != nil {
						mu.Lock()
						refused++
						mu.Unlock()
					}
					<-time.After(time.Millisecond)
				}
			})
		}
		wg.Go(func() {
			for range 50 {
				<-time.After(time.Duration(random.IntN(20)) * time.Millisecond)
				g.set(func() { g.delay = time.Duration(random.IntN(3)) * 5 * time.Millisecond })
				g.hold()
				<-time.After(time.Duration(random.IntN(40)) * time.Millisecond)
				g.set(func() { g.delay = 0 })
				g.release()
			}
		})
		wg.Wait()
		if err := w.ForceFlush(t.Context()); err != nil {
			t.Fatal(err)
		}
		lines := g.lines()
		if len(lines)+refused != callers*each || w.LostLate() != 0 {
			t.Errorf("%d lines and %d refused, want %d in all", len(lines), refused, callers*each)
		}
		last := make(map[int]int)
		for _, line := range lines {
			var c, n int
			if _, err := fmt.Sscan(line, &c, &n); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			if before, ok := last[c]; ok && n <= before {
				t.Fatalf("caller %d: line %d follows line %d", c, n, before)
			}
			last[c] = n
		}
	})
}

// A pipe that is not read blocks no caller; when it is read, every line arrives, complete and in
// order.
func TestUnreadPipe(t *testing.T) {
	r, pipe, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	w := output.New(pipe, output.Options{})
	const lines = 2000 // 200 kB; a pipe holds 64 kB.
	padding := strings.Repeat("x", 90)
	slowest := time.Duration(0)
	for n := range lines {
		start := time.Now()
		if _, err := fmt.Fprintf(w, "%d %s\n", n, padding); err != nil {
			t.Fatal(err)
		}
		slowest = max(slowest, time.Since(start))
	}
	if slowest > time.Second {
		t.Errorf("a line took %v", slowest)
	}
	t.Logf("the slowest line took %v", slowest)
	go func() {
		_ = w.ForceFlush(context.Background())
		_ = pipe.Close()
	}()
	n := 0
	for scanner := bufio.NewScanner(r); scanner.Scan(); n++ {
		if want := fmt.Sprintf("%d %s", n, padding); scanner.Text() != want {
			t.Fatalf("line %d is %q", n, scanner.Text())
		}
	}
	if n != lines {
		t.Errorf("%d lines arrived, want %d", n, lines)
	}
}

// Write to a pipe whose reader is closed returns an error.
func TestBrokenPipe(t *testing.T) {
	r, pipe, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	_ = r.Close()
	w := output.New(pipe, output.Options{})
	if _, err := io.WriteString(w, "x\n"); err == nil {
		t.Error("the error is nil")
	}
}

// A hanging write of the program to the same file blocks no caller either.
func TestFileWithAnotherHangingWrite(t *testing.T) {
	r, pipe, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	hangs := make(chan struct{})
	go func() {
		defer close(hangs)
		_, _ = pipe.Write(make([]byte, 1<<20))
	}()
	w := output.New(pipe, output.Options{})
	for n := range 1000 {
		write(t, w, n)
	}
	_ = r.Close()
	<-hangs
	_ = w.ForceFlush(t.Context())
	_ = pipe.Close()
}

// A healthy line allocates nothing.
func TestAllocations(t *testing.T) {
	line := []byte("a line\n")
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for name, w := range map[string]*output.Writer{
		"file": output.New(null, output.Options{}), "writer": output.New(io.Discard, output.Options{}), "buffer": output.New(io.Discard, output.Options{Buffer: 1 << 10}),
	} {
		if got := testing.AllocsPerRun(1000, func() { _, _ = w.Write(line) }); got > 0 {
			t.Errorf("%s: a line allocates %v times", name, got)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	line := []byte(strings.Repeat("x", 511) + "\n")
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	file, err := os.Create(b.TempDir() + "/file")
	if err != nil {
		b.Fatal(err)
	}
	for _, bb := range []struct {
		name string
		w    io.Writer
	}{
		{"null/direct", null},
		{"null/output", output.New(null, output.Options{})},
		{"file/direct", file},
		{"file/output", output.New(file, output.Options{})},
		{"file/buffered", output.New(file, output.Options{Buffer: 64 << 10})},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := bb.w.Write(line); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
