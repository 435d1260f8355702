// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// looks are the pages of a call of the example at each width and in each colours.
func looks(b *tab, address, ready, name string) {
	b.t.Helper()
	for _, width := range []int64{1280, 390} {
		for _, scheme := range []string{"light", "dark"} {
			b.look(width, scheme)
			b.open(address, ready)
			b.wait(`document.querySelector(".live.on")`)
			b.shoot(fmt.Sprintf("agent-%s-%d-%s", name, width, scheme))
			b.wantNoOverflow()
			b.wantAccessible()
		}
	}
	b.look(1280, "light")
}

// The pages have what the example agent logged of its calls.
func TestPagesHaveWhatTheAgentLogged(t *testing.T) {
	pages, endpoint := view(t)
	calls := call(t, endpoint, []string{"OTEL_RESOURCE_ATTRIBUTES=service.version=1.4.0"}, "-speed", "20")
	calls = append(calls, call(t, endpoint, []string{"OTEL_RESOURCE_ATTRIBUTES=service.version=1.5.0"}, "-speed", "20", "-seed", "2")...)
	if len(calls) != 4 || len(calls[0].turns) != 5 || len(calls[0].llm) < 4 {
		t.Fatalf("the log has %+v", calls)
	}
	// The viewer lists a call a moment after it has received it.
	all := newTab(t, 1280, "light")
	all.open(pages, "table.calls tbody tr")
	all.wait(`document.querySelectorAll("table.calls tbody tr").length === 4 && !document.querySelector("table.calls .tag.open")`)
	for _, c := range calls {
		all.wait(fmt.Sprintf("document.querySelector(%q)?.innerText.includes('user hangup')", fmt.Sprintf(`table.calls tr:has(a[href="#/calls/%s"])`, c.session)))
	}

	t.Run("calls", func(t *testing.T) {
		b := newTab(t, 1280, "light")
		b.open(pages, "table.calls tbody tr")
		b.wait(`document.querySelectorAll("table.calls tbody tr").length === 4 && !document.querySelector("table.calls .tag.open")`)
		for _, c := range calls {
			row := fmt.Sprintf(`table.calls tr:has(a[href="#/calls/%s"])`, c.session)
			b.wait(fmt.Sprintf("document.querySelector(%q)?.innerText.includes('user hangup')", row))
			latencies := latenciesOf([]talk{c}, "completed", "interrupted")
			b.wantText(row, c.session, "voiceagent", strconv.Itoa(len(c.turns)), "max "+shown(latencies[len(latencies)-1]))
		}
		looks(b, pages+"/#/calls", "table.calls tbody tr", "calls")
	})

	t.Run("search", func(t *testing.T) {
		b := newTab(t, 1280, "light")
		c := calls[1]
		for kind, id := range map[string]string{
			"session": c.session, "correlation": c.correlation, "trace": c.trace, "request": c.llm[0].request, "turn": c.llm[0].turn,
		} {
			b.open(pages+"/#/calls", "table.calls tbody tr")
			b.run(chromedp.SendKeys(`input[name="id"]`, id, chromedp.ByQuery))
			b.wait(`location.hash.includes("id=") && document.querySelectorAll("table.calls tbody tr").length === 1`)
			if got := b.text("table.calls tbody tr"); !strings.Contains(got, c.session) {
				t.Errorf("the %s ID %s finds %q, want %s", kind, id, got, c.session)
			}
		}
		b.open(pages+"/#/calls?id=ffffffffffffffffffffffffffffffff", ".empty")
		b.wantText(".empty", "No call matches the filter")
		b.open(pages+"/#/calls?text=table", "table.calls tbody tr")
		b.open(pages+"/#/calls?error=1", "table.calls tbody tr")
		b.wait(`document.querySelectorAll("table.calls tbody tr").length === 2`) // One synthesis fails in each run.
		b.wantText("table.calls tbody", "1 error")
	})

	t.Run("call", func(t *testing.T) {
		b := newTab(t, 1280, "light")
		for _, c := range calls[:2] {
			b.open(pages+"/#/calls/"+c.session, "#turns tbody tr")
			b.run(chromedp.Evaluate(`document.querySelector(".ids").open = true, 0`, nil))
			b.wantText("main", c.session, c.correlation, c.trace, "user hangup", fmt.Sprintf("%d", len(c.turns)))
			for i, e := range c.turns {
				row := fmt.Sprintf("#turns tbody tr:nth-child(%d)", i+1)
				b.wantText(row, strconv.Itoa(e.index), e.outcome)
				if e.latency == 0 {
					continue
				}
				b.wantText(row, shown(e.latency))
				b.run(clickOn(row + " button"))
				b.wait(fmt.Sprintf(`document.querySelector("#details h2")?.innerText === "Turn %d"`, e.index))
				sum := 0.0
				for name, duration := range e.segments {
					sum += duration
					b.wantText("#details .segments", name+"\t"+shown(duration))
				}
				b.wantText("#details .segments", "sum\t"+shown(sum))
				if math.Abs(sum-e.latency) > 1e-6 {
					t.Errorf("turn %d: the segments sum to %v, the latency is %v", e.index, sum, e.latency)
				}
			}
		}
		looks(b, pages+"/#/calls/"+calls[0].session+"?turn=3", "#details h2", "call")
	})

	t.Run("deep link", func(t *testing.T) {
		b := newTab(t, 1280, "light")
		for _, s := range calls[0].llm {
			b.open(pages+"/#/calls/"+calls[0].session+"?stage="+s.span, "#details h2")
			b.wantText("#details", "gpt-4o-mini", s.request, s.span, shown(s.duration), fmt.Sprintf("Tokens read\n%d", s.input), fmt.Sprintf("Tokens written\n%d", s.output))
			b.wait(fmt.Sprintf(`document.querySelector(".lane-llm .selected")?.dataset.key === "s:%s"`, s.span))
		}
		looks(b, pages+"/#/calls/"+calls[0].session+"?stage="+calls[0].llm[1].span, "#details h2", "stage")
	})

	t.Run("zoom", func(t *testing.T) { zooms(t, pages+"/#/calls/"+calls[0].session) })

	t.Run("latency", func(t *testing.T) {
		b := newTab(t, 1280, "light")
		all := latenciesOf(calls, "completed")
		b.open(pages+"/#/latency", "#points canvas")
		at := func(p float64) float64 { // Between the two nearest values.
			i, part := math.Modf(p * float64(len(all)-1))
			return all[int(i)] + part*(all[min(int(i)+1, len(all)-1)]-all[int(i)])
		}
		b.wantText("main", fmt.Sprintf("gpt-4o-mini\t%s\t%s\t%s\t%s\t%d", shown(at(0.5)), shown(at(0.9)), shown(at(0.95)), shown(at(0.99)), len(all)))
		b.wait(fmt.Sprintf(`document.querySelector(".slowest li a")?.textContent === %q`, shown(all[len(all)-1])))
		b.run(clickOn(".slowest li a"))
		b.wait(`document.querySelector("#turns tr.selected")`)
		b.wantText("#turns tr.selected", shown(all[len(all)-1]))
		looks(b, pages+"/#/latency", "#points canvas", "latency")
	})

	t.Run("compare", func(t *testing.T) {
		b := newTab(t, 1280, "light")
		b.open(pages+"/#/compare", "table.compare")
		b.wantText("main", fmt.Sprintf("Base: %d turns of 2 calls. New: %d turns of 2 calls.", len(latenciesOf(calls[:2], "completed")), len(latenciesOf(calls[2:], "completed"))))
		b.wait(`location.hash.includes("compare") && document.querySelectorAll("table.compare tbody tr").length > 7`)
		looks(b, pages+"/#/compare", "table.compare", "compare")
	})

	t.Run("health", func(t *testing.T) {
		b := newTab(t, 1280, "light")
		b.open(pages+"/#/health", ".cards")
		b.wantText("main", "Nothing was dropped", strings.TrimPrefix(strings.ReplaceAll(endpoint, "localhost", "127.0.0.1"), "http://"))
		looks(b, pages+"/#/health", ".cards", "health")
	})
}

