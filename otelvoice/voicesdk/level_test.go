// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// Each output asks its level for each record.
func TestLevelsOfOutputsChange(t *testing.T) {
	var out bytes.Buffer
	var console, unset slog.LevelVar
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), variables(), voicesdk.WithLogWriter(&out),
		voicesdk.WithLogConfig(voicesdk.LogConfig{ConsoleLevel: &unset}),
		voicesdk.WithLogConfig(voicesdk.LogConfig{ConsoleLevel: &console, FileLevel: (*slog.LevelVar)(nil)}))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tel.Shutdown(context.WithoutCancel(t.Context())) }()
	logger := tel.Logger("m")
	written := func(level slog.Level) bool {
		before := out.Len()
		logger.Log(t.Context(), level, "m")
		if out.Len() > before != logger.Enabled(t.Context(), level) {
			t.Errorf("Enabled says something else at %v", level)
		}
		return out.Len() > before
	}
	for _, tt := range []struct {
		level         slog.Level
		debug, warned bool
	}{{slog.LevelInfo, false, true}, {slog.LevelDebug, true, true}, {slog.LevelError, false, false}, {slog.LevelInfo, false, true}} {
		console.Set(tt.level)
		if debug, warned := written(slog.LevelDebug), written(slog.LevelWarn); debug != tt.debug || warned != tt.warned {
			t.Errorf("at %v DEBUG is written: %v, WARN: %v", tt.level, debug, warned)
		}
	}
	if setting, _ := tel.Config().Get("console_level"); setting.Value != "INFO" || setting.Origin != "option" {
		t.Errorf("the setting is %+v", setting)
	}
}

// So do the file and syslog, and the level of all.
func TestLevelOfTheFileChanges(t *testing.T) {
	path := t.TempDir() + "/agent.log"
	var all, file slog.LevelVar
	var out bytes.Buffer
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), variables(), voicesdk.WithLogWriter(&out),
		voicesdk.WithLogConfig(voicesdk.LogConfig{Level: &all, File: path, FileLevel: &file}))
	if err != nil {
		t.Fatal(err)
	}
	logger := tel.Logger("m")
	logger.Debug("one")
	file.Set(slog.LevelDebug)
	logger.Debug("two")
	all.Set(slog.LevelDebug)
	logger.Debug("three")
	file.Set(slog.LevelWarn)
	logger.Debug("four")
	if err := tel.Shutdown(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := messages(t, out.Bytes()); got != "three four" {
		t.Errorf("the console has %q", got)
	}
	if got := messages(t, content); got != "two three" {
		t.Errorf("the file has %q", got)
	}
}

// messages returns the messages of lines.
func messages(t *testing.T, lines []byte) string {
	t.Helper()
	var all []string
	for line := range bytes.Lines(lines) {
		var got struct{ Message string }
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatal(err)
		}
		all = append(all, got.Message)
	}
	return strings.Join(all, " ")
}
