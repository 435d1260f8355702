// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package spool

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// TestMain runs the tests, or the part of a test that needs a process of its own.
func TestMain(m *testing.M) {
	if dir := os.Getenv("SPOOL_TEST_DIR"); dir != "" {
		os.Exit(deliverAndExit(dir, os.Getenv("SPOOL_TEST_URL"), os.Getenv("SPOOL_TEST_FILES")))
	}
	verify(m)
}

// deliverAndExit is a process that delivers the requests of a directory, with a limit on its
// descriptors.
func deliverAndExit(dir, url, files string) int {
	if n, err := strconv.ParseUint(files, 10, 32); err == nil {
		limit := syscall.Rlimit{}
		if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
			return 2
		}
		limit.Cur = rlimit(n, limit.Max)
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
			return 2
		}
	}
	s, err := New(queue.Config{Dir: dir})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if _, err := s.Transport(segment.Logs, collector.Endpoint{URL: url}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	err = s.ForceFlush(ctx)
	if err == nil {
		err = s.Shutdown(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// process starts a process that delivers.
func process(t *testing.T, dir, url string, files int) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), "SPOOL_TEST_DIR="+dir, "SPOOL_TEST_URL="+url)
	if files > 0 {
		cmd.Env = append(cmd.Env, "SPOOL_TEST_FILES="+strconv.Itoa(files))
	}
	cmd.Stderr = os.Stderr
	must(t, cmd.Start())
	return cmd
}

// A service that was restarted 350 times in an outage starts with few available descriptors and
// delivers all requests.
func TestRestartsInAnOutageWithFewDescriptors(t *testing.T) {
	dir := t.TempDir()
	want := leave(t, dir, segment.Logs, 350)
	c := newCollector(t)
	if err := process(t, dir, c.URL, 40).Wait(); err != nil {
		t.Error(err)
	}
	if got := c.got(); !slices.Equal(got, want) {
		t.Errorf("%d arrived, want %d", len(got), len(want))
	}
}

// Processes that share a directory send each leftover once.
func TestProcessesShareLeftovers(t *testing.T) {
	dir := t.TempDir()
	want := leave(t, dir, segment.Logs, 300)
	c := newCollector(t)
	var all []*exec.Cmd
	for range 3 {
		all = append(all, process(t, dir, c.URL, 0))
	}
	for _, cmd := range all {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	got := c.got()
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%d arrived, want %d, each once", len(got), len(want))
	}
}

// A killed process leaves its files to the next; only the request in flight may arrive twice.
func TestKilledProcessLeavesItsFiles(t *testing.T) {
	dir := t.TempDir()
	want := leave(t, dir, segment.Logs, 100)
	c := newCollector(t)
	reached, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	c.answers(func(n int, _ http.ResponseWriter, _ string) bool {
		if n == 50 {
			once.Do(func() { close(reached) })
			<-release
		}
		return true
	})
	first := process(t, dir, c.URL, 0)
	<-reached
	must(t, first.Process.Kill())
	_ = first.Wait() // It was killed.
	close(release)
	if err := process(t, dir, c.URL, 0).Wait(); err != nil {
		t.Error(err)
	}
	got := c.got()
	slices.Sort(got)
	if !slices.Equal(slices.Compact(slices.Clone(got)), want) || len(got) > len(want)+1 {
		t.Errorf("%d arrived, want %d", len(got), len(want))
	}
}

// rlimit converts a limit to the type that the system has for it.
func rlimit[N int64 | uint64](n uint64, of N) N { return min(N(n), of) }
