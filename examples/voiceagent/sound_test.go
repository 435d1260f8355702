// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
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

var (
	life   = flag.Bool("life", false, "make the calls of TestTableAtLifesSpeed, which takes two minutes")
	update = flag.Bool("update", false, "write the table of the documentation anew")
)

// A call at life's speed, over sockets, with a barge-in. The bounds are wide, because the goroutines of a loaded machine
// run up to a tenth of a second late. The other tests have the documented ones.
func TestLatenciesAtLifesSpeed(t *testing.T) {
	all := summarize(recordCalls(t, network{}, "1", "2"))
	t.Log("\n" + all.String())
	if err := all.checkWithin(2, 1, 100*time.Millisecond, 400*time.Millisecond); err != nil {
		t.Error(err)
	}
}

// Ten calls of ten turns at life's speed, at the same time. It writes the table of the documentation:
//
//	go test ./examples/voiceagent -run TableAtLifesSpeed -life -update
func TestTableAtLifesSpeed(t *testing.T) {
	if !*life {
		t.Skip("it takes two minutes, and needs an idle machine: -life")
	}
	all := summarize(recordCalls(t, network{}, "10", "10"))
	t.Log("\n" + all.String())
	if err := all.check(100, 10); err != nil {
		t.Error(err)
	}
	const file, begin, end = "../../docs/recordings.md", "<!-- The table is generated: go test ./examples/voiceagent -run TableAtLifesSpeed -life -update -->\n", "<!-- end -->"
	if !*update || t.Failed() {
		return
	}
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no table", file)
	}
	if err := os.WriteFile(file, []byte(before+begin+all.String()+end+after), 0o600); err != nil {
		t.Fatal(err)
	}
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
