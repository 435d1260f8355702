// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package textlog

import (
	"path"
	"strconv"
	"strings"
	"time"
)

const (
	// columns is the width that lines of the toolkit should fit in.
	columns = 100
	// componentColumns is the width of the component.
	componentColumns = 14
	timeLayout       = "15:04:05.000"
	// maxFrames is the number of frames of a stack trace with details. JSON lines have all frames.
	maxFrames = 3
	// maxValue and maxError bound the cells of a field's value and of an error, without details.
	maxValue = 80
	maxError = 200
	// gap is the space between the parts of a line.
	gap = 2
)

// row is a line of text.
type row struct {
	painter

	dst   []byte
	taken int // Cells.
}

// entry appends the line of an entry, with a line end.
func (r *row) entry(e *entry, opts *Options) {
	r.head(e, opts.Location)
	if opts.Details {
		r.details(e)
	} else {
		r.brief(e)
	}
	r.dst = append(r.dst, '\n')
}

// text appends text of at most most cells.
func (r *row) text(color, text string, most int) {
	if color != "" {
		r.dst = r.open(r.dst, color)
	}
	var n int
	r.dst, n = appendCut(r.dst, text, most)
	r.taken += n
	if color != "" {
		r.dst = r.close(r.dst)
	}
}

// column appends text and pads it with spaces to a width.
func (r *row) column(color, text string, columns, most int) {
	r.dst = r.open(r.dst, color)
	var n int
	r.dst, n = appendCut(r.dst, text, most)
	for ; n < columns; n++ {
		r.dst = append(r.dst, ' ')
	}
	r.taken += n + 1
	r.dst = append(r.close(r.dst), ' ')
}

// space appends space.
func (r *row) space(n int) {
	for range n {
		r.dst = append(r.dst, ' ')
	}
	r.taken += n
}

// head appends time, level, component and message.
func (r *row) head(l *entry, in *time.Location) {
	r.column(dim, timeOf(l.time, in), len(timeLayout), whole)
	r.column(colorOf(l.level), l.level, len("ERROR"), whole)
	component := l.component
	if component == "" {
		component = l.module
		if l.own() {
			component = strings.TrimPrefix(component, "voice.")
		}
	}
	r.column(cyan, component, componentColumns, componentColumns)
	r.text("", l.message, whole)
}

// brief appends the most important number, the error, the fields that the program set, and short ids.
func (r *row) brief(l *entry) {
	ids := shortIDs(l)
	column := columns
	if ids != "" {
		column -= cells(ids, columns) + gap
	}
	r.summary(l, column, maxError, 1)
	space := gap
	for i := range l.fields {
		if f := &l.fields[i]; !l.hides(f) {
			r.field(blue, strings.TrimPrefix(f.key, argumentPrefix), f.value, space, maxValue)
			space = 1
		}
	}
	if ids != "" {
		r.space(gap)
		r.text(dim, ids, whole)
	}
}

// details appends all fields of a JSON line, and complete ids.
func (r *row) details(l *entry) {
	r.summary(l, columns, whole, maxFrames)
	space := gap
	add := func(color, key, value string) {
		if value != "" {
			r.field(color, key, value, space, whole)
			space = 1
		}
	}
	if l.component != "" {
		add(blue, "module", l.module)
	}
	add(blue, "phase", l.phase)
	add(blue, "stage", l.stage)
	add(blue, "duration_ms", l.duration)
	for i := range l.fields {
		add(blue, l.fields[i].key, l.fields[i].value)
	}
	add(red, "caused_by", l.chain)
	space = gap
	for _, f := range l.ids {
		add(dim, f.key, f.value)
	}
	if l.trace != "" && l.trace != strings.ReplaceAll(l.correlation, "-", "") {
		add(dim, "trace_id", l.trace)
	}
	if l.file != "" {
		add(dim, "at", strings.TrimSuffix(path.Base(strings.ReplaceAll(l.file, `\`, "/"))+":"+l.number, ":"))
	}
}

// summary appends the most important number, up to a column, and the error with the first frames of
// its stack trace.
func (r *row) summary(l *entry, column, errorCells, frameCount int) {
	if text := l.figure(column - r.taken - gap); text != "" {
		r.space(gap)
		r.text(alarm(l.level), text, whole)
	}
	if text := l.failure(); text != "" {
		r.space(gap)
		r.text(red, text, errorCells)
	}
	if text := frames(l.stack, frameCount); text != "" {
		r.space(gap)
		r.text(dim, "at "+text, errorCells)
	}
}

// field appends a field after spaces.
func (r *row) field(color, key, value string, space, most int) {
	r.space(space)
	r.dst = r.open(r.dst, color)
	var n, m int
	r.dst, n = appendCut(r.dst, key, most)
	r.dst = append(r.dst, '=')
	if color != dim {
		r.dst = r.close(r.dst)
	}
	if value == "" || strings.ContainsAny(value, " \"=") {
		value = strconv.Quote(value) // It could be read as several fields.
	}
	r.dst, m = appendCut(r.dst, value, most)
	r.taken += n + 1 + m
	if color == dim {
		r.dst = r.close(r.dst)
	}
}

// timeOf returns the time of day.
func timeOf(t time.Time, in *time.Location) string {
	if in == nil {
		in = time.Local
	}
	return t.In(in).Format(timeLayout)
}

// frames returns the first functions of a stack trace with file and line, in one line.
func frames(stack string, most int) string {
	var list []string
	var function string
	for text := range strings.Lines(stack) {
		place, indented := strings.CutPrefix(strings.TrimRight(text, "\n"), "\t")
		if !indented {
			function = path.Base(strings.TrimRight(text, "\n"))
			if args := strings.LastIndexByte(function, '('); args > 0 && strings.HasSuffix(function, ")") {
				function = function[:args] // Keep the receiver of agent.(*Agent).Think.
			}
			continue
		}
		if function == "panic" {
			list = list[:0] // The frames above it caught the panic.
			continue
		}
		place, _, _ = strings.Cut(place, " ")
		if len(list) == most {
			continue
		}
		list = append(list, function+" "+path.Base(place))
	}
	return strings.Join(list, " < ")
}
