// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\ngot\n%s\nwant\n%s", file, got, want)
	}
}

// exact is the sound of the scripted call, as it would be measured without an error.
func exact() *recording.Sound {
	iv := func(edges ...int) (out []recording.Interval) {
		for i := 0; i < len(edges); i += 2 {
			out = append(out, recording.Interval{Start: time.Duration(edges[i]) * ms, End: time.Duration(edges[i+1]) * ms})
		}
		return out
	}
	return &recording.Sound{
		User:     iv(2600, 4000, 5600, 5850, 8000, 10000, 15000, 16000, 18900, 20500, 24000, 25000, 25600, 26400, 33000, 34000),
		Agent:    iv(500, 2000, 4800, 7000, 10600, 11000, 13500, 14500, 17020, 19200, 21400, 23000, 27000, 29000),
		Duration: 40 * time.Second,
	}
}

func TestReport(t *testing.T) {
	r, err := recording.Compare(scripted().turns, exact(), began)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "report.txt", r.String())
	var b bytes.Buffer
	if err := r.WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.md", b.String())
	if err := r.WriteMarkdown(brokenPipe{}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("a writer that fails: %v", err)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name      string
		late      []int // By how many ms the agent's start is told too early, turn by turn.
		tolerance recording.Tolerance
		want      []string
	}{
		{"exact", []int{0, 0, 0}, recording.Tolerance{}, nil},
		{"at the bounds", []int{0, 10, 40}, recording.Tolerance{}, nil},
		{"the median", []int{0, 11, 12}, recording.Tolerance{}, []string{"the median difference of the response latency is 11 ms, want 10 ms at most"}},
		{"differences of opposite sign", []int{-15, 0, 15}, recording.Tolerance{}, []string{"the median difference of the response latency is 15 ms, want 10 ms at most"}},
		{"the worst", []int{0, 0, 41}, recording.Tolerance{}, []string{"turn 3: telemetry tells a response latency of 2.459 s, and the sound has 2.500 s: the difference is -41 ms, want 40 ms at most"}},
		{"wider bounds", []int{80, 90, 100}, recording.Tolerance{Median: 90 * ms, Worst: 100 * ms}, nil},
		{"one not found", []int{0, 0, 2000}, recording.Tolerance{}, []string{"turn 3: the response latency of 0.500 s was not compared: no start of the agent's speech within 1s of 0:21.500"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sound := &recording.Sound{Duration: time.Minute}
			var turns []recording.Turn
			for i, late := range tt.late {
				start := 10_000 * i
				sound.User = append(sound.User, recording.Interval{Start: time.Duration(start) * ms, End: time.Duration(start+1000) * ms})
				sound.Agent = append(sound.Agent, recording.Interval{Start: time.Duration(start+3500) * ms, End: time.Duration(start+5000) * ms})
				turns = append(turns, recording.Turn{Index: i + 1, UserStopped: at(start + 1000), AgentStarted: at(start + 3500 - late), ResponseLatency: new(time.Duration(2500-late) * ms)})
			}
			r, err := recording.Compare(turns, sound, began)
			if err != nil {
				t.Fatal(err)
			}
			err = r.Check(tt.tolerance)
			if len(tt.want) == 0 {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("\ngot  %v\nwant %s", err, want)
				}
			}
		})
	}
}
