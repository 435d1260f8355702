// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"io"
	"strings"
)

// Column is a column of a table.
type Column struct {
	Head  string
	Right bool // It has numbers.
	Max   int  // The most columns that it takes; 0 is 40.
}

// Table is lines of cells. Cells are cleaned.
type Table struct {
	Columns []Column
	rows    [][]string
	styles  []Style
}

// Add adds a line.
func (t *Table) Add(style Style, cells ...string) {
	row := make([]string, len(t.Columns))
	for i := range row {
		if i < len(cells) {
			limit := t.Columns[i].Max
			if limit == 0 {
				limit = 40
			}
			row[i] = Clean(cells[i], limit)
		}
	}
	t.rows, t.styles = append(t.rows, row), append(t.styles, style)
}

// Len returns the number of lines.
func (t *Table) Len() int { return len(t.rows) }

// Write writes the table without the columns that are empty. Lines that are longer than the limit are cut.
func (t *Table) Write(w io.Writer, s Screen) error {
	widths := make([]int, len(t.Columns))
	for _, row := range t.rows {
		for i, cell := range row {
			widths[i] = max(widths[i], Columns(cell))
		}
	}
	var b strings.Builder
	line := func(style Style, cells []string) {
		var text strings.Builder
		for i, cell := range cells {
			if widths[i] == 0 {
				continue
			}
			if text.Len() > 0 {
				text.WriteString("  ")
			}
			if t.Columns[i].Right {
				text.WriteString(Left(cell, widths[i]))
			} else {
				text.WriteString(Pad(cell, widths[i]))
			}
		}
		b.WriteString(s.In(style, Clean(strings.TrimRight(text.String(), " "), s.Limit())) + "\n")
	}
	heads := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		heads[i] = c.Head
		if widths[i] > 0 {
			widths[i] = max(widths[i], Columns(c.Head))
		}
	}
	line(Bold, heads)
	for i, row := range t.rows {
		line(t.styles[i], row)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
