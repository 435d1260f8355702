// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package timeline draws calls in a terminal: a line for each turn, with a bar of the segments of its response
// latency, and its stages below.
package timeline

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/terminal"
	"github.com/voice-agents/telemetry/semconv"
)

// maxText is the longest text of a line, in columns.
const maxText = 60

// fills are the parts of a bar. They differ without color too.
var fills = map[string]terminal.Part{
	semconv.VoiceSegmentTranscription: {Fill: '░', Style: terminal.Cyan},
	semconv.VoiceSegmentEndpointing:   {Fill: '·', Style: terminal.Dim},
	semconv.VoiceSegmentDispatch:      {Fill: '╴', Style: terminal.Dim},
	semconv.VoiceSegmentGeneration:    {Fill: '█', Style: terminal.Yellow},
	semconv.VoiceSegmentAggregation:   {Fill: '=', Style: terminal.Dim},
	semconv.VoiceSegmentSynthesis:     {Fill: '▒', Style: terminal.Cyan},
	semconv.VoiceSegmentPlayout:       {Fill: '>', Style: terminal.Plain},
}

// Bar returns the segments of a turn as a bar, in which longest takes so many columns.
func Bar(t *call.Turn, longest float64, columns int, s terminal.Screen) string {
	var parts []terminal.Part
	for _, segment := range t.Segments {
		p := fills[segment.Name]
		p.Value = segment.Duration
		parts = append(parts, p)
	}
	if len(parts) == 0 && t.ResponseLatency != nil {
		parts = []terminal.Part{{Value: *t.ResponseLatency, Fill: '█'}}
	}
	return s.Bar(parts, longest, columns)
}

// Legend returns what the parts of bars mean.
func Legend(s terminal.Screen) string {
	var words []string
	for _, name := range call.SegmentNames() {
		words = append(words, s.In(fills[name].Style, string(fills[name].Fill))+" "+name)
	}
	return strings.Join(words, "  ")
}

// Write draws a call.
func Write(w io.Writer, c *call.Call, s terminal.Screen) error {
	out := bufio.NewWriter(w)
	d := drawing{out: out, screen: s, call: c}
	for _, t := range c.Turns {
		if t.ResponseLatency != nil {
			d.longest = max(d.longest, *t.ResponseLatency)
		}
	}
	d.head()
	stages := c.Stages
	for _, t := range c.Turns {
		for len(stages) > 0 && before(stages[0], t) {
			d.stages(stages[:1], 2)
			stages = stages[1:]
		}
		d.turn(t)
	}
	d.stages(stages, 2)
	for _, p := range c.Problems {
		d.line(terminal.Yellow, fmt.Sprintf("problem: %s, %d times, at first %s", strings.ReplaceAll(p.Kind, "_", " "), p.Count, p.Where))
	}
	if d.longest > 0 {
		fmt.Fprintf(out, "\n%s\n", Legend(s))
	}
	return out.Flush()
}

func before(stage *call.Stage, t *call.Turn) bool {
	return stage.Start != nil && t.Start != nil && *stage.Start < *t.Start
}

type drawing struct {
	out     *bufio.Writer
	screen  terminal.Screen
	call    *call.Call
	longest float64
}

// line writes a line of text that may be hostile.
func (d *drawing) line(style terminal.Style, text string) {
	d.out.WriteString(d.screen.In(style, terminal.Clean(text, d.screen.Limit())) + "\n") //nolint:errcheck // Flush returns the error.
}

func (d *drawing) head() {
	c := d.call
	words := []string{cmp.Or(c.IDs.Session, c.IDs.Correlation, strings.Join(c.IDs.Traces, " "), "call")}
	add := func(format, text string) {
		if text != "" {
			words = append(words, fmt.Sprintf(format, short(text)))
		}
	}
	add("%s", strings.TrimSpace(c.Agent.KnownName()+" "+c.Agent.KnownVersion()))
	add("by %s", c.Channel)
	if !c.Start.IsZero() {
		words = append(words, c.Start.UTC().Format("2006-01-02 15:04:05.000 UTC"))
	}
	add("%s", terminal.Seconds(c.Duration))
	if c.Open {
		words = append(words, "open")
	}
	add("%s", c.Outcome)
	add("ended: %s", c.EndReason)
	add("error: %s", c.Error)
	if c.Cost != nil {
		add("cost %s", strings.TrimSpace(fmt.Sprintf("%.4f %s", c.Cost.Amount, c.Cost.Currency)))
	}
	d.line(terminal.Bold, strings.Join(words, ", "))
	d.line(terminal.Dim, "trace "+strings.Join(c.IDs.Traces, ", "))
}

