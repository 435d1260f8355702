// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/ui"
)

// clickOn clicks on an element as a mouse does.
func clickOn(selector string) chromedp.Action { return chromedp.Click(selector, chromedp.ByQuery) }

const span = `document.querySelector("#picture").ariaLabel`

func TestCall(t *testing.T) {
	s := newServer(t)
	fill(s)
	b := newTab(t, 1280, "light")
	b.open(s.URL+"/#/calls/sess_full?turn=5&stage=ccc1000000000005", "#details h2")

	// The deep link selects the stage.
	b.wantText("#details", "chat gpt-4o-mini", "req_second", "Attempts", "error 429", "1,200, of them 1,024 cached", "40")
	b.wantText("main", "Call sess_full", "booked", "user hangup", "user 42 %, agent 58 %", "0.0423 USD", "short-answers", "6, 1 slow, 1 interrupted")
	b.wantText("#turns", "2.41 s", "710 ms", "interrupted", "slow")
	b.wantText(".transcript", "Good morning, I need a table for four.")
	for _, mark := range []string{"barge-in", "underrun", "dtmf", "hold", "transfer"} {
		if !value[bool](b, fmt.Sprintf(`document.querySelector(".lane-marks").textContent.includes(%q)`, mark)) {
			t.Errorf("the picture has no %s", mark)
		}
	}
	for selector, want := range map[string]int{".lane-user .overlap": 1, ".lane-agent .dead": 1, ".lane-agent .queued": 6, ".lane-stt .stage": 6, ".lane-llm .error": 1, ".lane-media .bad": 1} {
		if got := value[int](b, fmt.Sprintf("document.querySelectorAll(%q).length", selector)); got < want {
			t.Errorf("the picture has %d of %s, want %d", got, selector, want)
		}
	}

	// A click on a stage shows it, and its log lines and attributes.
	b.run(clickOn(`.lane-llm [data-key="s:ccc0000000000005"] rect`))
	b.wait(`document.querySelector("#details").innerText.includes("attempt 1 failed: 429, retrying")`)
	b.wait(`location.hash.includes("stage=ccc0000000000005") && location.hash.includes("t=")`)

	// Keys move, zoom and clear.
	b.run(chromedp.Focus("#picture", chromedp.ByQuery))
	whole := value[string](b, span)
	b.press("+", "+")
	b.wait(span + " !== " + quote(whole))
	b.press("0")
	b.wait(span + " === " + quote(whole))
	b.press(escape)
	b.wait(`document.querySelector("#details").innerText.includes("Select a turn or a stage")`)
	b.press(down, down)
	b.wait(`document.querySelector("#details h2")?.innerText === "Turn 2"`)
	b.wait(`location.hash.includes("turn=2")`)
	b.press(right)
	b.wait(`document.querySelector("#details h2")?.innerText.includes("nova-3")`)
	b.press(enter)
	b.wait(`document.activeElement.id === "details"`)
	b.run(clickOn("#details header button"))
	b.wait(`document.activeElement.id === "picture"`)

	// The wheel zooms around the pointer, a double click fits.
	b.run(chromedp.Evaluate(`document.querySelector("#picture svg").dispatchEvent(new WheelEvent("wheel", {deltaY: -300, clientX: 600, clientY: 300, bubbles: true, cancelable: true})), 0`, nil))
	b.wait(span + " !== " + quote(whole))
	b.run(chromedp.DoubleClick("#picture svg", chromedp.ByQuery))
	b.wait(span + " === " + quote(whole))

	// Log lines are filtered.
	b.run(chromedp.SendKeys(`input[name="lines"]`, "underruns", chromedp.ByQuery))
	b.wait(`document.querySelector(".logs").innerText.includes("1 of 4")`)
}

func quote(text string) string {
	data, _ := json.Marshal(text)
	return string(data)
}

