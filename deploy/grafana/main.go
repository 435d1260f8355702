// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Command grafana writes the Grafana dashboards beside it. It takes the names of metrics,
// labels and span attributes from package semconv, so dashboards query only names that
// the toolkit records:
//
//	go generate ./...
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

// file is a dashboard and its file name.
type file struct {
	name  string
	build func() *dashboard.DashboardBuilder
}

func dashboards() []file {
	return []file{
		{"pipeline.json", pipeline},
		{"errors.json", failures},
		{"experience.json", experience},
		{"outcomes.json", outcomes},
		{"conversation.json", conversation},
		{"resources.json", resources},
		{"calls.json", calls},
	}
}

func main() {
	dir := flag.String("dir", ".", "the output directory")
	flag.Parse()
	if err := write(*dir); err != nil {
		fmt.Fprintf(os.Stderr, "grafana: %v\n", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	for _, f := range dashboards() {
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
