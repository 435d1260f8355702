// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Command grafana writes the Grafana dashboards beside it. It takes the names of metrics,
// labels and span attributes from package semconv, so dashboards query only names that
// the toolkit records:
//
//	go generate ./...
//
// The panels of log records query VictoriaLogs. With -logs loki, the dashboards that have such panels are
// written with queries to Loki:
//
//	go run . -logs loki -dir ../loki
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

//go:generate go run . -dir .
//go:generate go run . -logs loki -dir ../loki

// file is a dashboard and its file name.
type file struct {
	name  string
	build func() *dashboard.DashboardBuilder
}

// dashboards returns the dashboards whose panels of log records query the given store.
func dashboards(records logStore) []file {
	return append([]file{
		{"pipeline.json", pipeline},
		{"experience.json", experience},
		{"outcomes.json", outcomes},
		{"conversation.json", conversation},
		{"resources.json", resources},
	}, withLogs(records)...)
}

// withLogs returns the dashboards with panels of log records.
func withLogs(records logStore) []file {
	return []file{
		{"errors.json", func() *dashboard.DashboardBuilder { return failures(records) }},
		{"calls.json", func() *dashboard.DashboardBuilder { return calls(records) }},
	}
}

func main() {
	dir := flag.String("dir", ".", "the output directory")
	logs := flag.String("logs", "victorialogs", "the backend for log records: victorialogs or loki")
	flag.Parse()
	if err := run(*dir, *logs); err != nil {
		fmt.Fprintf(os.Stderr, "grafana: %v\n", err)
		os.Exit(1)
	}
}

// run writes all dashboards for the default backend, and those that differ for another one.
func run(dir, logs string) error {
	store, ok := logStores()[logs]
	switch {
	case !ok:
		return fmt.Errorf("-logs %q is neither victorialogs nor loki", logs)
	case logs == "victorialogs":
		return write(dir, dashboards(store))
	}
	return write(dir, withLogs(store))
}

func write(dir string, files []file) error {
	for _, f := range files {
		built, err := f.build().Build()
		if err != nil {
			return fmt.Errorf("build %s: %w", f.name, err)
		}
		text, err := json.MarshalIndent(built, "", "  ")
		if err != nil {
			return fmt.Errorf("encode %s: %w", f.name, err)
		}
		// Queries contain <, > and &, and should be readable in diffs.
		readable := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(text)) + "\n"
		if err := os.WriteFile(filepath.Join(dir, f.name), []byte(readable), 0o644); err != nil { //nolint:gosec // Grafana runs as another user.
			return err
		}
	}
	return nil
}
