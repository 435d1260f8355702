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

// readme runs the commands of the README's page on production, one after the other in one
// shell, with the servers' addresses in place of those of the compose file. There is no
// docker here: what it would start is read by the package compose, and runs already.
func readme(t *testing.T, addresses ...string) {
	t.Helper()
	for _, program := range []string{"bash", "curl", "jq"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("not run: %v", err)
		}
	}
	commands := production(t)
	replace := strings.NewReplacer(append(addresses, "calls.jsonl", filepath.Join(t.TempDir(), "calls.jsonl"))...)
	const mark = "---"
	var script strings.Builder
	for _, c := range commands[1:] {
		script.WriteString(replace.Replace(c) + "\necho " + mark + "\n")
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script.String())
	cmd.Dir = backend.File(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, &script, out)
	}
	answers := strings.Split(string(out), mark+"\n")
	for i, holds := range []func(string) bool{
		func(calls string) bool { return calls == "" },
		func(id string) bool { return id == "" },
		func(spans string) bool { return strings.Contains(spans, semconv.SpanVoiceTurn+"\n") },
		func(lines string) bool { return strings.Contains(lines, "session ended\n") },
		func(p95 string) bool {
			v, err := strconv.ParseFloat(strings.TrimSpace(p95), 64)
			return err == nil && v > 0
		},
		func(alerts string) bool { return strings.Contains(alerts, "VoiceTurnsFail\n") },
	} {
		if !holds(answers[i]) {
			t.Errorf("%s\nanswers\n%s", commands[i+1], answers[i])
		}
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
