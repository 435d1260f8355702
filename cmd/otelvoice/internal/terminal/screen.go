// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package terminal writes text for people: as wide as the terminal, in color if it may, and with nothing in it that
// the terminal would obey.
package terminal

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/term"
)

// DefaultWidth is the width of what is not a terminal.
const DefaultWidth = 100

// Screen is how to write to an output.
type Screen struct {
	Width int  // In columns.
	Color bool // Colors may be used.
	// Cut reports that a longer line does not fit. What is not a terminal takes lines of any length.
	Cut bool
}

// Of returns the screen of an output. COLUMNS overrides the width. Colors are used on terminals, unless NO_COLOR is
// set or TERM is dumb (https://no-color.org).
func Of(w io.Writer, lookup func(string) (string, bool)) Screen {
	s := Screen{Width: DefaultWidth}
	if f, ok := file(w); ok && term.IsTerminal(int(f.Fd())) {
		s.Cut = true
		noColor, _ := lookup("NO_COLOR")
		name, _ := lookup("TERM")
		s.Color = noColor == "" && name != "dumb"
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			s.Width = width
		}
	}
	if text, ok := lookup("COLUMNS"); ok {
		if n, err := strconv.Atoi(text); err == nil && n >= 20 && n <= 1000 {
			s.Width, s.Cut = n, true
		}
	}
	return s
}

// longest is the longest line that is not cut, in columns.
const longest = 1000

// Limit returns the longest line, in columns.
func (s Screen) Limit() int {
	if s.Cut {
		return s.Width
	}
	return longest
}

// IsTerminal reports whether a file of the process is a terminal.
func IsTerminal(v any) bool {
	f, ok := file(v)
	return ok && term.IsTerminal(int(f.Fd()))
}

// file returns the file that v is, or that it writes to.
func file(v any) (*os.File, bool) {
	if w, ok := v.(interface{ Unwrap() io.Writer }); ok {
		v = w.Unwrap()
	}
	f, ok := v.(*os.File)
	return f, ok
}

// Style is how text looks.
type Style string

// The styles. They differ in more than hue, and never alone tell something.
const (
	Plain  Style = ""
	Bold   Style = "1"
	Dim    Style = "2"
	Red    Style = "31"
	Yellow Style = "33"
	Cyan   Style = "36"
)

// In returns the text in a style. The text must be clean.
func (s Screen) In(style Style, text string) string {
	if !s.Color || style == Plain || text == "" {
		return text
	}
	return "\x1b[" + string(style) + "m" + text + "\x1b[0m"
}
