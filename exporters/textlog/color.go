// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package textlog

import "strings"

// The colours, as parameters of ANSI escape sequences.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	blue   = "34"
	cyan   = "36"
	dim    = "2"
)

// colorOf returns the colour of a level.
func colorOf(level string) string {
	switch {
	case strings.HasPrefix(level, "ERROR"):
		return red
	case strings.HasPrefix(level, "WARN"):
		return yellow
	case strings.HasPrefix(level, "INFO"):
		return green
	}
	return dim
}

// alarm returns the colour for the figure of a warning or an error, or "".
func alarm(level string) string {
	if color := colorOf(level); color == red || color == yellow {
		return color
	}
	return ""
}

// painter colours text if it is on.
type painter struct{ on bool }

func (p painter) open(dst []byte, color string) []byte {
	if !p.on {
		return dst
	}
	return append(append(append(dst, "\x1b["...), color...), 'm')
}

func (p painter) close(dst []byte) []byte {
	if !p.on {
		return dst
	}
	return append(dst, "\x1b[0m"...)
}
