// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
	"github.com/voice-agents/telemetry/semconv"
)

// recordCalls makes calls with recordings, and compares each with its sound.
func recordCalls(t *testing.T, n network, calls, turns string) (reports []*recording.Report) {
	t.Helper()
	cfg, err := parse([]string{"-record", t.TempDir(), "-calls", calls, "-concurrency", calls, "-turns", turns}, variables(), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	cfg.network = n
	tel, rec := voicetest.Setup(t)
	results, err := simulate(t.Context(), tel.Telemetry, cfg)
	if err != nil || !allWell(results) {
		t.Fatalf("%+v, %v", results, err)
	}
	voicetest.Check(t, rec)
	for _, session := range rec.Named(semconv.SpanVoiceSession) {
		attrs := make(map[string]string)
		for _, kv := range session.Attributes() {
			attrs[string(kv.Key)] = kv.Value.String()
		}
		start, err := time.Parse(time.RFC3339Nano, attrs[string(semconv.VoiceRecordingStartKey)])
		if err != nil {
			t.Fatal(err)
		}
		id := attrs[string(semconv.SessionIDKey)]
		reports = append(reports, compare(t, filepath.Join(cfg.recordings, id+".wav"), rec.Turns(id), start))
	}
	return reports
}

func compare(t *testing.T, file string, turns []recording.Turn, start time.Time) *recording.Report {
	t.Helper()
	wav, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = wav.Close() }()
	sound, err := recording.Measure(wav)
	if err != nil {
		t.Fatal(err)
	}
	report, err := recording.Compare(turns, sound, start)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// Where time passes only while all wait, the differences are those of the detectors alone. The bounds are
// the documented ones.
func TestLatenciesAreTheSilencesOfTheRecordings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := summarize(recordCalls(t, newMemory(), "20", "5"))
		t.Log("\n" + all.String())
		if err := all.check(100, 10); err != nil {
			t.Error(err)
		}
	})
}
