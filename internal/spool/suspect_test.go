// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/deadletter"
	"github.com/voice-agents/telemetry/internal/spool/delivery"
	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// scripted is an endpoint without a network, for tests in a fake clock.
type scripted struct {
	answer func(body string) collector.Answer

	mu    sync.Mutex
	took  []string
	asked map[string][]time.Time
}

func (c *scripted) taken() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.took)
}

func (c *scripted) Send(_ context.Context, r segment.Request) collector.Answer {
	body := string(r.Payload)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked[body] = append(c.asked[body], time.Now())
	a := c.answer(body)
	if a.Err == nil {
		c.took = append(c.took, body)
	}
	return a
}

func (*scripted) Compresses() bool { return false }
func (*scripted) Host() string     { return "http://scripted" }
func (*scripted) Close()           {}

var internalError = collector.Answer{Err: errors.New("http://scripted: 500 Internal Server Error"), Verdict: collector.Suspect}

// scripting returns a spool that delivers logs to a scripted endpoint.
func scripting(t *testing.T, cfg queue.Config, script func(body string) collector.Answer) (*Spool, *scripted, func(body string)) {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c := &scripted{answer: script, asked: make(map[string][]time.Time)}
	q := queue.NewQueue(segment.Logs, s.cfg, &report.Stats{}, s.report)
	sender := delivery.NewSender(q, c, s.dead, s.closing)
	s.senders = append(s.senders, sender)
	s.running.Go(func() { sender.Run(s.ctx) })
	return s, c, func(body string) {
		t.Helper()
		if err := q.Put(segment.Request{At: time.Now(), Items: 1, Payload: []byte(body)}); err != nil {
			t.Fatal(err)
		}
	}
}

