// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package logging_test tests the configuration that README.md recommends.
package logging_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// setup starts telemetry in a temporary directory.
func setup(t *testing.T, env map[string]string, opts ...voicesdk.Option) *voicesdk.SDK {
	t.Helper()
	t.Chdir(t.TempDir())
	tel, err := voicesdk.Setup(t.Context(), append(opts, voicesdk.WithoutGlobals(),
		voicesdk.WithLookupEnv(func(name string) (string, bool) { v, ok := env[name]; return v, ok }))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tel.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	tel.Logger("voice.stt").InfoContext(t.Context(), "ready")
	tel.Logger("voice.http").InfoContext(t.Context(), "left out")
	text, err := os.ReadFile(filepath.Join("logs", "agent.log"))
	if err != nil || strings.Count(string(text), "\n") != 1 || !strings.Contains(string(text), `"message":"ready"`) {
		t.Errorf("the file holds %q, %v", text, err)
	}
	return tel
}

func inCode(t *testing.T) *voicesdk.SDK {
	t.Helper()
	return setup(t, nil,
		voicesdk.WithInstrumentation(otelvoice.WithoutContentCapture()),
		voicesdk.WithLogConfig(voicesdk.LogConfig{
			Level:            slog.LevelInfo,
			Format:           voicesdk.FormatJSON,
			Output:           []voicesdk.LogOutput{voicesdk.OutputFile},
			File:             "logs/agent.log",
			MaxFileSize:      new(int64(50 << 20)),
			BackupCount:      new(10),
			IncludeTraceback: new(true),
			ExcludeModules:   []string{"voice.http", "noisy"},
		}))
}

// values returns the settings without their origins.
func values(tel *voicesdk.SDK) string {
	var b strings.Builder
	for _, s := range tel.Config() {
		b.WriteString(s.Key + "=" + s.Value + "\n")
	}
	return b.String()
}

func TestCodeEnvironmentAndFileAreEqual(t *testing.T) {
	file, err := filepath.Abs("log.json")
	if err != nil {
		t.Fatal(err)
	}
	env, err := os.ReadFile("log.env")
	if err != nil {
		t.Fatal(err)
	}
	variables := make(map[string]string)
	for line := range strings.Lines(string(env)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok {
			t.Fatalf("log.env: %q", line)
		}
		variables[name] = value
	}
	got := make(map[string]string)
	for name, start := range map[string]func(t *testing.T) *voicesdk.SDK{
		"code":        inCode,
		"environment": func(t *testing.T) *voicesdk.SDK { t.Helper(); return setup(t, variables) },
		"file": func(t *testing.T) *voicesdk.SDK {
			t.Helper()
			return setup(t, map[string]string{"LOG_CONFIG_FILE": file})
		},
		"option for the file": func(t *testing.T) *voicesdk.SDK {
			t.Helper()
			return setup(t, nil, voicesdk.WithConfigFile(file))
		},
	} {
		t.Run(name, func(t *testing.T) { got[name] = values(start(t)) })
	}
	for name, settings := range got {
		if settings != got["code"] {
			t.Errorf("%s gives\n%s\ncode gives\n%s", name, settings, got["code"])
		}
	}
}

// The code in README.md is the code that the test runs.
func TestPageShowsTheCode(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("production_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(page), "```go\ntel, err := voicesdk.Setup(ctx,\n")
	block, _, ok := strings.Cut(block, "\n```")
	if !ok {
		t.Fatal("README.md has no code")
	}
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	if !strings.Contains(squeeze(string(source)), squeeze(block)) {
		t.Errorf("README.md has code that is not tested:\n%s", block)
	}
}
