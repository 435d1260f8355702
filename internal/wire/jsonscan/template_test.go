// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonscan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// A reporter collects all that a scanner reports.
type reporter struct{ reports []string }

func (r *reporter) add(v *jsonscan.Value) {
	r.reports = append(r.reports, fmt.Sprintf("%d %d %q runes=%d more=%t cut=%t %v", v.Field, v.Kind, v.Text, v.Runes, v.More, v.Cut, v.Index))
}

// whole returns the reports with the pieces of each string as one.
func (r *reporter) whole() (reports []string) {
	for _, report := range r.reports {
		if !strings.Contains(report, "more=true") {
			reports = append(reports, report)
		}
	}
	return reports
}

// readEach returns what is reported of texts, each of which begins with a Reset. A new scanner reads
// each text if isNew is true, so that no template is used.
func readEach(p *jsonscan.Plan, size int, isNew bool, texts ...string) []string {
	var r reporter
	s := jsonscan.NewScanner(p, r.add)
	for _, text := range texts {
		if isNew {
			s = jsonscan.NewScanner(p, r.add)
		}
		for piece := range slices.Chunk([]byte(text), size) {
			s.Scan(piece)
		}
		s.End()
		r.reports = append(r.reports, fmt.Sprintf("broken=%t complete=%t", s.Broken(), s.Complete()))
		s.Reset()
	}
	return r.reports
}

// readJoined returns what is reported of texts that follow each other.
func readJoined(p *jsonscan.Plan, size int, texts ...string) []string {
	var r reporter
	s := jsonscan.NewScanner(p, r.add)
	for piece := range slices.Chunk([]byte(strings.Join(texts, "")), size) {
		s.Scan(piece)
	}
	s.End()
	return append(r.whole(), fmt.Sprintf("broken=%t complete=%t documents=%d", s.Broken(), s.Complete(), s.Documents()))
}

// checkTemplates compares a scanner that uses templates with scanners that use none.
func checkTemplates(t *testing.T, size int, texts ...string) {
	t.Helper()
	fields := []jsonscan.Field{
		{Path: "model", ID: 1},
		{Path: "choices.*.delta.content", ID: 2, Mode: jsonscan.Pieces},
		{Path: "usage", ID: 3, Mode: jsonscan.Raw},
		{Path: "choices.*", ID: 4, Mode: jsonscan.Begin},
		{Path: "error", ID: 5, Mode: jsonscan.Begin},
		{Path: "error.code", ID: 6},
	}
	for _, p := range []*jsonscan.Plan{jsonscan.NewPlan(fields...), jsonscan.NewListPlan(fields...)} {
		for _, size := range []int{1 << 20, size} {
			got, want := readEach(p, size, false, texts...), readEach(p, size, true, texts...)
			if !slices.Equal(got, want) {
				t.Errorf("in pieces of %d bytes: with templates\n%s\nwithout\n%s", size, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
		got, want := readJoined(p, 1<<20, texts...), readJoined(p, 1, texts...)
		if !slices.Equal(got, want) {
			t.Errorf("in one piece\n%s\nbyte by byte\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func TestTemplate(t *testing.T) {
	const (
		before = `{"id":"c1","n":`
		middle = `,"model":"m","choices":[{"index":0},{"index":1,"delta":{"content":"`
		after  = `"},"finish":null}],"usage":{"a":[1]},"obfuscation":"`
		end    = `"}`
	)
	long := strings.Repeat("ä", jsonscan.MaxText)
	for _, tt := range []struct {
		name  string
		texts []string
	}{
		{"the strings and the number vary", []string{before + "1" + middle + "a" + after + "x" + end, before + "17" + middle + "äöü" + after + "" + end, before + "-2e3" + middle + "" + after + long + end}},
		{"an escape", []string{before + "1" + middle + "a" + after + end, before + "1" + middle + `\n` + after + end, before + "1" + middle + "b" + after + `\"` + end, before + "1" + middle + "c" + after + end}},
		{"a long scalar", []string{`{"model":"a"}`, `{"model":"b"}`, `{"model":"` + long + `"}`, `{"model":"c"}`, `{"model":""}`}},
		{"a number becomes a string", []string{`{"x":1}`, `{"x":1}`, `{"x":"1"}`, `{"x":}`, `{"x":1"}`, `{"x":1 }`, `{"x":1`, `{"x":1x}`}},
		{"a string becomes another value", []string{`{"model":"a"}`, `{"model":"b"}`, `{"model":null}`, `{"model":{"a":"b"}}`}},
		{"the end differs", []string{`{"model":"a"}`, `{"model":"b"}`, `{"model":"c"`, `{"model":"d","model":"e"}`, `{"model":"f"}}`, `{"model":"g"}`}},
		{"documents in lines and lists", []string{"[", `{"error":{"code":"a"}}`, ", ", `{"error":{"code":"b"}}`, ",\n", `{"error":{"code":"c"}}`, "]"}},
		{"many reports", []string{strings.Repeat(`{"choices":[1,2,3,{"delta":{"content":"a"}}]}`, 20)}},
		{"more reports than a template has", slices.Repeat([]string{`{"choices":[` + strings.Repeat(`{"delta":{"content":"a"}},`, 20) + `{}]}`}, 3)},
		{"more holes than a template has", slices.Repeat([]string{`{"x":"y"` + strings.Repeat(`,"x":1`, 20) + `}`}, 3)},
		{"longer than a template", slices.Repeat([]string{`{"choices":[{"delta":{"content":"` + strings.Repeat(long, 3) + `"}}]}`}, 3)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			first := tt.texts[0]
			for _, size := range []int{1, 7, 64} {
				checkTemplates(t, size, append([]string{first, first}, tt.texts...)...)
			}
		})
	}
}

// FuzzTemplate reads documents that differ in one place.
func FuzzTemplate(f *testing.F) {
	f.Add(`{"id":"x","choices":[{"delta":{"content":"`, "a", "b", `"}}],"n":1}`, 10)
	f.Add(`{"model":"m","n":`, "1", `"1"`, `,"obfuscation":"x"}`, 5)
	f.Add(`{"model":"`, "m", `"}`, `","usage":{"a":"b"}}`, 5)
	f.Add(`[{"model":"`, "m", `\n`, `"},`, 5)
	f.Add("{\"error\":{\"code\":", "null", "\xff", "}}\n", 5)
	f.Fuzz(func(t *testing.T, before, a, b, after string, size int) {
		a, b = before+a+after, before+b+after
		checkTemplates(t, min(max(size, 1), 1000), a, a, b, b, a, b)
	})
}
