// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package grafanatest reads the queries of Grafana dashboards, for tests.
package grafanatest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Query is a query of a panel.
type Query struct {
	Dashboard string // The file name.
	Panel     string // The title.
	Source    string // The data source's UID.
	Text      string // In the data source's language, with Grafana's variables.
	Type      string // The data source's type of query, such as "stats", or "".
	Legend    string
}

// Queries returns the queries of all dashboards in a directory, in their order.
func Queries(dir string) (queries []Query, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("find dashboards: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("find dashboards: none in %s", dir)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read a dashboard: %w", err)
		}
		var d struct{ Panels []panel }
		if err := json.Unmarshal(text, &d); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		for _, p := range d.Panels {
			queries = p.ask(queries, filepath.Base(file))
		}
	}
	return queries, nil
}

// panel is a panel, or a row with its panels.
type panel struct {
	Title      string
	Datasource struct{ UID string }
	Targets    []struct{ Expr, Query, QueryType, LegendFormat string }
	Panels     []panel
}

func (p panel) ask(queries []Query, file string) []Query {
	for _, t := range p.Targets {
		queries = append(queries, Query{Dashboard: file, Panel: p.Title, Source: p.Datasource.UID, Text: t.Expr + t.Query, Type: t.QueryType, Legend: t.LegendFormat})
	}
	for _, below := range p.Panels {
		queries = below.ask(queries, file)
	}
	return queries
}

// Filled returns the query with its variables replaced: all services, and the given call.
func (q Query) Filled(call string) string {
	return strings.NewReplacer("$__rate_interval", "5m", "$__range", "1h", "$job", ".+", "$call", call).Replace(q.Text)
}
