// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package tour_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/semconv"
)

// readme runs the commands of the README's page on production, with the servers' addresses
// in place of those of the compose file. There is no docker here: what it would start is
// read by the package compose, and runs already. What a reader asks the servers he asks
// again when the answer is not whole yet: the collector sends in batches, and what the
// example told last is there a second after it.
func readme(t *testing.T, addresses ...string) {
	t.Helper()
	for _, program := range []string{"bash", "curl", "jq"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("not run: %v", err)
		}
	}
	commands := production(t)
	replace := strings.NewReplacer(append(addresses, "calls.jsonl", filepath.Join(t.TempDir(), "calls.jsonl"))...)
	shell := func(commands ...string) (string, error) {
		script := replace.Replace(strings.Join(commands, "\n"))
		cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
		cmd.Dir = backend.File(t)
		out, err := cmd.Output()
		return string(out), err
	}
	example, id := commands[1], commands[2]
	if out, err := shell(example); err != nil || out != "" {
		t.Fatalf("%s\nanswers\n%s\n%v", example, out, err)
	}
	for i, holds := range []func(string) bool{
		func(spans string) bool { return strings.Contains(spans, semconv.SpanVoiceTurn+"\n") },
		func(lines string) bool { return strings.Contains(lines, "session ended\n") },
		func(p95 string) bool {
			v, err := strconv.ParseFloat(strings.TrimSpace(p95), 64)
			return err == nil && v > 0
		},
		func(alerts string) bool { return strings.Contains(alerts, "VoiceTurnsFail\n") },
	} {
		query := commands[3+i]
		t.Run(query, func(t *testing.T) {
			var answer string
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("it answers\n%s", answer)
				}
			})
			backend.Eventually(t, "the whole answer", func() (whole bool) {
				var err error
				answer, err = shell(id, query)
				return err == nil && holds(answer)
			})
		})
	}
}

// production returns the commands of the page.
func production(t *testing.T) (commands []string) {
	t.Helper()
	text, err := os.ReadFile(backend.File(t, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, page, _ := strings.Cut(string(text), "\n## In production\n")
	page, _, _ = strings.Cut(page, "\n## ")
	for line := range strings.Lines(page) {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			commands = append(commands, strings.TrimSpace(command))
		}
	}
	if len(commands) != 7 || !strings.HasPrefix(commands[0], "docker compose -f docker-compose.otel.yml up") {
		t.Fatalf("the page has the commands %q: add what the new ones are to answer", commands)
	}
	return commands
}
