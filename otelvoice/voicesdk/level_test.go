// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// Each output reads its level for each record.
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

// The file, syslog and the common level read theirs for each record, too.
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

// messages returns the messages of the lines.
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

// Syslog reads its level for each record, too.
func TestLevelOfSyslogChanges(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	sent := make(chan []string, 1)
	go func() { sent <- received(server) }()
	var level slog.LevelVar
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), variables(), voicesdk.WithLogConfig(voicesdk.LogConfig{
		Output: []voicesdk.LogOutput{voicesdk.OutputSyslog}, SyslogAddress: "tcp://" + server.Addr().String(), SyslogLevel: &level,
	}))
	if err != nil {
		t.Fatal(err)
	}
	logger := tel.Logger("m")
	for _, to := range []slog.Level{slog.LevelInfo, slog.LevelDebug, slog.LevelWarn} {
		level.Set(to)
		logger.Debug("debug at " + to.String())
		logger.Info("info at " + to.String())
	}
	if err := tel.Shutdown(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(<-sent, "\n")
	for message, want := range map[string]bool{
		"debug at INFO": false, "info at INFO": true, "debug at DEBUG": true, "info at DEBUG": true, "debug at WARN": false, "info at WARN": false,
	} {
		if strings.Contains(got, message) != want {
			t.Errorf("%q was sent: %v, want %v", message, !want, want)
		}
	}
}

// SetLevel replaces a dynamic level of LogConfig.
func TestSetLevelReplacesTheLevelOfLogConfig(t *testing.T) {
	var level slog.LevelVar
	tel, _ := voicetest.Setup(t, voicesdk.WithLogConfig(voicesdk.LogConfig{Level: &level}))
	logger := tel.Logger("m")
	level.Set(slog.LevelDebug)
	if !logger.Enabled(t.Context(), slog.LevelDebug) {
		t.Error("the variable is not read")
	}
	if err := tel.SetLevel(slog.LevelWarn); err != nil {
		t.Fatal(err)
	}
	level.Set(slog.LevelDebug)
	if logger.Enabled(t.Context(), slog.LevelInfo) {
		t.Error("the variable is read after SetLevel")
	}
}
