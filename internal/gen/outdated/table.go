// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	begin  = "<!-- begin versions, written by internal/gen/outdated -->\n"
	end    = "<!-- end versions -->\n"
	header = "| what | version | newest known | in | run by the tests |\n| --- | --- | --- | --- | --- |\n"
)

// vendors lists the directories of the modules whose requirements the table has: the integrations
// of vendors' SDKs.
var vendors = []string{"otellivekit", "oteldeepgram", "otelgrpcspeech", "otelpion", "sdks"}

// foundation lists modules that the table has for all vendors at once, or that are only for tests.
func foundation(name string) bool {
	return strings.HasPrefix(name, "go.opentelemetry.io/") || strings.HasPrefix(name, "go.uber.org/") || strings.HasPrefix(name, "google.golang.org/protobuf")
}

// listed reports whether the table has a dependency: servers, images, vendors' SDKs and OpenTelemetry.
func listed(d dependency) bool {
	switch {
	case d.image, d.name == "go.opentelemetry.io/otel":
		return true
	case slices.ContainsFunc(d.in, func(dir string) bool { return strings.HasPrefix(dir, "e2e/servers/") }):
		return !strings.Contains(d.name, "opentelemetry") || strings.HasSuffix(d.name, "/otelcol") || strings.HasSuffix(d.name, "/kafkaexporter")
	}
	return !foundation(d.name) && slices.ContainsFunc(d.in, func(dir string) bool { return slices.Contains(vendors, dir) })
}

// A row is what the table says that the files do not.
type row struct{ newest, run string }

// rows has the rows of a table by name and version.
type rows map[[2]string]row

// of returns the row of a dependency, or a row of another version of it.
func (r rows) of(d dependency) (row, bool) {
	if found, ok := r[[2]string{d.name, d.version}]; ok {
		return found, true
	}
	for key, found := range r {
		if key[0] == d.name {
			return found, true
		}
	}
	return row{}, false
}

// parse returns the rows of the table.
func parse(page string) (rows, error) {
	_, rest, opened := strings.Cut(page, begin)
	body, _, closed := strings.Cut(rest, end)
	if !opened || !closed {
		return nil, errors.New("the table's markers are missing")
	}
	found := make(rows)
	for line := range strings.Lines(strings.TrimPrefix(body, header)) {
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		if len(cells) != 5 {
			return nil, fmt.Errorf("%q: want 5 cells", line)
		}
		found[[2]string{strings.Trim(cells[0], "`"), cells[1]}] = row{newest: cells[2], run: cells[4]}
	}
	return found, nil
}

// table renders the listed dependencies. The rows before have what is not in files.
func table(used []dependency, before rows) string {
	var out strings.Builder
	out.WriteString(header)
	for _, d := range used {
		if !listed(d) {
			continue
		}
		r, ok := before.of(d)
		if !ok {
			r.run = "yes"
			if d.image {
				r.run = "no"
			}
		}
		newest := d.newest
		if newest == "" {
			newest = "unknown"
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s | %s |\n", d.name, d.version, newest, strings.Join(d.in, ", "), r.run)
	}
	return out.String()
}

// replace returns the page with another table.
func replace(page, body string) (string, error) {
	before, rest, found := strings.Cut(page, begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return "", errors.New("the table's markers are missing")
	}
	return before + begin + body + end + after, nil
}
