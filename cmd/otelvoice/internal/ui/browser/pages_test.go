// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// fill puts a bit of everything into a server.
func fill(s *server) {
	s.calls = []object{
		row("sess_full", nil),
		row("sess_open", object{"is_open": true, "duration": nil, "outcome": nil, "end_reason": nil, "latencies": []float64{0.6}, "turns": 1, "start": "2026-03-01T09:05:00Z"}),
		row("sess_bad", object{"outcome": "transferred", "errors": 2, "slow_turns": 1, "interruptions": 3, "latencies": []float64{0.7, 2.4, 3.1, 0.8}, "version": "1.5.0"}),
		row("sess_none", object{"agent": nil, "version": nil, "channel": nil, "cost": nil, "latencies": nil, "outcome": nil, "end_reason": nil, "turns": 0, "start": nil}),
	}
	s.docs["sess_full"] = fullCall()
	s.latency, s.compare, s.health = latencies(), comparison(), state()
}

func TestPages(t *testing.T) {
	s := newServer(t)
	fill(s)
	for _, p := range []struct{ name, hash, ready string }{
		{"calls", "#/calls", "table.calls tbody tr"},
		{"call", "#/calls/sess_full?turn=5&stage=ccc0000000000005", "#details h2"},
		{"turn", "#/calls/sess_full?turn=3", "#details h2"},
		{"latency", "#/latency", "#points canvas"},
		{"compare", "#/compare", "table.compare"},
		{"health", "#/health", ".cards"},
	} {
		t.Run(p.name, func(t *testing.T) {
			b := newTab(t, 1280, "light")
			for _, width := range []int64{1280, 390} {
				for _, scheme := range []string{"light", "dark"} {
					b.look(width, scheme)
					b.open(s.URL+"/"+p.hash, p.ready)
					b.wait(`document.querySelector(".live.on")`)
					b.shoot(fmt.Sprintf("%s-%d-%s", p.name, width, scheme))
					b.wantNoOverflow()
					b.wantAccessible()
				}
			}
		})
	}
}

func TestCalls(t *testing.T) {
	s := newServer(t)
	fill(s)
	s.next = "cursor"
	b := newTab(t, 1280, "light")
	b.open(s.URL+"/", "table.calls tbody tr")
	b.wantText("main", "sess_full", "booked", "2 errors", "3 interruptions", "1 slow", "0.0423 USD", "live", "42.1 s")

	// The keys choose and open; the selection stays if the list is read again.
	b.press("j", "j", "k", "j")
	b.wait(`document.querySelector("tr.selected")?.innerText.includes("sess_full")`)
	s.set(func() {
		s.calls = append([]object{row("sess_new", object{"start": "2026-03-01T10:00:00Z"})}, s.calls...)
	})
	s.changed <- "sess_new"
	b.wait(`document.querySelector("table.calls").innerText.includes("sess_new")`)
	b.wantText("tr.selected", "sess_full")
	b.press(enter)
	b.wait(`location.hash.startsWith("#/calls/sess_full")`)
	b.wait(`document.querySelector("#picture")`)

	// Filters and searches are asked of the server, and are in the address.
	b.open(s.URL+"/#/calls", "table.calls tbody tr")
	b.press("/")
	b.wait(`document.activeElement.id === "search"`)
	b.run(chromedp.Evaluate(`document.activeElement.value = ""`, nil)) // A key from here is typed, although the page took it.
	b.press("b", "o", "o", "k")
	b.wait(`location.hash.includes("text=book")`)
	b.run(clickOn(`input[name="slow"]`))
	b.wait(`location.hash.includes("slow=1")`)
	b.wait(`document.querySelector("table.calls")`)
	for name, want := range map[string]string{"text": "book", "slow": "1"} {
		if !s.wasAsked(name, want) {
			t.Errorf("the server was not asked for %s=%s", name, want)
		}
	}

	// The columns sort, and the next page is added.
	b.open(s.URL+"/#/calls?sort=errors", "table.calls tbody tr")
	b.wantText("table.calls tbody tr", "sess_bad")
	b.run(clickOn("main p > button"))
	b.wait(`document.querySelector("table.calls").innerText.includes("sess_older")`)
	if !s.wasAsked("before", "cursor") {
		t.Error("the server was not asked for the next page")
	}
}

