// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/examples/dropin/internal/trial"
	"github.com/voice-agents/telemetry/examples/dropin/internal/vendors"
	"github.com/voice-agents/telemetry/semconv"
)

// mostLines is how many lines telemetry may add to an agent.
const mostLines = 10

// The drop-in versions are the plain ones with at most ten added lines, the imports among them. A
// changed line counts as an added one.
func TestAddedLines(t *testing.T) {
	for _, version := range []string{"phone/dropin", "phone/tapped", "web/dropin", "speech/tapped"} {
		agent := filepath.Dir(version)
		plain, err := filepath.Glob(agent + "/plain/*.go")
		if err != nil || len(plain) == 0 {
			t.Fatalf("%s: no files (%v)", agent, err)
		}
		var all []string
		for _, file := range plain {
			all = append(all, added(t, file, filepath.Join(version, filepath.Base(file)))...)
		}
		if files, err := filepath.Glob(version + "/*.go"); err != nil || len(files) != len(plain) {
			t.Errorf("%s has %d files, want the %d of %s/plain (%v)", version, len(files), len(plain), agent, err)
		}
		t.Logf("%s: %d added lines\n%s", version, len(all), strings.Join(all, "\n"))
		if len(all) > mostLines {
			t.Errorf("%s has %d added lines, want %d at the most", version, len(all), mostLines)
		}
	}
}

