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
	// columns are those that the lines of the toolkit are made for.
	columns = 100
	// componentColumns are those of the component.
	componentColumns = 14
	timeLayout       = "15:04:05.000"
	// maxFrames is how many frames of a stack trace are shown with details; the JSON
	// line has all of them.
	maxFrames = 3
	// maxValue and maxError bound, without details, the cells of a field's value and of
	// an error.
	maxValue = 80
	maxError = 200
	// gap is the space between the parts of a line.
	gap = 2
)

// Append appends the text for a JSON line, with a line end.
func Append(dst, jsonLine []byte, opts Options) []byte {
	r := row{dst: dst, painter: painter{on: opts.Colors}}
	l, err := parse(jsonLine)
	if err != nil {
		r.text("", strings.Trim(string(jsonLine), "\r\n"), whole)
		return append(r.dst, '\n')
	}
	r.head(&l, opts.Location)
	if opts.Details {
		r.details(&l)
	} else {
		r.brief(&l)
	}
	return append(r.dst, '\n')
}

// row is a line of text that grows.
type row struct {
	painter

	dst   []byte
	taken int // Cells.
}

// text appends text, of at most so many cells.
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

// column appends text that is followed by space up to a width.
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

// head appends what all lines begin with: time, level, component and message.
func (r *row) head(l *line, in *time.Location) {
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

// brief appends what people look for: the number that matters, the error, what the
// program set, and short ids.
func (r *row) brief(l *line) {
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

// details appends all that the JSON line has, and whole ids.
func (r *row) details(l *line) {
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

// summary appends the number that matters, up to a column, and the error with the first
// frames of its stack trace.
func (r *row) summary(l *line, column, errorCells, frameCount int) {
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

// field appends a field behind space.
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
		value = strconv.Quote(value) // It could be taken for more than one.
	}
	r.dst, m = appendCut(r.dst, value, most)
	r.taken += n + 1 + m
	if color == dim {
		r.dst = r.close(r.dst)
	}
}

// timeOf returns the time of day. A time that cannot be read is shown as it is.
func timeOf(text string, in *time.Location) string {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return text
	}
	if in == nil {
		in = time.Local
	}
	return t.In(in).Format(timeLayout)
}

// frames returns the first functions of a stack trace with where they are, in one
// line.
func frames(stack string, most int) string {
	var list []string
	var function string
	for text := range strings.Lines(stack) {
		place, indented := strings.CutPrefix(strings.TrimRight(text, "\n"), "\t")
		if !indented {
			function = path.Base(strings.TrimRight(text, "\n"))
			if args := strings.LastIndexByte(function, '('); args > 0 && strings.HasSuffix(function, ")") {
				function = function[:args] // And not the receiver of agent.(*Agent).Think.
			}
			continue
		}
		if function == "panic" {
			list = list[:0] // Above it is what caught the panic.
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
