// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Settingsgen writes the tables of settings into a Markdown file, between their markers.
// It takes them from the packages that read the settings.
//
//	settingsgen docs/settings.md
package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/voice-agents/telemetry/internal/bootstrap"
	"github.com/voice-agents/telemetry/internal/settings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: settingsgen FILE")
		os.Exit(2)
	}
	if err := rewrite(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "settingsgen:", err)
		os.Exit(1)
	}
}

func rewrite(path string) error {
	text, err := os.ReadFile(path) //nolint:gosec // The caller names the file.
	if err != nil {
		return err
	}
	for _, table := range []struct{ name, rows string }{
		{"log settings", logTable()},
		{"other settings", otherTable()},
	} {
		if text, err = replace(text, table.name, table.rows); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return os.WriteFile(path, text, 0o644) //nolint:gosec // Everyone may read it.
}

// replace replaces the text between the markers of a table.
func replace(text []byte, name, rows string) ([]byte, error) {
	begin := []byte("<!-- begin " + name + ", generated -->\n")
	end := []byte("<!-- end " + name + " -->")
	before, rest, ok := bytes.Cut(text, begin)
	_, after, closed := bytes.Cut(rest, end)
	if !ok || !closed {
		return nil, fmt.Errorf("no markers %s…%s", begin, end)
	}
	return bytes.Join([][]byte{before, begin, []byte(rows), end, after}, nil), nil
}

func logTable() string {
	var b strings.Builder
	row(&b, "variable", "file key", "`LogConfig`", "what it does", "default")
	row(&b, "---", "---", "---", "---", "---")
	for _, s := range settings.Switches() {
		row(&b, code(s.Variable), code(s.Key), code(s.Field), s.Brief+" "+upper(s.Want)+".", quoted(s.Default))
	}
	row(&b, code(settings.FileVariable), "", code("WithConfigFile"), "The JSON file that has the keys.", "")
	return b.String()
}

func otherTable() string {
	var b strings.Builder
	row(&b, "variable", "option", "what it does", "default")
	row(&b, "---", "---", "---", "---")
	for _, v := range bootstrap.Variables() {
		names := make([]string, len(v.Names))
		for i, name := range v.Names {
			names[i] = code(name)
		}
		row(&b, strings.Join(names, ", "), v.Option, v.Brief, v.Default)
	}
	return b.String()
}

func row(b *strings.Builder, cells ...string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func code(s string) string { return "`" + s + "`" }

// quoted returns a default value as code, and a description as it is.
func quoted(s string) string {
	if s == "" || strings.Contains(s, " ") {
		return s
	}
	return code(s)
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