// added returns the lines of a file that are not in another one, in their order, without empty ones.
func added(t *testing.T, from, to string) (lines []string) {
	t.Helper()
	a, b := read(t, from), read(t, to)
	// common[i][j] is the number of lines that a[i:] and b[j:] share.
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i, before := range slices.Backward(a) {
		for j, after := range slices.Backward(b) {
			if before == after {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i := 0
	for j := 0; j < len(b); {
		switch {
		case i < len(a) && a[i] == b[j]:
			i, j = i+1, j+1
		case i < len(a) && common[i+1][j] >= common[i][j+1]:
			i++
		default:
			if b[j] != "" {
				lines = append(lines, b[j])
			}
			j++
		}
	}
	return lines
}

func read(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// onlyByHand are what the drop-in versions do not record: a tool is a function of the program, and
// the offsets of the speech in the audio need the audio.
func onlyByHand(d trial.Difference) bool {
	return d.Stage == semconv.GenAIOperationNameExecuteTool+" 1" || slices.Contains([]string{
		string(semconv.VoiceSTTFinalLatencyKey), string(semconv.VoiceSTTSpeechStartKey), string(semconv.VoiceSTTSpeechEndKey),
	}, d.Key)
}

// The stages of the drop-in versions have the values of those by hand: models, tokens, characters,
// audio, chunks, finish reasons, request ids and outcomes. The times are printed and not compared,
// because a test machine may be slow.
func TestSameValuesAsByHand(t *testing.T) {
	skipWithoutSignals(t)
	phone := func(more ...string) []string {
		return slices.Concat([]string{"turn interrupted", "speech_to_text nova-3 completed", "chat gpt-4o-mini completed"}, more, []string{
			"chat gpt-4o-mini completed",
			"text_to_speech eleven_flash_v2_5 completed", "text_to_speech eleven_flash_v2_5 interrupted",
			"turn completed",
			"speech_to_text nova-3 completed", "chat gpt-4o-mini completed", "text_to_speech eleven_flash_v2_5 completed",
		})
	}
	for _, tt := range []struct {
		agent    string
		versions map[string][]string // The stages of all turns.
	}{
		{"phone", map[string][]string{"dropin": phone(), "tapped": phone("execute_tool find_table completed")}},
		{"speech", map[string][]string{"tapped": {
			"turn interrupted",
			"realtime_inference gpt-realtime completed", "execute_tool find_table completed", "realtime_inference gpt-realtime completed",
			"turn completed", "realtime_inference gpt-realtime completed",
		}}},
		{"web", map[string][]string{"dropin": {
			"turn completed",
			"speech_to_text gpt-4o-transcribe completed", "chat claude-haiku-4-5 completed", "text_to_speech gpt-4o-mini-tts completed",
		}}},
	} {
		t.Run(tt.agent, func(t *testing.T) {
			dir := t.TempDir()
			if err := build(t.Context(), dir, tt.agent); err != nil {
				t.Fatal(err)
			}
			records := make(map[string]*trial.Record)
			for _, version := range append([]string{"plain", "byhand"}, slices.Sorted(maps.Keys(tt.versions))...) {
				r, err := record(t.Context(), dir, tt.agent, version)
				if err != nil {
					t.Fatal(err)
				}
				if records[version] = r; r.Heard != records["plain"].Heard {
					t.Errorf("%s: the caller heard %s, want %s as without telemetry", version, r.Heard, records["plain"].Heard)
				}
				if len(r.Others) > 0 {
					t.Errorf("%s: stages outside of turns: %v", version, r.Others)
				}
			}
			for version, stages := range tt.versions {
				t.Run(version, func(t *testing.T) { compareWithByHand(t, stages, records["byhand"], records[version]) })
			}
		})
	}
}

// compareWithByHand compares what a version recorded with what the version by hand did.
func compareWithByHand(t *testing.T, stages []string, byHand, version *trial.Record) {
	t.Helper()
	if got := shape(version); !slices.Equal(got, stages) {
		t.Errorf("the stages are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(stages, "\n"))
	}
	c := trial.Compare(byHand, version)
	t.Logf("%v%v", c, trial.MediansOf([]*trial.Comparison{c}))
	for _, d := range c.Different {
		t.Errorf("different: %v", d)
	}
	for _, d := range c.ByHandOnly {
		if !onlyByHand(d) {
			t.Errorf("by hand only: %v", d)
		}
	}
	if t.Failed() {
		t.Logf("by hand:\n%s\nthis version:\n%s", byHand.Output, version.Output)
	}
}

// shape returns the stages of all turns, in the order of their start.
func shape(r *trial.Record) (shape []string) {
	for _, turn := range r.Turns {
		shape = append(shape, "turn "+turn.Outcome)
		slices.SortStableFunc(turn.Stages, func(a, b trial.Stage) int { return cmp.Compare(a.Start, b.Start) })
		for _, s := range turn.Stages {
			outcome, _ := s.Values[string(semconv.VoiceStageOutcomeKey)].(string)
			shape = append(shape, s.Name+" "+outcome)
		}
	}
	return shape
}

// Each attempt of an SDK is a stage with its error. The agent's code does not see the attempts that
// fail.
func TestRetriesAreStages(t *testing.T) {
	skipWithoutSignals(t)
	dir := t.TempDir()
	if err := build(t.Context(), dir, "web"); err != nil {
		t.Fatal(err)
	}
	script := trial.WebScript()
	script.FailedMessages = 2
	v := vendors.Start(script)
	defer v.Close()
	r, err := trial.Web(t.Context(), filepath.Join(dir, "web", "dropin"), v)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"turn completed", "speech_to_text gpt-4o-transcribe completed",
		"chat claude-haiku-4-5 failed", "chat claude-haiku-4-5 failed", "chat claude-haiku-4-5 completed",
		"text_to_speech gpt-4o-mini-tts completed",
	}
	if got := shape(r); !slices.Equal(got, want) {
		t.Fatalf("the stages are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for i, stage := range r.Turns[0].Stages[1:4] {
		attempt, _ := stage.Values[string(semconv.VoiceStageAttemptKey)].(float64)
		class, _ := stage.Values[string(semconv.ErrorTypeKey)].(string)
		wantClass := "529"
		if i == 2 {
			wantClass = ""
		}
		if cmp.Or(int(attempt), 1) != i+1 || class != wantClass {
			t.Errorf("stage %d is attempt %v with error %q, want attempt %d with %q", i+1, attempt, class, i+1, wantClass)
		}
	}
}

// skipWithoutSignals skips a test on systems without SIGTERM, which ends the agents.
func skipWithoutSignals(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no SIGTERM")
	}
}

// The pages show the added lines of the agents.
func TestPagesShowTheLines(t *testing.T) {
	for page, versions := range map[string][]string{
		"drop-ins.md": {"phone/dropin", "web/dropin"}, "live-calls.md": {"phone/tapped", "speech/tapped"},
	} {
		text, err := os.ReadFile("../../docs/" + page)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, version := range versions {
			for _, line := range added(t, filepath.Join(filepath.Dir(version), "plain", "main.go"), filepath.Join(version, "main.go")) {
				want = append(want, "+"+line)
			}
		}
		var got []string
		for block := range strings.SplitSeq(string(text), "```diff\n") {
			if block, _, ok := strings.Cut(block, "```"); ok && strings.HasPrefix(block, "+") {
				got = append(got, strings.Split(strings.TrimSpace(block), "\n")...)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s has\n%s\nwant\n%s", page, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}
