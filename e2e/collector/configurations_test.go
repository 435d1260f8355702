// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package collector_test tests the configurations of deploy/collector, one collector at a time:
// what each accepts, what it removes, and what a service reports when its collector refuses its
// data.
package collector_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/e2e/backend"
)

// TestConfigurationsAreValid validates the configurations that the commands of deploy/README.md use.
func TestConfigurationsAreValid(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(backend.File(t, "deploy", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for line := range strings.Lines(string(text)) {
		_, arguments, found := strings.Cut(line, "otelcol --config ")
		if !found || !strings.HasPrefix(line, "$ ") {
			continue
		}
		names := strings.Fields(strings.ReplaceAll(arguments, "--config ", ""))
		var configs []string
		for _, name := range names {
			seen[name] = true
			configs = append(configs, backend.Config(t, name))
		}
		t.Run(strings.Join(names, " "), func(t *testing.T) {
			if err := backend.Validate(t, configs...); err != nil {
				t.Error(err)
			}
		})
	}
	files, err := filepath.Glob(backend.Config(t, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, file := range files {
		if !seen[filepath.Base(file)] {
			t.Errorf("no command of deploy/README.md uses %s", filepath.Base(file))
		}
	}
}

func TestInvalidConfigurations(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"an unknown exporter": "exporters: {nowhere: {}}\n",
		// Release 0.160 ignores unknown keys beside those of an HTTP client or server.
		"an unknown key":            "exporters: {otlp_http/jaeger: {sending_queue: {size: 1000}}}\n",
		"a statement with an error": "processors: {transform/pii: {log_statements: [{context: log, statements: ['delete_keys(log.attributes)']}]}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir() + "/wrong.yaml"
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if backend.Validate(t, backend.Config(t, "local.yaml"), backend.Config(t, "pii.yaml"), path) == nil {
				t.Error("the collector accepts an invalid configuration")
			}
		})
	}
}
