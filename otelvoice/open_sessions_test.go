// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package otelvoice_test

import (
	"io"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// heap returns the bytes that are in use, and how many objects were allocated so far.
func heap() (inUse int64, allocated uint64) {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // Finalizers and pools of the first.
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc), m.Mallocs
}

// quiet sets up telemetry that discards spans and lines.
func quiet(t *testing.T, opts ...otelvoice.Option) *voicesdk.SDK {
	t.Helper()
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(), variables(),
		voicesdk.WithLogWriter(io.Discard), voicesdk.WithSpanProcessor(dropped{}), voicesdk.WithInstrumentation(opts...))
	if err != nil {
		t.Fatal(err)
	}
	return tel
}

// Sessions that a program drops without End stay until Shutdown, which ends them: with at most 8 KiB
// each, and without goroutines. docs/watching.md says so. Shutdown is bounded: the clock of the bubble waits for
// a slow machine.
func TestSessionsThatAreNeverEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const sessions, most = 10_000, 8 << 10
		tel := quiet(t)
		goroutines := runtime.NumGoroutine()
		before, _ := heap()
		for range sessions {
			_, session := tel.StartSession(t.Context())
			session.OnSlowTurn(func(otelvoice.SlowTurn) {})
			_, turn := session.StartTurn(t.Context())
			turn.Mark(otelvoice.UserStopped)
		}
		open, _ := heap()
		if each := (open - before) / sessions; each > most {
			t.Errorf("each session has %d bytes, want at most %d", each, most)
		} else {
			t.Logf("each session has %d bytes", each)
		}
		if n := runtime.NumGoroutine(); n > goroutines {
			t.Errorf("%d goroutines, and %d before", n, goroutines)
		}
		if n := len(tel.Sessions()); n != sessions {
			t.Errorf("%d open sessions, want %d", n, sessions)
		}
		if err := tel.Telemetry.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		after, _ := heap()
		if left := after - before; left > (open-before)/10 {
			t.Errorf("%d of %d bytes are left after Shutdown", left, open-before)
		}
		if n := len(tel.Sessions()); n != 0 {
			t.Errorf("%d open sessions after Shutdown", n)
		}
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// What a thousand open sessions cost: the turns of one cost as with one, and lines and snapshots a few
// allocations for each session.
func TestCostOfOpenSessions(t *testing.T) {
	const sessions = 1000
	synctest.Test(t, func(t *testing.T) {
		tel := quiet(t)
		defer func() { _ = tel.Shutdown(t.Context()) }()
		ctx, first := tel.StartSession(t.Context())
		alone := testing.AllocsPerRun(100, func() { benchTurn(ctx, first) })
		for range sessions - 1 {
			_, session := tel.StartSession(t.Context())
			_, turn := session.StartTurn(t.Context())
			turn.Mark(otelvoice.UserStarted)
		}
		if among := testing.AllocsPerRun(100, func() { benchTurn(ctx, first) }); among > alone+1 {
			t.Errorf("%v allocations of a turn, and %v with one session", among, alone)
		}
		if each := testing.AllocsPerRun(5, func() { tel.Sessions() }) / sessions; each > 5 {
			t.Errorf("a snapshot has %v allocations a session, want at most 5", each)
		} else {
			t.Logf("a snapshot: %v allocations a session", each)
		}
		<-time.After(time.Minute) // The first lines fill pools.
		synctest.Wait()
		_, before := heap()
		<-time.After(time.Minute)
		synctest.Wait()
		_, after := heap()
		if each := float64(after-before) / sessions; each > 18 || each < 5 { // Without lines it has fewer.
			t.Errorf("a heartbeat has %v allocations a session, want 5 to 18", each)
		} else {
			t.Logf("a heartbeat: %v allocations a session", each)
		}
	})
}
