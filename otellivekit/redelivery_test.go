// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/webhook"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/voice-agents/telemetry/otellivekit"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

var errDatabase = errors.New("the database is down")

// endpoint is a Webhook behind a real server, and what its handler does.
type endpoint struct {
	*httptest.Server

	rec    *voicetest.Recorder
	handle atomic.Pointer[func(context.Context, *livekit.WebhookEvent) error]
	calls  atomic.Int64
}

func newEndpoint(t *testing.T) *endpoint {
	t.Helper()
	tel, rec := voicetest.Setup(t)
	e := &endpoint{rec: rec}
	e.Server = httptest.NewUnstartedServer(otellivekit.Webhook(tel.Telemetry, keys, func(ctx context.Context, event *livekit.WebhookEvent) error {
		e.calls.Add(1)
		return (*e.handle.Load())(ctx, event)
	}))
	e.Config.ErrorLog = log.New(io.Discard, "", 0) // Panics, which are the point here.
	e.Start()
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) does(handle func(context.Context, *livekit.WebhookEvent) error) {
	e.handle.Store(&handle)
}

// request is a signed delivery of a body.
func (e *endpoint) request(ctx context.Context, t *testing.T, body []byte) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = signed(t, body, "key", secret).Header
	return r
}

// deliver returns the status of a delivery, 0 if the connection broke, and its Retry-After.
func (e *endpoint) deliver(t *testing.T, body []byte) (status int, retryAfter string) {
	t.Helper()
	resp, err := e.Client().Do(e.request(t.Context(), t, body))
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	return resp.StatusCode, resp.Header.Get("Retry-After")
}

func succeeds(context.Context, *livekit.WebhookEvent) error { return nil }

// failures are the ways in which a handler can fail, and the status that its sender gets;
// 0 is a connection that breaks.
var failures = map[string]struct {
	handle func(context.Context, *livekit.WebhookEvent) error
	status int
}{
	"an error":          {func(context.Context, *livekit.WebhookEvent) error { return errDatabase }, 500},
	"a panic":           {func(context.Context, *livekit.WebhookEvent) error { panic("boom") }, 0},
	"an aborted answer": {func(context.Context, *livekit.WebhookEvent) error { panic(http.ErrAbortHandler) }, 0},
	"a goroutine that exits": {func(context.Context, *livekit.WebhookEvent) error {
		runtime.Goexit()
		return nil
	}, 0},
}

func TestEventIsHandledAgainAfterAFailure(t *testing.T) {
	for name, failure := range failures {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t)
			body := joined(t, "EV_1", "")
			for range 3 {
				e.does(failure.handle)
				if status, _ := e.deliver(t, body); status != failure.status {
					t.Errorf("status %d, want %d", status, failure.status)
				}
			}
			e.does(succeeds)
			if status, _ := e.deliver(t, body); status != http.StatusOK || e.calls.Load() != 4 {
				t.Errorf("delivered again: status %d after %d calls of the handler, want 200 after 4", status, e.calls.Load())
			}
			if status, _ := e.deliver(t, body); status != http.StatusOK || e.calls.Load() != 4 {
				t.Errorf("after it was handled: status %d, handled %d times, want 200 and 4", status, e.calls.Load())
			}
			e.Close() // Until the last handler has counted.
			for outcome, want := range map[string]int64{
				semconv.VoiceWebhookOutcomeFailed: 3, semconv.VoiceWebhookOutcomeAccepted: 1, semconv.VoiceWebhookOutcomeDuplicate: 1,
			} {
				if got := count(t, e.rec, outcome); got != want {
					t.Errorf("%s: counted %d, want %d", outcome, got, want)
				}
			}
			line := find(t, e.rec, "livekit webhook failed")
			if line["level"] != "ERROR" {
				t.Errorf("the failure's line is %v", line)
			}
		})
	}
}

