// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"context"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// widths notes the width of the picture and of its frame when the picture is there, and whenever it has changed,
// before the browser paints.
const widths = `window.widths = [];
	new MutationObserver(() => {
		const frame = document.querySelector("#picture"), svg = frame?.querySelector("svg");
		if (svg) widths.push([Number(svg.getAttribute("width")), frame.clientWidth]);
	}).observe(document, {childList: true, subtree: true, attributes: true, attributeFilter: ["width"]});`

// painted gives the two widths of the frame that was painted after a change of the page's width.
const painted = `(width) => new Promise((done) => {
	document.querySelector("main").style.width = width;
	requestAnimationFrame(() => setTimeout(() => {
		const frame = document.querySelector("#picture");
		done([Number(frame.querySelector("svg").getAttribute("width")), frame.clientWidth]);
	}));
})`

// The picture is never painted with another width than the page has for it: not at first, and not after a change.
func TestPictureHasTheWidthOfThePage(t *testing.T) {
	s := newServer(t)
	fill(s)
	for _, width := range []int64{1280, 390} {
		b := newTab(t, width, "light")
		b.run(chromedp.ActionFunc(func(ctx context.Context) error {
			_, err := page.AddScriptToEvaluateOnNewDocument(widths).Do(ctx)
			return err
		}))
		b.open(s.URL+"/#/calls/sess_full", "#picture svg")
		for _, seen := range value[[][]float64](b, "widths") {
			if seen[0] != seen[1] || seen[1] < float64(width)-40 {
				t.Errorf("at %d pixels the picture is %v wide in a frame of %v", width, seen[0], seen[1])
			}
		}
		for _, to := range []string{"50%", "100%", "300px", ""} {
			var seen []float64
			b.run(chromedp.Evaluate("("+painted+")("+quote(to)+")", &seen, awaited))
			if seen[0] != seen[1] {
				t.Errorf("at %d pixels, after a change to %q, the picture is %v wide in a frame of %v", width, to, seen[0], seen[1])
			}
		}
		// The window becomes another one, as when a phone is turned.
		for _, other := range []int64{844, width} {
			b.look(other, "light")
			b.wait(`(([svg, frame]) => svg === frame && innerWidth - frame < 40)([Number(document.querySelector("#picture svg").getAttribute("width")), document.querySelector("#picture").clientWidth])`)
		}
		if all := value[[][]float64](b, "widths"); len(all) == 0 || !slices.ContainsFunc(all, func(seen []float64) bool { return seen[1] != all[0][1] }) {
			t.Errorf("the widths %v were noted, want several", all)
		}
	}
}
