// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// browser is the context of one browser for all tests. It is nil if there is none.
var browser context.Context

func TestMain(m *testing.M) {
	code := func() int {
		dir, err := os.MkdirTemp("", "otelvoice-browser-*")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(dir) }()
		work = dir
		path, err := exec.LookPath("chromium")
		if err != nil {
			return m.Run()
		}
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
			chromedp.Flag("autoplay-policy", "no-user-gesture-required"), chromedp.WSURLReadTimeout(60*time.Second))
		allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
		defer stop()
		ctx, end := chromedp.NewContext(allocator)
		defer end()
		if err := chromedp.Run(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "start chromium:", err)
			return 1
		}
		browser = ctx //nolint:fatcontext // One browser for all tests; each tab has a context of its own.
		return m.Run()
	}()
	os.Exit(code)
}

// A tab is a tab of the browser. It collects what went wrong in it.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	faults []string
}

// watch collects violations of the policy. No other event has the reason.
const watch = `addEventListener("securitypolicyviolation", (e) => console.error("policy: " + e.violatedDirective + " " + e.blockedURI + " " + e.sample));`

// newTab opens a tab of a width, in light or dark colours, and checks at the end that nothing went wrong in it.
func newTab(t *testing.T, width int64, scheme string) *tab {
	t.Helper()
	if browser == nil {
		t.Skip("chromium is not installed: apt-get install chromium")
	}
	ctx, end := chromedp.NewContext(browser)
	t.Cleanup(end)
	ctx, cancel := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, b.listen)
	b.look(width, scheme)
	b.run(
		chromedp.ActionFunc(func(ctx context.Context) error {
			_, err := page.AddScriptToEvaluateOnNewDocument(watch).Do(ctx)
			return err
		}),
	)
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, fault := range b.faults {
			t.Error("in the browser: " + fault)
		}
	})
	return b
}

// look sets the width of the window and the colours that the reader prefers.
func (b *tab) look(width int64, scheme string) {
	b.t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}
	b.run(chromedp.EmulateViewport(width, 900), emulation.SetEmulatedMedia().WithFeatures(features))
}

func (b *tab) listen(event any) {
	fault := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		fault = "exception: " + e.ExceptionDetails.Error()
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError {
			for _, arg := range e.Args {
				fault += string(arg.Value) + arg.Description + " "
			}
		}
	case *log.EventEntryAdded:
		// A failed request is part of some tests, which look at what the page says of it.
		if e.Entry.Level == log.LevelError && e.Entry.Source != log.SourceNetwork {
			fault = string(e.Entry.Source) + ": " + e.Entry.Text
		}
	case *page.EventJavascriptDialogOpening:
		fault = "a dialog opened: " + e.Message
	}
	if fault == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.faults) < 10 {
		b.faults = append(b.faults, fault[:min(len(fault), 500)])
	}
}

func (b *tab) run(actions ...chromedp.Action) {
	b.t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// open opens an address and waits until an element is there.
func (b *tab) open(address, selector string) {
	b.t.Helper()
	b.run(chromedp.Navigate("about:blank"), chromedp.Navigate(address))
	b.wait(fmt.Sprintf("document.querySelector(%q)", selector))
}

// wait waits until an expression is true.
func (b *tab) wait(expression string) {
	b.t.Helper()
	poll := chromedp.Poll("!!("+expression+")", nil, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(30*time.Second))
	err := chromedp.Run(b.ctx, poll)
	for range 3 {
		if err == nil || !strings.Contains(err.Error(), "Cannot find context") {
			break
		}
		err = chromedp.Run(b.ctx, poll) // The page before had been asked.
	}
	if err != nil {
		b.t.Fatalf("%s: %v\nthe page has: %.2000s", expression, err, b.text("body"))
	}
}

// value returns the value of an expression.
func value[T any](b *tab, expression string) T {
	b.t.Helper()
	var v T
	b.run(chromedp.Evaluate(expression, &v))
	return v
}

// text returns the text that a person sees in an element.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return value[string](b, fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector))
}

// wantText checks that an element has texts.
func (b *tab) wantText(selector string, texts ...string) {
	b.t.Helper()
	got := b.text(selector)
	for _, want := range texts {
		if !strings.Contains(got, want) {
			b.t.Errorf("%s has no %q. It has:\n%.1500s", selector, want, got)
		}
	}
}

// press types keys into the element that has the focus.
func (b *tab) press(keys ...string) {
	b.t.Helper()
	for _, key := range keys {
		b.run(chromedp.KeyEvent(key))
	}
}

// The keys that tests press.
const (
	down, up, left, right = kb.ArrowDown, kb.ArrowUp, kb.ArrowLeft, kb.ArrowRight
	enter, escape         = kb.Enter, kb.Escape
)

// shoot writes a picture of the whole page, if pictures are wanted.
func (b *tab) shoot(name string) {
	b.t.Helper()
	dir := os.Getenv("OTELVOICE_SCREENSHOTS")
	if dir == "" {
		return
	}
	var picture []byte
	b.run(chromedp.FullScreenshot(&picture, 100))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

var axe = sync.OnceValues(func() (string, error) {
	code, err := os.ReadFile(filepath.Join("..", "node_modules", "axe-core", "axe.min.js"))
	return string(code), err
})

// wantAccessible checks the page against the rules of axe-core.
func (b *tab) wantAccessible() {
	b.t.Helper()
	code, err := axe()
	if err != nil {
		b.t.Logf("accessibility is not checked: run npm ci in the directory above: %v", err)
		return
	}
	b.run(chromedp.Evaluate(code+";0", nil))
	const ask = `axe.run(document, {resultTypes: ["violations"]}).then((r) => JSON.stringify(r.violations.map((v) => ({id: v.id, help: v.help, nodes: v.nodes.slice(0, 4).map((n) => n.html.slice(0, 300) + " :: " + n.failureSummary)}))))`
	var found string
	b.run(chromedp.Evaluate(ask, &found, awaited))
	var violations []struct {
		ID, Help string
		Nodes    []string
	}
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		b.t.Fatal(err)
	}
	for _, v := range violations {
		b.t.Errorf("accessibility: %s: %s\n%s", v.ID, v.Help, strings.Join(v.Nodes, "\n"))
	}
}

// wantNoOverflow checks that the page is not wider than the window.
func (b *tab) wantNoOverflow() {
	b.t.Helper()
	if by := value[float64](b, "document.documentElement.scrollWidth - innerWidth"); by > 0 {
		wide := value[string](b, `[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.parentElement.closest(".scroll, svg, pre")).slice(0, 5).map((e) => e.outerHTML.slice(0, 120)).join("\n")`)
		b.t.Errorf("the page is %v pixels wider than the window:\n%s", by, wide)
	}
}

// awaited has an evaluation wait for the promise that it gives.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