func TestLatencyPointsLeadToTheirCalls(t *testing.T) {
	s := newServer(t)
	fill(s)
	b := newTab(t, 1280, "light")
	b.open(s.URL+"/#/latency?by=model", "#points canvas")
	b.wantText("main", "gpt-4o-mini", "610 ms", "1.82 s", "transcription", "unknown")
	at := value[[]float64](b, `(() => { const o = document.querySelector("#points .u-over"); o.scrollIntoView(); const r = o.getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })()`)
	// Somewhere in the plot there is a point: a click at its place opens its call.
	b.wait(fmt.Sprintf(`(() => {
		const over = document.querySelector("#points .u-over");
		if (!over) return true;
		for (let x = 20; x < %v; x += 9) for (let y = 60; y < %v; y += 9) {
			const place = {clientX: %v + x, clientY: %v + y, bubbles: true};
			over.dispatchEvent(new MouseEvent("mousemove", place));
		}
		return true;
	})()`, at[2], at[3], at[0], at[1]))
	b.wantText(".slowest", "turn 1")
	b.run(clickOn(".slowest a"))
	b.wait(`/^#\/calls\/sess_\d+\?turn=\d$/.test(location.hash)`)
}

func TestCompareSaysWhatIsSignificant(t *testing.T) {
	s := newServer(t)
	fill(s)
	b := newTab(t, 1280, "light")
	b.open(s.URL+"/#/compare?base_version=1.4.0&new_version=1.5.0", "table.compare")
	b.wantText("main", "120 turns of 20 calls", "significant: slower", "significant: faster", "no significant difference", "+90 ms")
	if !s.wasAsked("base", "version=1.4.0") || !s.wasAsked("new", "version=1.5.0") {
		t.Error("the server was not asked for the two versions")
	}
}

func TestEmptyPagesSayWhatToDo(t *testing.T) {
	s := newServer(t)
	s.calls, s.health = []object{}, state()
	b := newTab(t, 390, "dark")
	for hash, want := range map[string]string{
		"#/calls":           "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:14318 OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf your-agent",
		"#/calls?text=none": "No call matches the filter",
		"#/latency":         "No turn has a response latency",
		"#/compare":         "Nothing to compare",
	} {
		b.open(s.URL+"/"+hash, ".empty, .cards")
		b.wantText("main", want)
		b.wantAccessible()
		b.wantNoOverflow()
	}
	for address, want := range map[string]string{
		"grpc://[::]:14317": "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:14317 OTEL_EXPORTER_OTLP_PROTOCOL=grpc your-agent",
		"":                  "This viewer shows files and receives nothing",
	} {
		s.set(func() { s.health = object{"listening": strings.Fields(address)} })
		b.open(s.URL+"/#/calls", ".empty")
		b.wantText("main", want)
	}
	b.open(s.URL+"/#/health", ".cards")
	b.wantText("main", "Nothing was dropped")
	b.wantAccessible()
	b.wantNoOverflow()
	s.set(func() { s.docs["sess_0"] = object{"id": "sess_0", "is_open": true} })
	b.open(s.URL+"/#/calls/sess_0", "#picture")
	b.wantText("main", "No turn arrived yet", "No log line arrived", "in progress")
	b.wantAccessible()
}

// A browser has six connections to a server: pages that are not seen have none.
func TestHiddenPagesHoldNoConnection(t *testing.T) {
	s := newServer(t)
	fill(s)
	b := newTab(t, 1280, "light")
	for range 8 {
		b.open(s.URL+"/#/calls", "table.calls")
	}
	listeners := func(want int32) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); s.listeners.Load() != want; {
			if time.Now().After(deadline) {
				t.Fatalf("%d connections wait for changes, want %d", s.listeners.Load(), want)
			}
			<-time.After(10 * time.Millisecond)
		}
	}
	listeners(1)
	see := func(state string) {
		b.run(chromedp.Evaluate(`Object.defineProperty(document, "visibilityState", { value: "`+state+`", configurable: true }), document.dispatchEvent(new Event("visibilitychange"))`, nil))
	}
	see("hidden")
	listeners(0)
	s.set(func() { s.calls = []object{{"id": "sess_new", "agent": "the one that came meanwhile"}} })
	see("visible")
	b.wait(`document.querySelector("table.calls").innerText.includes("the one that came meanwhile")`)
	listeners(1)
}

func TestErrorsOfTheServerAreShown(t *testing.T) {
	s := newServer(t)
	b := newTab(t, 1280, "light")
	b.open(s.URL+"/#/calls/sess_unknown", ".problem")
	b.wantText(".problem", "there is no call of this ID (HTTP 404)")
	s.set(func() { s.fail = "the database is <b>locked</b>" })
	for _, hash := range []string{"#/calls", "#/calls/x", "#/latency", "#/compare", "#/health"} {
		b.open(s.URL+"/"+hash, ".problem")
		b.wantText(".problem", "the database is <b>locked</b> (HTTP 500)")
	}
}
