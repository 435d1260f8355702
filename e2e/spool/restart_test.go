// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A service is shut down ten times in the middle of a hundred calls. It does not crash, and no item is
// lost that was recorded before.
func TestShutdownInTheMiddleOfCalls(t *testing.T) {
	t.Parallel()
	b, _ := newFronted(t)
	var begins []time.Time
	for range 10 {
		var stderr bytes.Buffer
		service := exec.Command(b.program, "-ledger", b.ledger, "-abrupt", "-pause", "20ms")
		service.Env, service.Stderr = append(os.Environ(), b.env...), &stderr
		if err := service.Start(); err != nil {
			t.Fatal(err)
		}
		during(500 * time.Millisecond)
		if err := service.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := service.Wait(); err != nil {
			t.Errorf("the service failed: %v: %s", err, stderr.String())
		}
		_, at, _ := strings.Cut(stderr.String(), "shutdown begins: ")
		at, _, _ = strings.Cut(at, "\n")
		nanoseconds, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			t.Fatalf("%v: %s", err, stderr.String())
		}
		begins = append(begins, time.Unix(0, nanoseconds))
	}
	v := b.judge(t)
	// A line is logged just after its ledger entry, when Shutdown may have begun.
	const moment = 200 * time.Millisecond
	for _, e := range v.Lost {
		late := false
		for _, begin := range begins {
			late = late || e.At.After(begin.Add(-moment)) && e.At.Before(begin.Add(10*time.Second)) && e.At.Before(nextStart(begins, begin))
		}
		if !late {
			t.Errorf("an item was lost that was recorded before any shutdown: %v", e)
		}
	}
	// Shutdown and the call end spans of one trace concurrently, so their order is not checked.
	if v.Twice > 0 || v.Foreign > 0 {
		t.Error(v)
	}
}

// nextStart is the earliest time at which the service after a shutdown may have started.
func nextStart(begins []time.Time, begin time.Time) time.Time {
	for _, b := range begins {
		if b.After(begin) {
			return b.Add(-300 * time.Millisecond)
		}
	}
	return begin.Add(time.Minute)
}

// A service with few descriptors is restarted many times while the collector is down. It starts each
// time, and everything arrives in the end.
func TestManyRestartsDuringOutage(t *testing.T) {
	t.Parallel()
	b, front := newFronted(t)
	front.Instead(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	const restarts, descriptors = 40, 40
	for range restarts {
		var stderr bytes.Buffer
		service := exec.Command("sh", "-c", fmt.Sprintf(`ulimit -n %d && exec "$0" "$@"`, descriptors), b.program, "-ledger", b.ledger, "-calls", "20")
		service.Env, service.Stderr = append(os.Environ(), b.env...), &stderr
		if err := service.Start(); err != nil {
			t.Fatal(err)
		}
		during(300 * time.Millisecond)
		if err := service.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := service.Wait(); err != nil {
			t.Fatalf("the service failed: %v: %s", err, stderr.String())
		}
	}
	segments, err := filepath.Glob(filepath.Join(b.spool, "*.spool"))
	if err != nil || len(segments) < descriptors {
		t.Fatalf("%d segments are left, %v: too few for this test", len(segments), err)
	}
	t.Logf("%d segments are left", len(segments))
	front.Instead(nil)
	b.drain(t)
	b.complete(t, 0)
}
