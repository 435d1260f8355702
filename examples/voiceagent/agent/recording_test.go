// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/examples/voiceagent/wire"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/wav"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
	"github.com/voice-agents/telemetry/semconv"
)

// recordings returns the duration of each recording in a directory, by the name that the session's URI has.
func recordings(t *testing.T, w *world, dir string) map[string]time.Duration {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	lengths := make(map[string]time.Duration)
	for _, session := range w.recorder.Named(semconv.SpanVoiceSession) {
		if uri, ok := value(session, semconv.VoiceRecordingURIKey).(string); ok {
			lengths[uri] = -1
		}
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		format, samples, err := wav.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		lengths["file://"+filepath.ToSlash(name)] = format.Duration(len(samples))
	}
	return lengths
}

func TestRecordingsOfTwoCallsAtOnce(t *testing.T) {
	dir := t.TempDir()
	w := worldRecordedTo(t, dir)
	var calls sync.WaitGroup
	for range 2 {
		calls.Go(func() {
			voice, ear := startCall(t, w)
			hear(t, ear, wire.Audio)
			send(t, voice, wire.HangUp, nil)
			_ = voice.Close()
			for {
				if _, _, err := wire.Read(ear); err != nil {
					return
				}
			}
		})
	}
	calls.Wait()
	w.hangUp()
	voicetest.Check(t, w.recorder)
	got := recordings(t, w, dir)
	if len(got) != 2 {
		t.Errorf("recordings: %v, want two, one of each session", got)
	}
	for uri, length := range got {
		if length <= 0 || length > 10*time.Second {
			t.Errorf("%s has %v", uri, length)
		}
	}
}

// A caller who hangs up at once leaves a recording that can be read and has no speech of theirs.
func TestRecordingOfACallWithoutAudio(t *testing.T) {
	dir := t.TempDir()
	w := worldRecordedTo(t, dir)
	voice, ear := startCall(t, w)
	send(t, voice, wire.HangUp, nil)
	_ = voice.Close()
	for {
		if _, _, err := wire.Read(ear); err != nil {
			break
		}
	}
	w.hangUp()
	voicetest.Check(t, w.recorder)
	files, err := filepath.Glob(filepath.Join(dir, "*.wav"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	file, err := os.Open(files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	sound, err := recording.Measure(file)
	if err != nil && !strings.Contains(err.Error(), "no samples") {
		t.Fatal(err)
	}
	if sound != nil && len(sound.User) > 0 {
		t.Errorf("the user speaks at %v", sound.User)
	}
}

// A call goes on if it cannot be recorded, and says so.
func TestRecordingsThatCannotBeMade(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the modes of directories are those of Unix")
	}
	for _, tt := range []struct{ name, dir string }{
		{"a directory that does not exist", filepath.Join(t.TempDir(), "none")},
		{"a directory that is a file", os.DevNull},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := worldRecordedTo(t, tt.dir)
			if report, err := w.call(t, 2, 1, ""); err != nil || report.Replies != 2 {
				t.Errorf("%+v, %v", report, err)
			}
			w.hangUp()
			voicetest.Check(t, w.recorder)
			session := w.recorder.Named(semconv.SpanVoiceSession)[0]
			if got := value(session, semconv.VoiceRecordingURIKey); got != nil {
				t.Errorf("the session has the recording %v", got)
			}
			lines, err := w.recorder.Lines()
			if err != nil {
				t.Fatal(err)
			}
			warned := 0
			for _, line := range lines {
				if line["message"] == "call not recorded" && line["level"] == "WARNING" || line["message"] == "call not recorded" && line["level"] == "WARN" {
					warned++
				}
			}
			if warned != 1 {
				t.Errorf("%d warnings, want 1", warned)
			}
		})
	}
}
