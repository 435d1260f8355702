// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package logql holds the LogQL queries of deploy/loki and of deploy/README.md as golden text, and
// computes from log records the result that Loki returns for each. Loki itself is under the AGPL and is
// neither built nor imported here. The queries and their results were last compared with a running Loki
// of the version in the golden file.
package logql

import (
	_ "embed"
	"fmt"

	"go.yaml.in/yaml/v3"
)

//go:embed testdata/queries.yaml
var golden []byte

// A Query is a LogQL query and its place.
type Query struct {
	Where string // The dashboard's file and the panel's title, or deploy/README.md.
	Text  string // With Grafana's variables; deploy/README.md has $ID for the trace ID.
}

// Golden returns the version of Loki that the queries were last run against, and the
// queries.
func Golden() (version string, queries []Query, err error) {
	var file struct {
		Loki    string
		Queries []Query
	}
	if err := yaml.Unmarshal(golden, &file); err != nil {
		return "", nil, fmt.Errorf("read the golden queries: %w", err)
	}
	return file.Loki, file.Queries, nil
}

// Select returns Loki's result of the golden query at a place: lines, the oldest first, or for a query
// that counts lines, one line for each group. Call is the argument of the query: a session or
// correlation ID, or for the query of deploy/README.md the trace ID.
func Select(where string, lines []Line, call string) ([]string, error) {
	switch where {
	case "calls.json: Log lines":
		return linesOfCall(lines, call), nil
	case "errors.json: Calls with errors":
		return callsWithErrors(lines), nil
	case "errors.json: Error log lines":
		return errorLines(lines), nil
	case "deploy/README.md":
		return linesOfTrace(lines, call), nil
	}
	return nil, fmt.Errorf("select lines: no golden query for %q", where)
}