// The first delivery is still with the handler when the event comes again. If it was
// answered with 200 then, and the first one failed, the event would be lost.
func TestEventRedeliveredWhileItIsHandled(t *testing.T) {
	outcomes := map[string]func(context.Context, *livekit.WebhookEvent) error{"a success": succeeds}
	for name, failure := range failures {
		outcomes[name] = failure.handle
	}
	for name, outcome := range outcomes {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t)
			body := joined(t, "EV_1", "")
			entered, release := make(chan struct{}), make(chan struct{})
			e.does(func(ctx context.Context, event *livekit.WebhookEvent) error {
				close(entered)
				<-release
				return outcome(ctx, event)
			})
			var first sync.WaitGroup
			first.Go(func() { e.deliver(t, body) })
			<-entered
			for range 3 {
				status, after := e.deliver(t, body)
				if seconds, err := strconv.Atoi(after); status != http.StatusServiceUnavailable || err != nil || seconds < 1 {
					t.Errorf("in flight: status %d, Retry-After %q", status, after)
				}
			}
			if got := count(t, e.rec, semconv.VoiceWebhookOutcomeInFlight); got != 3 || e.calls.Load() != 1 {
				t.Errorf("counted %d in flight, handled %d times, want 3 and once", got, e.calls.Load())
			}
			find(t, e.rec, "webhook redelivered while in flight")
			close(release)
			first.Wait()
			want := int64(2)
			if name == "a success" {
				want = 1
			}
			e.does(succeeds)
			if status, _ := e.deliver(t, body); status != http.StatusOK || e.calls.Load() != want {
				t.Errorf("after %s: status %d, handled %d times, want 200 and %d", name, status, e.calls.Load(), want)
			}
		})
	}
}

// The sender hangs up while the handler works. What counts is how the handler ends.
func TestSenderHangsUpInTheMiddle(t *testing.T) {
	for name, tc := range map[string]struct {
		ends func(context.Context) error
		want int64 // How often it is handled when it comes once more.
	}{
		"the handler goes on and succeeds": {func(context.Context) error { return nil }, 1},
		"the handler observes its context": {context.Cause, 2},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t)
			body := joined(t, "EV_1", "")
			entered, returned := make(chan struct{}), make(chan struct{})
			e.does(func(ctx context.Context, _ *livekit.WebhookEvent) error {
				defer close(returned)
				close(entered)
				<-ctx.Done()
				return tc.ends(ctx)
			})
			ctx, hangUp := context.WithCancel(t.Context())
			var first sync.WaitGroup
			first.Go(func() {
				if resp, err := e.Client().Do(e.request(ctx, t, body)); err == nil {
					resp.Body.Close()
					t.Error("the sender got an answer")
				}
			})
			<-entered
			hangUp()
			first.Wait()
			<-returned
			e.does(succeeds)
			status := http.StatusServiceUnavailable
			for status == http.StatusServiceUnavailable { // Until the toolkit has heard from the handler.
				status, _ = e.deliver(t, body)
			}
			if status != http.StatusOK || e.calls.Load() != tc.want {
				t.Errorf("status %d, handled %d times, want 200 and %d", status, e.calls.Load(), tc.want)
			}
		})
	}
}

func TestManyDeliveriesOfOneEventAreHandledOnce(t *testing.T) {
	e := newEndpoint(t)
	const many = 64
	var statuses [many]int
	release := make(chan struct{})
	e.does(func(context.Context, *livekit.WebhookEvent) error {
		<-release
		return nil
	})
	body := joined(t, "EV_1", "")
	var all, refused sync.WaitGroup
	refused.Add(many - 1)
	for i := range many {
		all.Go(func() {
			statuses[i], _ = e.deliver(t, body)
			if statuses[i] == http.StatusServiceUnavailable {
				refused.Done()
			}
		})
	}
	refused.Wait() // All but one have their answer while that one is handled.
	close(release)
	all.Wait()
	n := 0
	for _, status := range statuses {
		if status == http.StatusOK {
			n++
		}
	}
	if n != 1 || e.calls.Load() != 1 {
		t.Errorf("%d deliveries are answered with 200, and %d were handled, want one", n, e.calls.Load())
	}
}

func TestEventsWithoutAnIDAreAllHandled(t *testing.T) {
	e := newEndpoint(t)
	e.does(succeeds)
	body := joined(t, "", "")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if status, _ := e.deliver(t, body); status != http.StatusOK {
				t.Errorf("status %d", status)
			}
		})
	}
	all.Wait()
	if got := e.calls.Load(); got != 8 {
		t.Errorf("%d of 8 were handled", got)
	}
}

// LiveKit's ids are unique. Another event under the id of an earlier one is not handled,
// and an operator can see that.
func TestAnotherBodyUnderTheSameID(t *testing.T) {
	e := newEndpoint(t)
	entered, release := make(chan struct{}), make(chan struct{})
	e.does(func(context.Context, *livekit.WebhookEvent) error {
		close(entered)
		<-release
		return nil
	})
	body := joined(t, "EV_1", "")
	other, err := protojson.Marshal(&livekit.WebhookEvent{Event: webhook.EventRoomFinished, Id: "EV_1", Room: &livekit.Room{Name: "call-4711", Sid: "RM_1"}})
	if err != nil {
		t.Fatal(err)
	}
	var first sync.WaitGroup
	first.Go(func() { e.deliver(t, body) })
	<-entered
	if status, _ := e.deliver(t, other); status != http.StatusServiceUnavailable {
		t.Errorf("in flight: status %d", status)
	}
	close(release)
	first.Wait()
	if status, _ := e.deliver(t, other); status != http.StatusOK || e.calls.Load() != 1 {
		t.Errorf("handled: status %d, handled %d times", status, e.calls.Load())
	}
	for _, message := range []string{
		"webhook redelivered while in flight with a different body, not handled", "webhook redelivered with a different body, not handled",
	} {
		if line := find(t, e.rec, message); line["level"] != "WARN" {
			t.Errorf("the line is %v", line)
		}
	}
}

