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

// page runs the commands of docs/production.md, with the addresses of the servers in place of
// those of the compose file. Docker is not used here: package compose reads the compose file,
// and its servers run already. Each query is repeated until its answer is complete, because the
// collector sends in batches: the last records of the example arrive about a second after it.
func page(t *testing.T, addresses ...string) {
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
			backend.Eventually(t, "the answer is complete", func() (whole bool) {
				var err error
				answer, err = shell(id, query)
				return err == nil && holds(answer)
			})
		})
	}
}

// production returns the commands of the page in their order.
func production(t *testing.T) (commands []string) {
	t.Helper()
	text, err := os.ReadFile(backend.File(t, "docs", "production.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Try it on one machine\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for line := range strings.Lines(section) {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			commands = append(commands, strings.TrimSpace(command))
		}
	}
	if len(commands) != 7 || !strings.HasPrefix(commands[0], "docker compose -f docker-compose.otel.yml up") {
		t.Fatalf("docs/production.md has the commands %q: add the expected answers of the new ones", commands)
	}
	return commands
}
