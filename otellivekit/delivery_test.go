// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"

	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

func newDeliveries() *deliveries { return &deliveries{handled: recent[uint64]{limit: maxHandled}} }

// claimed reports whether a delivery is the caller's to handle.
func (d delivery) claimed() bool { return d.state == unknown || d.state == untracked }

func TestDeliveryStates(t *testing.T) {
	now := time.Now()
	d := newDeliveries()
	first := d.begin("EV_1", 1, now)
	if first.state != unknown {
		t.Fatalf("the first delivery is in the state %d", first.state)
	}
	if again := d.begin("EV_1", 2, now.Add(time.Second)); again.state != inFlight || again.digest != 1 || !again.start.Equal(now) {
		t.Errorf("a delivery meanwhile gets %+v", again)
	}
	d.end(first, false)
	second := d.begin("EV_1", 1, now)
	if second.state != unknown {
		t.Errorf("after a failure, the delivery is in the state %d", second.state)
	}
	d.end(second, true)
	if again := d.begin("EV_1", 2, now); again.state != handled || again.digest != 1 {
		t.Errorf("after a success, a delivery gets %+v", again)
	}
	if len(d.inFlight) != 0 {
		t.Errorf("%d are in flight", len(d.inFlight))
	}
}

func TestEventWithoutAnIDIsNeverKnown(t *testing.T) {
	d := newDeliveries()
	a, b := d.begin("", 1, time.Now()), d.begin("", 1, time.Now())
	d.end(a, true)
	c := d.begin("", 1, time.Now())
	if !a.claimed() || !b.claimed() || !c.claimed() || len(d.inFlight) != 0 || len(d.handled.values) != 0 {
		t.Errorf("got %+v, %+v, %+v; %d in flight, %d handled", a, b, c, len(d.inFlight), len(d.handled.values))
	}
}

// The event that was handled first is forgotten first, whenever it came.
func TestOldestHandledEventIsForgottenFirst(t *testing.T) {
	d := newDeliveries()
	now := time.Now()
	long := d.begin("EV_long", 0, now) // In flight all the while.
	for i := range maxHandled + 1 {
		d.end(d.begin(fmt.Sprint("EV_", i), 0, now), true)
	}
	if got := d.begin("EV_long", 0, now); got.state != inFlight {
		t.Errorf("what is in flight was forgotten: state %d", got.state)
	}
	d.end(long, true) // The newest now.
	for id, want := range map[string]state{"EV_0": unknown, "EV_1": unknown, "EV_2": handled, fmt.Sprint("EV_", maxHandled): handled, "EV_long": handled} {
		if got := d.begin(id, 0, now); got.state != want {
			t.Errorf("%s is in the state %d, want %d", id, got.state, want)
		}
	}
	if len(d.handled.values) != maxHandled || len(d.handled.order) != maxHandled {
		t.Errorf("%d are remembered in the order of %d", len(d.handled.values), len(d.handled.order))
	}
}

func TestHandlersThatNeverReturnTakeBoundedMemory(t *testing.T) {
	d := newDeliveries()
	now := time.Now()
	stuck := make([]delivery, maxInFlight)
	for i := range stuck {
		stuck[i] = d.begin(fmt.Sprint("EV_stuck", i), 0, now)
	}
	// An event that arrives then is handled, and recognised again afterwards.
	a, b := d.begin("EV_1", 0, now), d.begin("EV_1", 0, now)
	if a.state != untracked || b.state != untracked || len(d.inFlight) != maxInFlight {
		t.Errorf("states %d and %d, %d in flight", a.state, b.state, len(d.inFlight))
	}
	d.end(stuck[0], false)
	c := d.begin("EV_1", 0, now) // There is room again, and it is known from now on.
	d.end(a, false)
	if got := d.begin("EV_1", 0, now); c.state != unknown || got.state != inFlight {
		t.Errorf("the end of an untracked delivery took another's entry: states %d and %d", c.state, got.state)
	}
	d.end(b, true)
	if got := d.begin("EV_1", 0, now); got.state != handled {
		t.Errorf("state %d, want handled", got.state)
	}
	d.end(c, false)
	if got := d.begin("EV_1", 0, now); got.state != handled {
		t.Errorf("state %d, want handled still", got.state)
	}
}