func (d *drawing) turn(t *call.Turn) {
	head := fmt.Sprintf("%s %-5s %s ", at(t.Start), who(t), terminal.Left(number(t.Index), 3))
	columns := max(10, d.screen.Width/3)
	style, words := Words(t)
	d.out.WriteString(d.screen.In(terminal.Bold, head) + Bar(t, d.longest, columns, d.screen) + //nolint:errcheck // Flush returns the error.
		d.screen.In(terminal.Bold, terminal.Left(terminal.Seconds(t.ResponseLatency), 7)) + "  " +
		d.screen.In(style, terminal.Clean(words, max(10, d.screen.Limit()-len(head)-columns-10))) + "\n")
	d.stages(t.Stages, 2)
	d.lines(t.Lines, 2)
}

func who(t *call.Turn) string {
	if t.Initiator == semconv.VoiceTurnInitiatorAgent {
		return "agent"
	}
	return "turn"
}

// Words says what is to be told of a turn beside its latency. The text is clean.
func Words(t *call.Turn) (style terminal.Style, text string) {
	var words []string
	switch {
	case t.Open:
		words = append(words, "open")
	case t.Outcome == semconv.VoiceTurnOutcomeFailed:
		style = terminal.Red
		words = append(words, "failed: "+short(cmp.Or(t.Error, "unknown error")))
	case t.Outcome != semconv.VoiceTurnOutcomeCompleted:
		style = terminal.Yellow
		words = append(words, cmp.Or(short(t.Outcome), "outcome unknown"))
	}
	if i := t.Interruption; i != nil {
		words = append(words, strings.TrimSpace("by "+short(i.Source)+after(i.Played)))
	}
	if t.ToolTime != nil {
		words = append(words, "tools "+terminal.Seconds(t.ToolTime))
	}
	if largest := Largest(t); largest != nil && t.ResponseLatency != nil {
		words = append(words, fmt.Sprintf("%s %s", largest.Name, terminal.Seconds(&largest.Duration)))
	}
	if p := t.Playout; p != nil && p.Underruns > 0 {
		words = append(words, fmt.Sprintf("%d underruns %s", p.Underruns, terminal.Seconds(p.Underrun)))
	}
	return style, strings.Join(words, ", ")
}

// Largest returns the largest segment of a turn, or nil.
func Largest(t *call.Turn) *call.Segment {
	if len(t.Segments) == 0 {
		return nil
	}
	largest := slices.MaxFunc(t.Segments, func(a, b call.Segment) int { return cmp.Compare(a.Duration, b.Duration) })
	return &largest
}

func (d *drawing) stages(stages []*call.Stage, depth int) {
	for _, s := range stages {
		if s.Kind == call.KindHTTP { // Its stage has the same data.
			d.stages(s.Stages, depth)
			continue
		}
		style, words := terminal.Plain, []string{short(s.Name)}
		add := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
		if s.Duration != nil {
			add("%s", terminal.Seconds(s.Duration))
		}
		if s.FirstOutput != nil {
			add("first %s", terminal.Seconds(s.FirstOutput))
		}
		if s.Attempt > 1 {
			add("attempt %d", s.Attempt)
		}
		if s.Fallback > 0 {
			add("fallback %d", s.Fallback)
		}
		if s.Tokens != nil && s.Tokens.Output != nil {
			add("%d tokens", *s.Tokens.Output)
		}
		if s.Outcome != "" && s.Outcome != semconv.VoiceStageOutcomeCompleted {
			style = terminal.Yellow
			add("%s", short(s.Outcome))
		}
		if s.Error != "" {
			style = terminal.Red
			add("error: %s", short(s.Error))
		}
		if len(s.Requests) > 0 && s.Error != "" {
			add("request %s", short(s.Requests[0]))
		}
		d.line(style, at(s.Start)+strings.Repeat("  ", min(depth, 20))+strings.Join(words, "  "))
		d.lines(s.Lines, depth+1)
		d.stages(s.Stages, depth+1)
	}
}

// lines writes the log lines that are neither the toolkit's own nor less than a warning.
func (d *drawing) lines(lines []call.Line, depth int) {
	for _, l := range lines {
		if l.Phase == "" && (l.Level == "WARN" || l.Level == "ERROR") {
			d.line(terminal.Yellow, at(l.At)+strings.Repeat("  ", min(depth, 20))+l.Level+" "+short(l.Message))
		}
	}
}

func at(offset *float64) string {
	if offset == nil {
		return strings.Repeat(" ", 9)
	}
	return fmt.Sprintf("%+8.2fs", *offset)
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func after(played *float64) string {
	if played == nil {
		return ""
	}
	return " after " + terminal.Seconds(played)
}

func short(text string) string { return terminal.Clean(text, maxText) }