// zooms zooms the picture of a call with the wheel, the keys and the buttons, and reads its axis.
func zooms(t *testing.T, address string) {
	t.Helper()
	const labels = `[...document.querySelectorAll("#picture .axis")].map((e) => e.textContent).join(" ")`
	b := newTab(t, 1280, "light")
	b.open(address, "#picture .axis")
	b.run(chromedp.ScrollIntoView("#picture", chromedp.ByQuery))
	whole := value[string](b, labels)
	if !strings.HasPrefix(whole, "0:00") {
		t.Errorf("the axis starts with %.20s, want 0:00", whole)
	}
	at := value[[]float64](b, `(() => { const r = document.querySelector("#picture svg").getBoundingClientRect(); return [r.left + r.width / 2, r.top + 60]; })()`)
	for name, change := range map[string]chromedp.Action{
		"wheel": input.DispatchMouseEvent(input.MouseWheel, at[0], at[1]).WithDeltaX(0).WithDeltaY(-400),
		"key":   chromedp.KeyEvent("+"),
		"click": clickOn(`button[aria-label="Zoom in"]`),
	} {
		b.run(chromedp.Focus("#picture", chromedp.ByQuery), change)
		b.wait(labels + " !== " + quote(whole))
		if near := value[string](b, labels); !strings.Contains(near, ".") {
			t.Errorf("%s: the axis has %s, want parts of seconds", name, near)
		}
		b.run(chromedp.Focus("#picture", chromedp.ByQuery), chromedp.KeyEvent("0"))
		b.wait(labels + " === " + quote(whole))
	}
}

