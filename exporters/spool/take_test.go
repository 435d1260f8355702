// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// eachStore runs a test with requests on disk and with requests in memory.
func eachStore(t *testing.T, test func(t *testing.T, q *queue)) {
	t.Helper()
	for _, store := range []string{"disk", "memory"} {
		t.Run(store, func(t *testing.T) {
			cfg := Config{}
			if store == "disk" {
				cfg.Dir = t.TempDir()
			}
			q := newQueue(Logs, cfg.filled(), &stats{}, newTeller())
			defer q.close()
			test(t, q)
		})
	}
}

// putText puts a request of one item, or fails the test.
func putText(t *testing.T, q *queue, at time.Time, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if err := q.put(request{at: at, items: 1, payload: []byte(text)}); err != nil {
			t.Fatal(err)
		}
	}
}

// takeText takes a request that must be there.
func takeText(t *testing.T, q *queue, now time.Time, want string) request {
	t.Helper()
	r, ok, _, _ := q.take(now)
	if !ok || string(r.payload) != want {
		t.Fatalf("took %q, %t, want %q", r.payload, ok, want)
	}
	return r
}

// A request that is set aside holds up no other, and is tried again when it is due, at most
// every other time.
func TestSetAsideRequestHoldsUpNoOther(t *testing.T) {
	eachStore(t, func(t *testing.T, q *queue) {
		t.Helper()
		now := time.Now()
		putText(t, q, now, "a", "b", "c", "d", "e")
		for _, text := range []string{"a", "b"} {
			q.setAside(takeText(t, q, now, text), now.Add(time.Minute))
		}
		q.settle(takeText(t, q, now, "c"))
		if d := q.depth(); d.asideRequests != 2 || d.asideItems != 2 || d.requests != 4 {
			t.Errorf("depth is %+v", d)
		}
		later := now.Add(2 * time.Minute)
		r := takeText(t, q, later, "a")
		if !r.wasAside {
			t.Error("it is not said that the request was set aside")
		}
		q.setAside(r, later.Add(time.Minute))
		q.settle(takeText(t, q, later, "d"))
		q.settle(takeText(t, q, later, "b"))
		q.settle(takeText(t, q, later, "e"))
		_, ok, changed, due := q.take(later)
		if ok || changed == nil || !due.Equal(later.Add(time.Minute)) {
			t.Errorf("took one: %t; the next is due at %v", ok, due)
		}
		if empty, _ := q.empty(); empty {
			t.Error("the queue is empty, and one is set aside")
		}
		q.retryAside(later)
		q.settle(takeText(t, q, later, "a"))
		if empty, _ := q.empty(); !empty {
			t.Errorf("the queue is not empty: %+v", q.depth())
		}
	})
}

// A request that is set aside is handed to its sender when it is too old, and not dropped.
func TestSetAsideRequestThatGrowsTooOld(t *testing.T) {
	eachStore(t, func(t *testing.T, q *queue) {
		t.Helper()
		now := time.Now()
		putText(t, q, now, "a", "b")
		q.setAside(takeText(t, q, now, "a"), now.Add(1000*time.Hour))
		late := now.Add(q.cfg.MaxAge + time.Second)
		if r := takeText(t, q, late, "a"); !r.wasAside {
			t.Error("it is not said that the request was set aside")
		} else {
			q.settle(r)
		}
		if _, ok, _, _ := q.take(late); ok {
			t.Error("a request that is too old was taken")
		}
		if got := q.stats.drops(); got[reasonExpired] != 1 || len(got) != 1 {
			t.Errorf("dropped %v, want b", got)
		}
	})
}

// The rest of a request that was split takes its place.
func TestReplacedByItsRest(t *testing.T) {
	eachStore(t, func(t *testing.T, q *queue) {
		t.Helper()
		now := time.Now()
		putText(t, q, now, "a", "bb", "c")
		q.setAside(takeText(t, q, now, "a"), now.Add(time.Hour))
		r := takeText(t, q, now, "bb")
		q.replace(r, request{items: 1, payload: []byte("b")})
		for _, want := range []string{"b", "c"} {
			r := takeText(t, q, now, want)
			if !r.at.Equal(now) {
				t.Errorf("%s is of %v, want %v", want, r.at, now)
			}
			q.settle(r)
		}
	})
}

// What was dropped for want of room while it was being sent is still delivered, set aside or
// put back.
func TestDroppedWhileItIsSent(t *testing.T) {
	for name, end := range map[string]func(q *queue, r request){
		"settled":   (*queue).settle,
		"put back":  (*queue).putBack,
		"set aside": func(q *queue, r request) { q.setAside(r, r.at) },
		"replaced":  func(q *queue, r request) { q.replace(r, r) },
	} {
		t.Run(name, func(t *testing.T) {
			eachStore(t, func(t *testing.T, q *queue) {
				t.Helper()
				now := time.Now()
				putText(t, q, now, "a", "b")
				r := takeText(t, q, now, "a")
				for q.dropOldest(q.cfg.Dir == "", reasonFull) {
				}
				if d := q.depth(); d.requests != 1 {
					t.Errorf("%d requests wait, want that which is being sent", d.requests)
				}
				end(q, r)
				if name != "settled" {
					q.settle(takeText(t, q, now, "a"))
				}
				if empty, _ := q.empty(); !empty {
					t.Errorf("the queue is not empty: %+v", q.depth())
				}
				if got := q.stats.drops(); got[reasonFull] != 1 {
					t.Errorf("dropped %v, want b", got)
				}
			})
		})
	}
}

// Requests that are set aside are stored as all others are: the next process sends them, and
// what is only in memory is counted at the end.
func TestSetAsideAtTheEnd(t *testing.T) {
	eachStore(t, func(t *testing.T, q *queue) {
		t.Helper()
		now := time.Now()
		var want []string
		for i := range 3 {
			want = append(want, fmt.Sprint(i))
		}
		putText(t, q, now, want...)
		q.setAside(takeText(t, q, now, "0"), now.Add(time.Hour))
		lost, _ := q.close()
		if q.cfg.Dir == "" {
			if lost != 3 {
				t.Errorf("%d are counted as lost, want 3", lost)
			}
			return
		}
		next := newQueue(Logs, q.cfg, &stats{}, newTeller())
		defer next.close()
		next.adopt()
		var got []string
		for {
			r, ok, _, _ := next.take(now)
			if !ok {
				break
			}
			got = append(got, string(r.payload))
			next.settle(r)
		}
		if !slices.Equal(got, want) || lost != 0 {
			t.Errorf("the next process has %v, want %v; lost %d", got, want, lost)
		}
	})
}
