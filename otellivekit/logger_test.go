// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/livekit/protocol/logger/pionlogger"

	"github.com/voice-agents/telemetry/otellivekit"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// last returns the newest line.
func last(t *testing.T, rec *voicetest.Recorder) map[string]any {
	t.Helper()
	lines, err := rec.Lines()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) == 0 {
		t.Fatal("no lines")
	}
	return lines[len(lines)-1]
}

func extra(line map[string]any, key string) any {
	fields, _ := line["extra_data"].(map[string]any)
	return fields[key]
}

func TestLogger(t *testing.T) {
	tel, rec := voicetest.Setup(t, voicesdk.WithLogLevel(slog.LevelDebug))
	ctx := traced(t, tel.Telemetry)
	log := otellivekit.NewLoggerContext(ctx, tel.Telemetry)

	log.WithValues("room", "call-4711", "roomID", "RM_1").WithName("rtc").WithComponent("transport").
		WithValues("participant", "caller", "participantID", "PA_1").Infow("connected", "trackID", "TR_1", "attempt", 2)
	line := last(t, rec)
	if line["level"] != "INFO" || line["module"] != "livekit.rtc.transport" || line["correlation_id"] != correlation || line["component"] != "livekit" {
		t.Errorf("line: %v", line)
	}
	for key, want := range map[string]any{
		"voice.room.name": "call-4711", "voice.room.id": "RM_1", "voice.participant.identity": "caller", "voice.participant.id": "PA_1",
		"voice.track.id": "TR_1", "attempt": 2.,
	} {
		if got := extra(line, key); got != want {
			t.Errorf("%s: got %v, want %v", key, got, want)
		}
	}
	if file, _ := line["file_path"].(string); !strings.HasSuffix(file, "logger_test.go") {
		t.Errorf("the line has the source %s", file)
	}

	log.Errorw("broken", errors.New("no route"), "odd")
	line = last(t, rec)
	exception, _ := line["exception"].(map[string]any)
	if line["level"] != "ERROR" || exception["message"] != "no route" || extra(line, "!BADKEY") != "odd" {
		t.Errorf("line: %v", line)
	}
	log.Warnw("odd", nil, 7, "x")
	if line = last(t, rec); line["level"] != "WARN" || line["exception"] != nil {
		t.Errorf("line: %v", line)
	}
	log.WithUnlikelyValues("a", 1).Debugw("unlikely", "b", 2)
	if line = last(t, rec); line["message"] != "unlikely" || extra(line, "a") != 1. || extra(line, "b") != 2. {
		t.Errorf("line: %v", line)
	}
	if file, _ := line["file_path"].(string); !strings.HasSuffix(file, "logger_test.go") {
		t.Errorf("the line of WithUnlikelyValues has the source %s", file)
	}
	log.WithItemSampler().WithoutSampler().Infow("all of them")
	if line = last(t, rec); line["message"] != "all of them" {
		t.Errorf("line: %v", line)
	}
}

// Lines wait until their fields are known.
func TestDeferredFields(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	log, fields := otellivekit.NewLogger(tel.Telemetry).WithDeferredValues()
	log.Infow("one")
	if lines, err := rec.Lines(); err != nil || len(lines) != 0 {
		t.Fatalf("lines: %v, %v", lines, err)
	}
	fields.Resolve("roomID", "RM_1")
	if line := last(t, rec); line["message"] != "one" || extra(line, "voice.room.id") != "RM_1" {
		t.Errorf("line: %v", line)
	}
	log.Infow("two")
	if line := last(t, rec); line["message"] != "two" || extra(line, "voice.room.id") != "RM_1" {
		t.Errorf("line: %v", line)
	}
	fields.Reset()
	for range 2000 { // More than wait.
		log.Infow("three")
	}
	lines, err := rec.Lines()
	if err != nil || len(lines) != 2+1000 {
		t.Errorf("%d lines, want 1002, %v", len(lines), err)
	}
	fields.Resolve()
	if lines, _ = rec.Lines(); len(lines) != 2002 {
		t.Errorf("%d lines, want 2002", len(lines))
	}
}

// Levels and filters are those of the toolkit, for pion below it, too.
func TestLevelsAndPion(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	log := otellivekit.NewLogger(tel.Telemetry)
	log.Debugw("too fine")
	pion := pionlogger.NewLoggerFactory(log).NewLogger("ice")
	pion.Debugf("too fine %d", 1)
	if lines, err := rec.Lines(); err != nil || len(lines) != 0 {
		t.Fatalf("lines: %v, %v", lines, err)
	}
	if err := tel.SetLevel(slog.LevelDebug, "livekit"); err != nil {
		t.Fatal(err)
	}
	pion.Warnf("no candidate %d", 1)
	line := last(t, rec)
	module, _ := line["module"].(string)
	if message, _ := line["message"].(string); !strings.Contains(message, "no candidate 1") || !strings.HasPrefix(module, "livekit") {
		t.Errorf("line: %v", line)
	}
}
