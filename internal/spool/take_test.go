// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// eachStore runs a test with requests on disk and with requests in memory.
func eachStore(t *testing.T, test func(t *testing.T, q *queue.Queue)) {
	t.Helper()
	for _, store := range []string{"disk", "memory"} {
		t.Run(store, func(t *testing.T) {
			cfg := queue.Config{}
			if store == "disk" {
				cfg.Dir = t.TempDir()
			}
			q := queue.NewQueue(segment.Logs, cfg.Filled(), &report.Stats{}, report.NewReporter())
			defer q.Close()
			test(t, q)
		})
	}
}

// putText puts a request of one item, or fails the test.
func putText(t *testing.T, q *queue.Queue, at time.Time, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if err := q.Put(segment.Request{At: at, Items: 1, Payload: []byte(text)}); err != nil {
			t.Fatal(err)
		}
	}
}

// takeText takes a request and fails the test if it is not the expected one.
func takeText(t *testing.T, q *queue.Queue, now time.Time, want string) segment.Request {
	t.Helper()
	r, ok, _, _ := q.Take(now)
	if !ok || string(r.Payload) != want {
		t.Fatalf("took %q, %t, want %q", r.Payload, ok, want)
	}
	return r
}

// A request that is set aside delays no other. It is retried when it is due, at most every other
// time.
func TestSetAsideRequestDelaysNoOther(t *testing.T) {
	eachStore(t, func(t *testing.T, q *queue.Queue) {
		t.Helper()
		now := time.Now()
		putText(t, q, now, "a", "b", "c", "d", "e")
		for _, text := range []string{"a", "b"} {
			q.SetAside(takeText(t, q, now, text), now.Add(time.Minute))
		}
		q.Settle(takeText(t, q, now, "c"))
		if d := q.Depth(); d.AsideRequests != 2 || d.AsideItems != 2 || d.Requests != 4 {
			t.Errorf("depth is %+v", d)
		}
		later := now.Add(2 * time.Minute)
		r := takeText(t, q, later, "a")
		if !r.WasAside {
			t.Error("WasAside is not set")
		}
		q.SetAside(r, later.Add(time.Minute))
		q.Settle(takeText(t, q, later, "d"))
		q.Settle(takeText(t, q, later, "b"))
		q.Settle(takeText(t, q, later, "e"))
		_, ok, changed, due := q.Take(later)
		if ok || changed == nil || !due.Equal(later.Add(time.Minute)) {
			t.Errorf("Take returned a request: %t; the next is due at %v", ok, due)
		}
		if empty, _ := q.Empty(); empty {
			t.Error("Empty returned true while a request is set aside")
		}
		q.RetryAside(later)
		q.Settle(takeText(t, q, later, "a"))
		if empty, _ := q.Empty(); !empty {
			t.Errorf("the queue is not empty: %+v", q.Depth())
		}
	})
}

// A request that is set aside and too old is given to the sender, not dropped.
func TestSetAsideRequestThatGrowsTooOld(t *testing.T) {
	eachStore(t, func(t *testing.T, q *queue.Queue) {
		t.Helper()
		now := time.Now()
		putText(t, q, now, "a", "b")
		q.SetAside(takeText(t, q, now, "a"), now.Add(1000*time.Hour))
		late := now.Add(q.Cfg.MaxAge + time.Second)
		if r := takeText(t, q, late, "a"); !r.WasAside {
			t.Error("WasAside is not set")
		} else {
			q.Settle(r)
		}
		if _, ok, _, _ := q.Take(late); ok {
			t.Error("a request that is too old was taken")
		}
		if got := q.Stats.Drops(); got[report.ReasonExpired] != 1 || len(got) != 1 {
			t.Errorf("dropped %v, want b", got)
		}
	})
}

// The undelivered rest of a split request replaces it.
func TestReplaceKeepsTheUndeliveredRest(t *testing.T) {
	eachStore(t, func(t *testing.T, q *queue.Queue) {
		t.Helper()
		now := time.Now()
		putText(t, q, now, "a", "bb", "c")
		q.SetAside(takeText(t, q, now, "a"), now.Add(time.Hour))
		r := takeText(t, q, now, "bb")
		q.Replace(r, segment.Request{Items: 1, Payload: []byte("b")})
		for _, want := range []string{"b", "c"} {
			r := takeText(t, q, now, want)
			if !r.At.Equal(now) {
				t.Errorf("%s has the time %v, want %v", want, r.At, now)
			}
			q.Settle(r)
		}
	})
}

// A request that was dropped from a full queue while it was being sent is still delivered, set aside
// or put back.
func TestDroppedWhileItIsSent(t *testing.T) {
	for name, end := range map[string]func(q *queue.Queue, r segment.Request){
		"settled":   (*queue.Queue).Settle,
		"put back":  (*queue.Queue).PutBack,
		"set aside": func(q *queue.Queue, r segment.Request) { q.SetAside(r, r.At) },
		"replaced":  func(q *queue.Queue, r segment.Request) { q.Replace(r, r) },
	} {
		t.Run(name, func(t *testing.T) {
			eachStore(t, func(t *testing.T, q *queue.Queue) {
				t.Helper()
				now := time.Now()
				putText(t, q, now, "a", "b")
				r := takeText(t, q, now, "a")
				for q.DropOldest(q.Cfg.Dir == "", report.ReasonFull) {
				}
				if d := q.Depth(); d.Requests != 1 {
					t.Errorf("%d requests wait, want the one that is being sent", d.Requests)
				}
				end(q, r)
				if name != "settled" {
					q.Settle(takeText(t, q, now, "a"))
				}
				if empty, _ := q.Empty(); !empty {
					t.Errorf("the queue is not empty: %+v", q.Depth())
				}
				if got := q.Stats.Drops(); got[report.ReasonFull] != 1 {
					t.Errorf("dropped %v, want b", got)
				}
			})
		})
	}
}

// Requests that are set aside are stored like all others: the next process sends them, and those
// that are only in memory are counted as lost at shutdown.
func TestSetAsideAtShutdown(t *testing.T) {
	eachStore(t, func(t *testing.T, q *queue.Queue) {
		t.Helper()
		now := time.Now()
		var want []string
		for i := range 3 {
			want = append(want, fmt.Sprint(i))
		}
		putText(t, q, now, want...)
		q.SetAside(takeText(t, q, now, "0"), now.Add(time.Hour))
		lost, _ := q.Close()
		if q.Cfg.Dir == "" {
			if lost != 3 {
				t.Errorf("%d are counted as lost, want 3", lost)
			}
			return
		}
		next := queue.NewQueue(segment.Logs, q.Cfg, &report.Stats{}, report.NewReporter())
		defer next.Close()
		next.Adopt()
		var got []string
		for {
			r, ok, _, _ := next.Take(now)
			if !ok {
				break
			}
			got = append(got, string(r.Payload))
			next.Settle(r)
		}
		if !slices.Equal(got, want) || lost != 0 {
			t.Errorf("the next process has %v, want %v; lost %d", got, want, lost)
		}
	})
}