func TestRecordingIsAlignedWithTheLanes(t *testing.T) {
	s := newServer(t)
	fill(s)
	s.docs["sess_full"]["recording"].(object)["start"] = "2026-03-01T09:00:02Z"
	b := newTab(t, 1280, "light")
	b.open(s.URL+"/#/calls/sess_full", "audio")
	b.wait(`document.querySelector("audio").readyState >= 1`)
	if got := value[float64](b, `document.querySelector("audio").duration`); math.Abs(got-30) > 0.1 {
		t.Errorf("the recording has %v s, want 30", got)
	}
	// A click in a lane seeks: the recording starts 2 s after the call.
	b.run(clickOn(`.lane-user [data-key="user:1:0"] rect`))
	b.wait(`document.querySelector("audio").currentTime > 5`)
	at := value[float64](b, `Number(new URLSearchParams(location.hash.split("?")[1]).get("t"))`)
	got := value[float64](b, `document.querySelector("audio").currentTime`)
	if math.Abs(at-2-got) > 0.05 {
		t.Errorf("the player is at %v s for %v s of the call, want 2 s less", got, at)
	}
	// The line of the player moves while it plays.
	before := value[float64](b, `Number(document.querySelector("#cursor").getAttribute("x1"))`)
	b.run(chromedp.Evaluate(`document.querySelector("audio").muted = true`, nil), chromedp.Focus("#picture", chromedp.ByQuery))
	b.press("p")
	b.wait(fmt.Sprintf(`Number(document.querySelector("#cursor").getAttribute("x1")) > %v`, before))
	b.press("p")
	b.wait(`document.querySelector("audio").paused`)
}

func TestHostileTextsAreShownAsText(t *testing.T) {
	s := newServer(t)
	n := 0
	doc := spoil(fullCall(), &n).(object)
	// What the page needs to know what is what.
	doc["id"] = hostileTexts[1]
	for i, each := range doc["turns"].([]any) {
		each.(object)["index"] = i + 1
	}
	s.docs[hostileTexts[1]] = doc
	for _, id := range hostileTexts {
		r := spoil(row("x", nil), &n).(object)
		r["id"] = id
		s.calls = append(s.calls, r)
	}
	s.latency, s.compare, s.health = spoil(latencies(), &n), spoil(comparison(), &n), spoil(state(), &n)
	b := newTab(t, 1280, "light")
	for _, p := range []struct{ hash, ready, want string }{
		{"#/calls", "table.calls tbody tr", `<script>window.hostile=1</script>`},
		{"#/calls/" + url.PathEscape(hostileTexts[1]) + "?turn=1", "#details h2", `<img src=x onerror="window.hostile=1">`},
		{"#/calls/" + url.PathEscape(hostileTexts[1]) + "?turn=3", "#details h2", `window.hostile=1`},
		{"#/latency", "#points", "‹U+202E›"},
		{"#/compare?base_version=<script>&new_version=1", "table.compare", `<svg onload=window.hostile=1>`},
		{"#/health", ".cards", `window.hostile=1`},
		{"#/" + url.PathEscape(hostileTexts[0]), "main", "Calls"},
	} {
		t.Logf("open %.40s", p.hash)
		b.open(s.URL+"/"+p.hash, p.ready)
		b.run(chromedp.Evaluate(`document.querySelectorAll("details").forEach((d) => (d.open = true)), 0`, nil))
		b.wantText("main", p.want)
		b.wantNoOverflow()
		if value[bool](b, `"hostile" in window`) {
			t.Fatalf("%s: a script ran", p.hash)
		}
		if got := value[int](b, `document.querySelectorAll("main script, main iframe, main img, main b:not(.said b), [onerror], [onload], [onmouseover], a[href^='javascript']").length`); got != 0 {
			t.Errorf("%s: %d elements came from texts", p.hash, got)
		}
		if got := value[int](b, "document.body.innerText.length"); got > 300_000 {
			t.Errorf("%s: the page has %d characters", p.hash, got)
		}
	}
	b.shoot("hostile")
	b.open(s.URL+"/#/calls", "table.calls tbody tr")
	b.wantText("main", "1,048,576 characters")

	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	b.open(exported(t, data), "#picture")
	b.wantText("main", `<img src=x onerror="window.hostile=1">`)
	if value[bool](b, `"hostile" in window`) {
		t.Fatal("a script ran in the exported page")
	}
}

// exported writes a page that needs no server, and returns its address.
func exported(t *testing.T, document []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "call.html")
	if err := os.WriteFile(path, ui.Page(document), 0o644); err != nil {
		t.Fatal(err)
	}
	return "file://" + path
}