// A collector answers 500 to everything for a while, as one that runs out of memory does.
// No request is lost, and all arrive in order soon after.
func TestOutageOf500sLosesNothing(t *testing.T) {
	for _, outage := range []time.Duration{40 * time.Second, 10 * time.Minute, 20 * time.Hour} {
		for _, disk := range []bool{false, true} {
			t.Run(outage.String()+", disk "+strconv.FormatBool(disk), func(t *testing.T) {
				dir := ""
				if disk {
					dir = t.TempDir()
				}
				synctest.Test(t, func(t *testing.T) {
					back := time.Now().Add(outage)
					s, c, put := scripting(t, queue.Config{Dir: dir}, func(string) collector.Answer {
						if time.Now().Before(back) {
							return internalError
						}
						return collector.Answer{}
					})
					var want []string
					for i := range 200 {
						want = append(want, strconv.Itoa(i))
						put(want[i])
						<-time.After(outage / 200)
					}
					<-time.After(time.Minute)
					if h := s.Health()[0]; h.Requests > 0 || h.Sent != 200 || len(h.Dropped) > 0 || !h.Delivering {
						t.Errorf("a minute after the outage: %+v", h)
					}
					got := c.taken()
					slices.SortFunc(got, func(a, b string) int { return slices.Index(want, a) - slices.Index(want, b) })
					if !slices.Equal(got, want) {
						t.Errorf("%d of %d requests were accepted", len(got), len(want))
					}
					late, order := 0, c.taken()
					for i := 1; i < len(order); i++ {
						if slices.Index(want, order[i]) < slices.Index(want, order[i-1]) {
							late++
						}
					}
					if late > delivery.DeepestProbe || outage < time.Minute && late > 0 {
						t.Errorf("%d requests are out of order", late)
					}
					if err := s.Shutdown(t.Context()); err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

// Requests on which the collector fails do not delay the others, however many are in a row. They are
// retried less and less often for a day and then become dead letters.
func TestRequestsOnWhichTheCollectorAlwaysFailsBecomeDeadLetters(t *testing.T) {
	for _, poisons := range []int{1, 2, 20} {
		t.Run(strconv.Itoa(poisons), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s, c, put := scripting(t, queue.Config{Dir: dir}, func(body string) collector.Answer {
					if strings.HasPrefix(body, "poison") {
						return internalError
					}
					return collector.Answer{}
				})
				for i := range poisons {
					put("poison" + strconv.Itoa(i))
				}
				put("good")
				<-time.After(3 * time.Minute)
				if len(c.taken()) != 1 {
					t.Fatal("a good request was not delivered within three minutes")
				}
				for i := range 24 * 60 {
					put("good" + strconv.Itoa(i))
					synctest.Wait()
					if len(c.taken()) != i+2 {
						t.Fatal("a good request was not delivered at once")
					}
					<-time.After(time.Minute)
				}
				h := s.Health()[0]
				if h.Dropped[report.ReasonExpired] != int64(poisons) || h.Requests > 0 {
					t.Errorf("after a day: %+v", h)
				}
				c.mu.Lock()
				asked := c.asked["poison0"]
				c.mu.Unlock()
				if n := len(asked); n < 100 || n > 250 {
					t.Errorf("the request was tried %d times in a day, want 100 to 250", n)
				}
				err := s.ForceFlush(t.Context())
				if err == nil || !strings.Contains(err.Error(), strconv.Itoa(poisons)+" log records expired: http://scripted: 500 Internal Server Error") {
					t.Errorf("flush: %v", err)
				}
				if err := s.Shutdown(t.Context()); err == nil {
					t.Error("Shutdown returned no error for the lost requests")
				}
			})
			b, err := os.ReadFile(filepath.Join(dir, deadletter.FileName))
			if err != nil || strings.Count(string(b), "\n") != poisons {
				t.Errorf("the dead letters are %s, %v", b, err)
			}
		})
	}
}

// If a collector fails on all of a few requests, the collector is at fault: no request is dropped,
// and all arrive when it is repaired.
func TestSingleRequestSurvives500s(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		back := time.Now().Add(5 * time.Hour)
		s, c, put := scripting(t, queue.Config{}, func(string) collector.Answer {
			if time.Now().Before(back) {
				return internalError
			}
			return collector.Answer{}
		})
		put("one")
		<-time.After(5*time.Hour + time.Minute)
		if !slices.Equal(c.taken(), []string{"one"}) || len(s.Health()[0].Dropped) > 0 {
			t.Errorf("took %v, health %+v", c.taken(), s.Health())
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Shutdown delivers the requests behind one on which the collector fails, and keeps that one on disk.
func TestShutdownGetsPastARequestOnWhichTheCollectorFails(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, c, put := scripting(t, queue.Config{Dir: dir}, func(body string) collector.Answer {
			if body == "poison" {
				return internalError
			}
			return collector.Answer{}
		})
		put("poison")
		synctest.Wait()
		put("good")
		put("better")
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if !slices.Equal(c.taken(), []string{"good", "better"}) {
			t.Errorf("took %v", c.taken())
		}
	})
	if left, err := filepath.Glob(filepath.Join(dir, "*"+segment.SegmentSuffix)); err != nil || len(left) == 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// The size limit is doubled from time to time, less and less often while the proxy still rejects the
// larger size, until there is no limit.
func TestLimitIsRaisedAfterTheProxyIsReconfigured(t *testing.T) {
	t.Parallel()
	now := time.Now()
	var l delivery.SizeLimit
	const proxy, whole = 1 << 20, 2 << 20
	attempts := 0
	day := func(repaired bool) {
		for end := now.Add(24 * time.Hour); now.Before(end); now = now.Add(time.Second) {
			size := whole
			for l.Exceeded(size, now) {
				size /= 2
			}
			if size > proxy && !repaired {
				attempts++
				l.Refused(size, now)
			} else {
				l.Accepted(size)
			}
		}
	}
	day(false)
	if attempts > 40 {
		t.Errorf("%d requests were refused in a day", attempts)
	}
	day(true)
	if l.Bytes != 0 {
		t.Errorf("a day after the proxy was repaired the limit is %d bytes, want none", l.Bytes)
	}
}