func TestWarningOnceAMinute(t *testing.T) {
	d := newDeliveries()
	now := time.Now()
	for i, want := range []bool{true, false, false, true} {
		if got := d.warn(now.Add(time.Duration(i) * 20 * time.Second)); got != want {
			t.Errorf("after %d s: warns %v, want %v", 20*i, got, want)
		}
	}
}

// Events are not lost because thousands of handlers hang, and an operator can see that they
// do.
func TestEventsAreHandledWhileThousandsAreInFlight(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	var calls int
	h, ok := Webhook(tel.Telemetry, auth.NewSimpleKeyProvider("key", "secret"), func(context.Context, *livekit.WebhookEvent) error {
		calls++
		return nil
	}).(*hook)
	if !ok {
		t.Fatal("the handler is another type")
	}
	for i := range maxInFlight {
		h.deliveries.begin(fmt.Sprint("EV_stuck", i), 0, time.Now())
	}
	for _, id := range []string{"EV_1", "EV_2", "EV_2", ""} {
		body := []byte(`{"event": "room_started", "id": "` + id + `"}`)
		sum := sha256.Sum256(body)
		token, err := auth.NewAccessToken("key", "secret").SetValidFor(time.Minute).SetSha256(base64.StdEncoding.EncodeToString(sum[:])).ToJWT()
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(body))
		r.Header.Set("Authorization", token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Errorf("%s: status %d", id, w.Code)
		}
	}
	lines, err := rec.Lines()
	if err != nil {
		t.Fatal(err)
	}
	warnings := 0
	for _, line := range lines {
		if line["level"] == "WARN" {
			warnings++
		}
	}
	if calls != 3 || warnings != 1 || len(h.deliveries.inFlight) != maxInFlight {
		t.Errorf("handled %d, want 3; %d warnings, want one; %d in flight", calls, warnings, len(h.deliveries.inFlight))
	}
}

func TestLongIDsAreRememberedByTheirHash(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	d := newDeliveries()
	own := d.begin(long, 0, time.Now())
	if got := d.begin(long+"y", 0, time.Now()); got.state != unknown {
		t.Errorf("another id is taken for the same: %+v", got)
	}
	d.end(own, true)
	if got := d.begin(long, 0, time.Now()); got.state != handled {
		t.Errorf("state %d, want handled", got.state)
	}
	for k := range maps.Keys(d.inFlight) {
		if len(k) > maxKey {
			t.Errorf("a key of %d bytes", len(k))
		}
	}
	for k := range maps.Keys(d.handled.values) {
		if len(k) > maxKey {
			t.Errorf("a key of %d bytes", len(k))
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for age, want := range map[time.Duration]int{
		-time.Hour: 1, 0: 1, time.Millisecond: 1, time.Second: 1, 1001 * time.Millisecond: 2, 4 * time.Second: 4, 8 * time.Second: 8, time.Hour: 8, 1<<63 - 1: 8,
	} {
		if got := retryAfter(age); got != want {
			t.Errorf("after %v: %d s, want %d s", age, got, want)
		}
	}
}

// FuzzDeliveries compares deliveries that begin and end in any order with what must be: an
// event is handled by one delivery at a time, and by none after it was.
func FuzzDeliveries(f *testing.F) {
	f.Add([]byte{0, 1, 128, 0, 64, 2, 192})
	f.Add([]byte("\x00\x00\x80\x00\xc0\x00"))
	f.Fuzz(func(t *testing.T, ops []byte) {
		d := newDeliveries()
		open, done := make(map[string]delivery), make(map[string]bool)
		for _, op := range ops {
			id := fmt.Sprint("EV_", op&7)
			own, busy := open[id]
			if op&128 != 0 {
				if busy {
					d.end(own, op&64 != 0)
					done[id] = op&64 != 0
					delete(open, id)
				}
				continue
			}
			want := unknown
			switch {
			case done[id]:
				want = handled
			case busy:
				want = inFlight
			}
			got := d.begin(id, uint64(op), time.Time{})
			if got.state != want {
				t.Fatalf("%s is in the state %d, want %d", id, got.state, want)
			}
			if got.claimed() {
				open[id] = got
			}
		}
		if len(d.inFlight) != len(open) {
			t.Fatalf("%d are in flight, want %d", len(d.inFlight), len(open))
		}
	})
}