// A call appears while it runs, and grows: the page is not loaded again.
func TestCallOfTheAgentAppearsWhileItRuns(t *testing.T) {
	pages, endpoint := view(t)
	b := newTab(t, 1280, "light")
	b.open(pages, ".empty")
	b.wait(`document.querySelector(".live.on")`)
	b.run(chromedp.Evaluate("window.isTheSame = true", nil))
	agent := command(t, "voiceagent", "-calls", "1", "-speed", "2")
	agent.Env = append(os.Environ(), "OTEL_EXPORTER_OTLP_ENDPOINT="+endpoint, "OTEL_BSP_SCHEDULE_DELAY=100", "OTEL_BLRP_SCHEDULE_DELAY=100")
	log, err := agent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan []talk, 1)
	go func() { ended <- talks(t, log) }()

	b.wait(`document.querySelector("table.calls .tag.open")`)
	b.shoot("agent-live-calls")
	b.run(clickOn("table.calls tbody a"))
	b.wait(`document.querySelector("#turns tbody tr") && document.querySelector("h1 .tag.open")`)
	seen := value[int](b, `document.querySelectorAll("#turns tbody tr").length`)
	b.wait(fmt.Sprintf(`document.querySelectorAll("#turns tbody tr").length > %d && document.querySelector("h1 .tag.open")`, seen))
	b.shoot("agent-live-call")
	b.wait(`!document.querySelector("h1 .tag.open") && document.querySelector("h1")`)
	calls := <-ended
	if err := agent.Wait(); err != nil {
		t.Fatalf("the agent ended with %v\n%s", err, &agent.stderr)
	}
	b.wait(fmt.Sprintf(`document.querySelectorAll("#turns tbody tr").length === %d`, len(calls[0].turns)))
	b.wantText("main", calls[0].session, "user hangup")
	if !value[bool](b, "window.isTheSame === true") {
		t.Error("the page was loaded again")
	}
}

// The recording of a call plays in time with the lanes.
func TestRecordingOfTheAgentPlays(t *testing.T) {
	recordings := t.TempDir()
	pages, endpoint := view(t, "-recordings", recordings)
	calls := call(t, endpoint, nil, "-calls", "1", "-turns", "1", "-record", recordings)
	if files, err := filepath.Glob(filepath.Join(recordings, "*.wav")); err != nil || len(files) != 1 {
		t.Fatalf("the recordings are %q (%v)", files, err)
	}
	b := newTab(t, 1280, "light")
	b.open(pages+"/#/calls/"+calls[0].session, "audio")
	b.wait(`document.querySelector("audio").readyState >= 1`)
	const cursor = `Number(document.querySelector("#cursor").getAttribute("x1"))`
	const played = `document.querySelector("audio").currentTime`

	// A click where the user starts to speak seeks there.
	const speech = `document.querySelector('.lane-user [data-key^="user:"] rect')`
	b.run(clickOn(`.lane-user [data-key^="user:"] rect`))
	b.wait(played + " > 1")
	box := value[[]float64](b, "["+speech+".x.baseVal.value, "+speech+".width.baseVal.value]")
	if x := value[float64](b, cursor); x < box[0] || x > box[0]+box[1] {
		t.Errorf("the line is at %v, want it in the user's speech from %v, %v wide", x, box[0], box[1])
	}
	at := value[float64](b, `Number(new URLSearchParams(location.hash.split("?")[1]).get("t"))`)
	if got := value[float64](b, played); math.Abs(at-got) > 0.5 {
		t.Errorf("the player is at %v s for %v s of the call: the recording starts with the call", got, at)
	}
	b.shoot("agent-recording")

	// The line and the player move together.
	const place = `[` + played + `, ` + cursor + `, document.querySelector("#picture svg").width.baseVal.value]`
	before := value[[]float64](b, place)
	b.run(chromedp.Evaluate(`document.querySelector("audio").muted = true`, nil), chromedp.Focus("#picture", chromedp.ByQuery))
	b.press("p")
	b.wait(fmt.Sprintf("%s > %v", played, before[0]+0.5))
	b.press("p")
	b.wait(`document.querySelector("audio").paused`)
	b.wait(fmt.Sprintf("%s > %v", cursor, before[1]))
	duration := value[float64](b, `document.querySelector("audio").duration`)
	after := value[[]float64](b, place)
	// The picture shows the call from its start to its end, with the recording's length.
	perSecond := (after[1] - before[1]) / (after[0] - before[0])
	if whole := perSecond * duration; math.Abs(whole/after[2]-1) > 0.2 {
		t.Errorf("the line moves %v pixels a second: %v pixels for the recording of %v s in a picture of %v", perSecond, whole, duration, after[2])
	}
	b.wantAccessible()
}
