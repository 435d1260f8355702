// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package comparison

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/terminal"
)

// WriteText writes the differences as a table, and the rules below.
func (r *Result) WriteText(w io.Writer, s terminal.Screen) error {
	table := terminal.Table{Columns: []terminal.Column{
		{Head: "SEGMENT"},
		{Head: "STATISTIC"},
		{Head: "BASE", Right: true},
		{Head: "NEW", Right: true},
		{Head: "CHANGE", Right: true},
		{Head: "", Right: true},
		{Head: "INTERVAL", Right: true},
		{Head: "TURNS", Right: true},
		{Head: "VERDICT"},
	}}
	for i := range r.Differences {
		d := &r.Differences[i]
		style := terminal.Plain
		if d.Slower() {
			style = terminal.Red
		}
		relative := ""
		if change, ok := d.Relative(); ok {
			relative = fmt.Sprintf("%+.1f%%", 100*change)
		}
		table.Add(style, strings.ReplaceAll(d.Series, "_", " "), d.Statistic, seconds(d.Base), seconds(d.New), signed(d.Change), relative,
			interval(d), fmt.Sprintf("%d, %d", d.BaseCount, d.NewCount), verdict(d))
	}
	if _, err := fmt.Fprintf(w, "%d and %d calls; seconds, with intervals of %.0f %%\n\n", r.BaseCalls, r.NewCalls, 100*r.Level); err != nil {
		return err
	}
	if err := table.Write(w, s); err != nil {
		return err
	}
	for i, rule := range r.Rules {
		style, word := terminal.Plain, "holds"
		switch {
		case rule.Broken:
			style, word = terminal.Red, "BROKEN"
		case !rule.Known:
			style, word = terminal.Red, "FAILS: there are no values"
		case rule.FewCalls:
			style, word = terminal.Yellow, "not checked: too few calls"
		case rule.Few:
			style, word = terminal.Yellow, "not checked: too few values"
		}
		before := ""
		if i == 0 {
			before = "\n"
		}
		if _, err := fmt.Fprintf(w, "%s%s\n", before, s.In(style, terminal.Clean(rule.Rule+": "+word, s.Limit()))); err != nil {
			return err
		}
	}
	return nil
}

// WriteJSON writes the result as one object.
func (r *Result) WriteJSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(r)
}

func verdict(d *latency.Difference) string {
	switch {
	case d.FewCalls:
		return "too few calls"
	case d.Few:
		return "too few values"
	case d.Slower():
		return "slower"
	case d.Faster():
		return "faster"
	}
	return "no difference"
}

// interval returns the interval as people read it; "" is unknown.
func interval(d *latency.Difference) string {
	if d.Interval == nil {
		return ""
	}
	return signed(d.Low) + " to " + signed(d.High)
}

func seconds(s float64) string { return strconv.FormatFloat(s, 'f', 3, 64) }

func signed(s float64) string { return fmt.Sprintf("%+.3f", s) }
