// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package tail prints the lines of a running agent as a person wants to see them, and follows the file that it
// writes.
package tail

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/telemetryfile"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/terminal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/timeline"
	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/semconv"
)

// scale is the response latency that fills a bar, and barColumns its length.
const (
	scale      = 2.0
	barColumns = 24
)

// Printer prints lines. A turn takes one line, with a bar of its segments in which 2 seconds are the whole length.
type Printer struct {
	Out    io.Writer
	Screen terminal.Screen
	// Stages prints each stage, operation and request too, not only those that failed.
	Stages bool
}

// Line prints a line. What is not telemetry passes through, except for what the terminal would obey.
func (p *Printer) Line(line []byte) error {
	batch, kind, _ := telemetryfile.Line(line)
	if kind == telemetryfile.Text || kind == telemetryfile.Broken {
		return p.print(terminal.Plain, string(line))
	}
	for _, s := range batch.Spans {
		if err := p.span(s); err != nil {
			return err
		}
	}
	for _, r := range batch.Records {
		if err := p.record(r); err != nil {
			return err
		}
	}
	return nil
}

// maxLine is the longest line that is printed, in columns, if the screen does not cut it.
const maxLine = 10_000

// print writes text that may be hostile.
func (p *Printer) print(style terminal.Style, text string) error {
	limit := maxLine
	if p.Screen.Cut {
		limit = max(p.Screen.Width, 4*p.Screen.Width) // A line may go over four.
	}
	_, err := io.WriteString(p.Out, p.Screen.In(style, terminal.Clean(text, limit))+"\n")
	return err
}

// span prints a turn or a session. Their log lines tell the same, so that a file that has both shows both.
func (p *Printer) span(s *signal.Span) error {
	switch s.Name {
	case semconv.SpanVoiceTurn:
		return p.turn(s.End, s.Attributes, call.New("", []*signal.Span{s}, nil))
	case semconv.SpanVoiceSession:
		return p.session(s.End, s.Attributes, call.New("", []*signal.Span{s}, nil))
	}
	if p.Stages || s.Failed {
		document := call.New("", []*signal.Span{s}, nil)
		if len(document.Stages) > 0 {
			return p.stage(s.End, s.Attributes, document.Stages[0])
		}
	}
	return nil
}

func (p *Printer) record(r *signal.Record) error {
	document := func() *call.Call { return call.New("", nil, []*signal.Record{r}) }
	switch phase := r.Attributes.Text(semconv.VoicePhaseKey); phase {
	case semconv.VoicePhaseTurnEnd:
		return p.turn(r.Time, r.Attributes, document())
	case semconv.VoicePhaseSessionEnd:
		return p.session(r.Time, r.Attributes, document())
	case semconv.VoicePhaseStageEnd, semconv.VoicePhaseOperationEnd, semconv.VoicePhaseStreamEnd:
		for _, s := range allStages(document()) {
			if p.Stages || s.Error != "" {
				return p.stage(r.Time, r.Attributes, s)
			}
		}
		return nil
	case "":
	default:
		if !p.Stages && r.Number < severityWarn {
			return nil
		}
	}
	style := terminal.Plain
	switch {
	case r.Number >= severityError:
		style = terminal.Red
	case r.Number >= severityWarn:
		style = terminal.Yellow
	}
	return p.print(style, clock(r.Time)+" "+who(r.Attributes)+" "+strings.TrimSpace(fmt.Sprintf("%-5s %s: %s %s",
		r.Severity, cmp.Or(r.Scope.Name, "log"), r.Body, fields(r.Attributes))))
}

// OpenTelemetry's severity numbers.
const (
	severityWarn  = 13
	severityError = 17
)

// allStages returns the stages of a call and of its turns.
func allStages(c *call.Call) (stages []*call.Stage) {
	c.Visit(func(_ *call.Turn, s *call.Stage) { stages = append(stages, s) })
	return stages
}

func (p *Printer) turn(at time.Time, attrs signal.Attributes, c *call.Call) error {
	if len(c.Turns) == 0 {
		return nil
	}
	t := c.Turns[0]
	style, words := timeline.Words(t)
	s := p.Screen
	_, err := fmt.Fprintf(p.Out, "%s %s %s %s %s  %s\n", s.In(terminal.Dim, clock(at)), who(attrs),
		s.In(terminal.Bold, fmt.Sprintf("turn %-3d", t.Index)), timeline.Bar(t, scale, barColumns, s),
		s.In(terminal.Bold, terminal.Left(terminal.Seconds(t.ResponseLatency), 6)), s.In(style, words))
	return err
}

func (p *Printer) session(at time.Time, attrs signal.Attributes, c *call.Call) error {
	words := []string{"call ended"}
	add := func(format string, v string) {
		if v != "" {
			words = append(words, fmt.Sprintf(format, v))
		}
	}
	add("after %s", terminal.Seconds(c.Duration))
	if n, ok := attrs.Int(semconv.VoiceSessionTurnCountKey); ok {
		words = append(words, fmt.Sprintf("%d turns", n))
	}
	add("%s", c.Outcome)
	add("%s", c.EndReason)
	style := terminal.Bold
	if c.Error != "" {
		style = terminal.Red
		add("error: %s", c.Error)
	}
	return p.print(style, clock(at)+" "+who(attrs)+" "+strings.Join(words, ", "))
}

func (p *Printer) stage(at time.Time, attrs signal.Attributes, s *call.Stage) error {
	style, words := terminal.Dim, []string{"  " + s.Name}
	if s.Duration != nil {
		words = append(words, terminal.Seconds(s.Duration))
	}
	if s.FirstOutput != nil {
		words = append(words, "first "+terminal.Seconds(s.FirstOutput))
	}
	if s.Outcome != semconv.VoiceStageOutcomeCompleted {
		words = append(words, s.Outcome)
	}
	if s.Error != "" {
		style = terminal.Red
		words = append(words, "error: "+s.Error)
	}
	return p.print(style, clock(at)+" "+who(attrs)+" "+strings.Join(words, "  "))
}

func clock(at time.Time) string {
	if at.IsZero() {
		return strings.Repeat(" ", 12)
	}
	return at.UTC().Format("15:04:05.000")
}

// nameColumns is the length of a session's name.
const nameColumns = 17

// who names the call of a line.
func who(attrs signal.Attributes) string {
	return terminal.Pad(terminal.Clean(cmp.Or(call.SessionOf(attrs), "-"), nameColumns), nameColumns)
}

// fields writes the attributes of a line that are the program's own.
func fields(attrs signal.Attributes) string {
	var b strings.Builder
	for _, kv := range attrs {
		namespace, _, dotted := strings.Cut(kv.Key, ".")
		switch namespace {
		case "voice", "session", "gen_ai", "code", "process", "thread", "user":
			if dotted {
				continue
			}
		}
		if kv.Key == string(semconv.ExceptionStacktraceKey) {
			continue
		}
		if b.Len() > maxLine {
			break
		}
		fmt.Fprintf(&b, " %s=%s", kv.Key, text(kv.Value))
	}
	return strings.TrimSpace(b.String())
}

func text(v any) string {
	if s, ok := v.(string); ok {
		return cleantext.Head(s, maxLine)
	}
	return fmt.Sprint(v)
}