// An event whose handler never returns stays in flight whatever else arrives, and its sender
// never gets a success response.
func TestHandlerThatNeverReturns(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	entered, release := make(chan struct{}), make(chan struct{})
	h := otellivekit.Webhook(tel.Telemetry, keys, func(_ context.Context, event *livekit.WebhookEvent) error {
		if event.GetId() == "EV_stuck" {
			close(entered)
			<-release
		}
		return nil
	})
	status := func(body []byte) int {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, signed(t, body, "key", secret))
		return w.Code
	}
	var first sync.WaitGroup
	first.Go(func() { status(joined(t, "EV_stuck", "")) })
	<-entered
	for i := range 4200 { // More than are remembered.
		if got := status(joined(t, fmt.Sprint("EV_", i), "")); got != http.StatusOK {
			t.Fatalf("another event is answered with %d", got)
		}
	}
	if got := status(joined(t, "EV_stuck", "")); got != http.StatusServiceUnavailable {
		t.Errorf("status %d, want 503", got)
	}
	if got := status(joined(t, "EV_4199", "")); got != http.StatusOK {
		t.Errorf("a late one that comes again: status %d", got)
	}
	if got := count(t, rec, semconv.VoiceWebhookOutcomeDuplicate); got != 1 {
		t.Errorf("%d duplicates, want one", got)
	}
	close(release)
	first.Wait()
}

// Deliveries of a few events come in any order and as often as they like, and their
// handlers end as they like: at any time at most one handles an event, none does after it
// was handled, and no delivery is answered with 200 before.
func TestDeliveriesInAnyOrder(t *testing.T) {
	const events, senders, rounds = 6, 8, 60
	e := newEndpoint(t)
	type record struct {
		handling, handled atomic.Bool
	}
	var known [events]record
	e.does(func(_ context.Context, event *livekit.WebhookEvent) (err error) {
		n, _ := strconv.Atoi(strings.TrimPrefix(event.GetId(), "EV_"))
		r := &known[n]
		if !r.handling.CompareAndSwap(false, true) {
			t.Errorf("%s is handled twice at a time", event.GetId())
		}
		if r.handled.Load() {
			t.Errorf("%s is handled again", event.GetId())
		}
		for range rand.IntN(50) {
			runtime.Gosched()
		}
		how := rand.IntN(40)
		if how == 0 {
			r.handled.Store(true)
		}
		r.handling.Store(false)
		switch how {
		case 0:
			return nil
		case 1:
			panic("boom")
		case 2:
			panic(http.ErrAbortHandler)
		case 3:
			runtime.Goexit()
		}
		return errDatabase
	})
	var bodies [events][]byte
	for i := range bodies {
		bodies[i] = joined(t, fmt.Sprint("EV_", i), "")
	}
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for range rounds {
				n := rand.IntN(events)
				before := known[n].handled.Load()
				switch status, _ := e.deliver(t, bodies[n]); status {
				case http.StatusOK:
					if !known[n].handled.Load() {
						t.Errorf("EV_%d is answered with 200 and was not handled", n)
					}
				case http.StatusInternalServerError, 0:
					if before {
						t.Errorf("EV_%d failed after it was handled", n)
					}
				case http.StatusServiceUnavailable:
				default:
					t.Errorf("status %d", status)
				}
			}
		})
	}
	all.Wait()
	// Those which only failed are handled when they come once more.
	e.does(func(_ context.Context, event *livekit.WebhookEvent) error {
		n, _ := strconv.Atoi(strings.TrimPrefix(event.GetId(), "EV_"))
		if known[n].handled.Swap(true) {
			t.Errorf("%s is handled again", event.GetId())
		}
		return nil
	})
	for i := range bodies {
		status := http.StatusServiceUnavailable
		for status == http.StatusServiceUnavailable { // A handler that panicked may not have returned yet.
			status, _ = e.deliver(t, bodies[i])
		}
		if status != http.StatusOK || !known[i].handled.Load() {
			t.Errorf("EV_%d: status %d, handled %v", i, status, known[i].handled.Load())
		}
	}
}