func TestExportedPageNeedsNoServer(t *testing.T) {
	data, err := json.Marshal(fullCall())
	if err != nil {
		t.Fatal(err)
	}
	address := exported(t, data)
	for _, scheme := range []string{"light", "dark"} {
		b := newTab(t, 1280, scheme)
		b.open(address+"#/calls?turn=5&stage=ccc1000000000005", "#details h2")
		b.wantText("main", "Call sess_full", "req_second", "2.41 s")
		if value[bool](b, `!!document.querySelector("audio, nav, .exports")`) {
			t.Error("the exported page has parts that need a server")
		}
		b.run(chromedp.Focus("#picture", chromedp.ByQuery))
		b.press(up)
		b.wait(`document.querySelector("#details h2")?.innerText === "Turn 4"`)
		b.wantAccessible()
		b.shoot("export-" + scheme)
	}
}

func TestManyTurns(t *testing.T) {
	const turns = 10_000
	s := newServer(t)
	s.docs["sess_many"] = manyTurns(turns)
	b := newTab(t, 1280, "light")
	began := time.Now()
	b.open(s.URL+"/#/calls/sess_many?turn=9000", "#details h2")
	t.Logf("a call of %d turns opened in %v", turns, time.Since(began).Round(time.Millisecond))
	b.wantText("#details h2", "Turn 9000")
	b.wait(`document.querySelector("#turns tr.selected")`)
	if got := value[int](b, "document.querySelectorAll('*').length"); got > 20_000 {
		t.Errorf("the page has %d elements, want 20,000 at most", got)
	}
	const zooms = `(() => { const svg = document.querySelector("#picture svg"), at = performance.now(); let n = 0;
		return new Promise((done) => { const step = () => { if (n++ === 30) return done((performance.now() - at) / 30);
			svg.dispatchEvent(new WheelEvent("wheel", {deltaY: n < 20 ? -100 : 100, clientX: 700, clientY: 200, bubbles: true, cancelable: true})); requestAnimationFrame(step); }; step(); }); })()`
	var each float64
	b.run(chromedp.Evaluate(zooms, &each, awaited))
	t.Logf("a step of zoom took %.0f ms", each)
	b.shoot("many")
	b.press("j")
	b.wait(`document.querySelector("#details h2")?.innerText === "Turn 9001"`)
}

func TestOpenCallGrows(t *testing.T) {
	s := newServer(t)
	open := func(n int) object {
		doc := manyTurns(n)
		doc["id"], doc["is_open"] = "sess_open", true
		delete(doc, "duration")
		return doc
	}
	s.docs["sess_open"] = open(30)
	b := newTab(t, 1280, "light")
	b.open(s.URL+"/#/calls/sess_open", "#turns tbody tr")
	b.wait(`document.querySelector(".live.on")`)
	b.wantText("h1", "live")
	b.run(chromedp.Focus("#picture", chromedp.ByQuery))
	b.press(down, down, down, "+", "+", "+")
	b.wait(`document.querySelector("#details h2")?.innerText === "Turn 3"`)
	b.run(chromedp.Evaluate(`document.querySelector("#turns").scrollTop = 300; document.querySelector(".lines").scrollTop = 40; scrollTo(0, 200), 0`, nil))
	const zoomed = "Picture of the call, from 0:12 to 0:39"
	b.wait(span + " === " + quote(zoomed)) // A page is drawn after a key.
	s.set(func() { s.docs["sess_open"] = open(31) })
	s.changed <- "sess_other"
	s.changed <- "sess_open"
	b.wait(`document.querySelector("#turns table").ariaRowCount === "32" || document.querySelector("#turns table").getAttribute("aria-rowcount") === "32"`)
	if got := value[string](b, span); got != zoomed {
		t.Errorf("the zoom changed: got %q, want %q", got, zoomed)
	}
	if got := value[[]float64](b, `[document.querySelector("#turns").scrollTop, document.querySelector(".lines").scrollTop, scrollY]`); got[0] != 300 || got[1] != 40 || got[2] != 200 {
		t.Errorf("the places of the scrolls are %v, want 300, 40 and 200", got)
	}
	b.wantText("#details h2", "Turn 3")
	if !strings.Contains(value[string](b, "location.hash"), "turn=3") {
		t.Error("the address lost the turn")
	}
}
