// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/testing/script"
)

var update = flag.Bool("update", false, "write the golden files")

// random is what differs each time that calls are played. The replacement has the same length, so that tables stay.
var random = regexp.MustCompile(`turn_[0-9a-f]{12}|\b[0-9a-f]{32}\b|\b[0-9a-f]{16}\b|[0-9a-f]{8}-[0-9a-f-]{27}`)

// golden compares an output with a golden file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = random.ReplaceAllStringFunc(got, func(id string) string { return strings.Repeat("*", len(id)) })
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs, run the test with -update and look at what changed:\n%s", file, got)
	}
}

// played writes the telemetry of calls to files and returns their names.
func played(t *testing.T, calls ...script.Call) (lines, otlp string) {
	t.Helper()
	told := script.Play(t, calls...)
	dir := t.TempDir()
	lines, otlp = filepath.Join(dir, "agent.jsonl"), filepath.Join(dir, "otlp.json")
	for name, text := range map[string][]byte{lines: told.Lines(), otlp: told.OTLP(t)} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return lines, otlp
}

// The commands on the same calls. What they print is in golden files.
func TestCallCommands(t *testing.T) {
	lines, otlp := played(t, script.Calls()...)
	for _, tt := range []struct {
		golden string
		code   int
		args   []string
	}{
		{"calls.txt", 0, []string{"calls", otlp}},
		{"calls.lines.txt", 0, []string{"calls", lines}},
		{"calls.json", 0, []string{"calls", "--json", "--error", otlp}},
		{"calls.slow.txt", 0, []string{"calls", "--slow", otlp}},
		{"calls.version.txt", 0, []string{"calls", "--version", "1.5.0", "--channel", "web", otlp}},
		{"calls.none.txt", 0, []string{"calls", "--agent", "nobody", otlp}},
		{"timeline.txt", 0, []string{"timeline", "call-1", otlp}},
		{"timeline.lines.txt", 0, []string{"timeline", "call-2", lines}},
		{"timeline.open.txt", 0, []string{"timeline", "call-3", otlp}},
		{"slow.txt", 0, []string{"slow", "--count", "3", otlp}},
		{"slow.json", 0, []string{"slow", "--count", "1", "--json", otlp}},
		{"report.txt", 0, []string{"report", otlp}},
		{"report.md", 0, []string{"report", "--format", "markdown", otlp}},
		{"report.html", 0, []string{"report", "--format", "html", otlp}},
		{"report.json", 0, []string{"report", "--format", "json", otlp}},
		{"tail.txt", 0, []string{"tail", "--no-follow", lines}},
		{"tail.stages.txt", 0, []string{"tail", "--no-follow", "--stages", otlp}},
		{"compare.txt", 0, []string{"compare", otlp, lines}},
		{"compare.versions.txt", 0, []string{"compare", "--base-version", "1.4.0", "--new-version", "1.5.0", otlp, otlp}},
		{"compare.periods.txt", 0, []string{"compare", "--base-until", "2000-01-01T00:00:05Z", "--new-since", "2000-01-01T00:00:05Z", otlp, otlp}},
		{"check.txt", 1, []string{"check", otlp, lines}}, // The session of the open call did not come.,
	} {
		t.Run(tt.golden, func(t *testing.T) {
			var stdout, stderr strings.Builder
			if code := run(tt.args, strings.NewReader(""), &stdout, &stderr); code != tt.code || stderr.String() != "" {
				t.Errorf("got %d, %s", code, stderr.String())
			}
			golden(t, tt.golden, stdout.String())
		})
	}
}

// The file that docs/command.md shows has the calls of the other tests.
func TestFileOfTheDocs(t *testing.T) {
	const name = "../../docs/testdata/calls.jsonl"
	if *update {
		text := script.Play(t, script.Calls()...).Lines()
		text = regexp.MustCompile(`"file_path":"[^"]*/cmd/`).ReplaceAll(text, []byte(`"file_path":"/src/cmd/`))
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var stdout, stderr strings.Builder
	if code := run([]string{"calls", name}, nil, &stdout, &stderr); code != exitOK {
		t.Fatalf("got %d, %s", code, stderr.String())
	}
	golden(t, "calls.lines.txt", stdout.String())
}

func TestStandardInput(t *testing.T) {
	told := script.Play(t, script.Calls()...)
	for _, args := range [][]string{{"calls"}, {"calls", "-"}, {"timeline", "call-1"}, {"slow", "-"}, {"report"}, {"tail"}, {"tail", "-"}, {"check"}} {
		var stdout, stderr strings.Builder
		if code := run(args, bytes.NewReader(told.Lines()), &stdout, &stderr); code != exitOK || stdout.Len() < 100 && args[0] != "check" {
			t.Errorf("%v: got %d, %s%s", args, code, stdout.String(), stderr.String())
		}
	}
}

func TestCallCommandsThatCannotWork(t *testing.T) {
	lines, _ := played(t, script.Calls()[:1]...)
	none := filepath.Join(t.TempDir(), "none")
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("only text\n{broken\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"calls", none}, exitFail, none},
		{[]string{"calls", text}, exitFail, "no spans and no log lines in 2 lines"},
		{[]string{"report", text}, exitFail, "1 of 2 lines are broken and were skipped, the first is " + text + ":2"},
		{[]string{"timeline"}, exitUsage, "requires at least 1 arg"},
		{[]string{"timeline", "nobody", lines}, exitFail, "no call has the ID nobody"},
		{[]string{"slow", "--count", "0", lines}, exitUsage, "--count is 0"},
		{[]string{"report", "--format", "pdf", lines}, exitUsage, "--format is \"pdf\""},
		{[]string{"tail", none}, exitFail, none},
		{[]string{"tail", lines, lines}, exitUsage, "accepts at most 1"},
		{[]string{"compare", lines}, exitUsage, "accepts 2 arg(s)"},
		{[]string{"compare", "-", "-"}, exitUsage, "both standard input"},
		{[]string{"compare", lines, lines, "--fail", "nonsense"}, exitUsage, "want SERIES.STATISTIC > CHANGE"},
		{[]string{"compare", lines, lines, "--level", "2"}, exitUsage, "--level is 2"},
		{[]string{"compare", lines, lines, "--new-version", "9"}, exitFail, "has no call of that version and period"},
		{[]string{"compare", lines, lines, "--new-since", "2100-01-01"}, exitFail, "has no call of that version and period"},
		{[]string{"compare", lines, lines, "--base-since", "yesterday"}, exitUsage, "--base-since: \"yesterday\" is neither a time"},
		{[]string{"compare", lines, lines, "--new-since", "2026-03-02", "--new-until", "2026-03-01"}, exitUsage, "--new-since is not before --new-until"},
		{[]string{"check", none}, exitFail, none},
	} {
		var stdout, stderr strings.Builder
		if code := run(tt.args, strings.NewReader(""), &stdout, &stderr); code != tt.code || !strings.Contains(stderr.String(), tt.want) {
			t.Errorf("%v: got %d, want %d and %q\n%s%s", tt.args, code, tt.code, tt.want, stdout.String(), stderr.String())
		}
	}
}

// A run whose generation is slower by 15 % breaks the rule, a run of the same thing does not.
func TestCompareRules(t *testing.T) {
	run100 := func(version string, slower float64) (calls []script.Call) {
		for i := range 60 {
			c := script.Call{Session: fmt.Sprintf("%s-%d", version, i), Version: version}
			for j := range 5 {
				u := script.Usual
				spread := 1 + float64((i*7+j*13)%41)/100
				u.Generation = time.Duration(float64(u.Generation) * spread * slower)
				c.Turns = append(c.Turns, u)
			}
			calls = append(calls, c)
		}
		return calls
	}
	base, _ := played(t, run100("a", 1)...)
	same, _ := played(t, run100("b", 1)...)
	slower, _ := played(t, run100("c", 1.15)...)
	for _, tt := range []struct {
		file, rule string
		code       int
	}{
		{same, "response_latency.p95 > +2%", exitOK},
		{same, "generation.p50 > +1ms", exitOK},
		{slower, "generation.p50 > +10%", exitFail},
		{slower, "generation.p95 > +20ms", exitFail},
		{slower, "generation.p50 > +20%", exitOK},
		{slower, "endpointing.p50 > +1%", exitOK},
		{slower, "tool_time.p50 > +1%", exitFail}, // There is none.
	} {
		var stdout, stderr strings.Builder
		if code := run([]string{"compare", "--resamples", "300", base, tt.file, "--fail", tt.rule}, nil, &stdout, &stderr); code != tt.code {
			t.Errorf("%s: got %d, want %d\n%s%s", tt.rule, code, tt.code, stdout.String(), stderr.String())
		}
	}
}

// The version of the service is that of an agent which tells none, for the list of calls and for the comparison.
func TestVersionOfTheService(t *testing.T) {
	var text strings.Builder
	for _, version := range []string{"1.0.0", "2.0.0"} {
		fmt.Fprintf(&text, `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.version","value":{"stringValue":%q}}]},"scopeSpans":[{"spans":[`+
			`{"traceId":"%032x","spanId":"%016x","name":"voice.turn","startTimeUnixNano":"1770000000000000000","endTimeUnixNano":"1770000003000000000","attributes":[`+
			`{"key":"session.id","value":{"stringValue":"of-%[1]s"}},{"key":"voice.turn.outcome","value":{"stringValue":"completed"}},`+
			`{"key":"voice.turn.response_latency","value":{"doubleValue":0.5}}]}]}]}]}`+"\n", version, version[0], version[0])
	}
	file := filepath.Join(t.TempDir(), "otlp.json")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"calls", "--version", "2.0.0", file}, "of-2.0.0"},
		{[]string{"timeline", "of-2.0.0", file}, "2.0.0, 2026"},
		{[]string{"report", file}, "version  2.0.0"},
		{[]string{"compare", "--base-version", "1.0.0", "--new-version", "2.0.0", file, file}, "1 and 1 calls"},
	} {
		var stdout, stderr strings.Builder
		if code := run(tt.args, nil, &stdout, &stderr); code != exitOK || !strings.Contains(stdout.String(), tt.want) {
			t.Errorf("%v: got %d, want %q in\n%s%s", tt.args, code, tt.want, stdout.String(), stderr.String())
		}
	}
}

// A segment that no completed turn has is not said to be usually of 0 s.
func TestSlowWithoutCompletedTurns(t *testing.T) {
	const line = `{"timestamp":"2026-03-04T10:00:00Z","level":"INFO","message":"turn interrupted","session_id":"s","turn_id":"t","module":"voice.turn",` +
		`"phase":"turn_end","duration_ms":3000,"extra_data":{"voice.turn.outcome":"interrupted","voice.turn.response_latency":3,"voice.turn.segment.generation":3}}`
	for _, tt := range []struct {
		args      []string
		want, not string
	}{{[]string{"slow"}, "generation 3.00s", "usually"}, {[]string{"slow", "--json"}, `"segment":"generation"`, "excess"}} {
		var stdout, stderr strings.Builder
		code := run(tt.args, strings.NewReader(line), &stdout, &stderr)
		if out := stdout.String(); code != exitOK || !strings.Contains(out, tt.want) || strings.Contains(out, tt.not) {
			t.Errorf("%v: got %d, want %q and not %q in\n%s%s", tt.args, code, tt.want, tt.not, out, stderr.String())
		}
	}
}

// Text that a terminal or a browser would obey is shown and does nothing.
func TestHostileText(t *testing.T) {
	const evil = "\x1b]0;owned\x07<script>alert(1)</script>\u202e|*"
	long, longest := evil+strings.Repeat("A", 1<<16), evil+strings.Repeat("B", 1<<20)
	record := func(fields map[string]any) []byte {
		b, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		return append(b, '\n')
	}
	line := func(session string) (lines []byte) {
		for _, phase := range []string{"stage_end", "turn_end", "session_end", evil, ""} {
			lines = append(lines, record(map[string]any{
				"timestamp": "2026-03-04T10:00:00Z", "level": evil, "message": longest, "session_id": session, "turn_id": evil, "component": long, "module": long,
				"phase": phase, "stage": evil, "duration_ms": 100, "exception": map[string]any{"type": long, "message": evil},
				"extra_data": map[string]any{
					"voice.turn.outcome": long, "voice.turn.response_latency": 1, "voice.stage.outcome": evil, "voice.channel": evil, "gen_ai.agent.name": long,
					"voice.session.end_reason": evil, "voice.cost": 1, "voice.cost.currency": long, "gen_ai.request.model": long, "voice." + evil: 1, evil: long,
					"voice.turn.segment.generation": 1, "voice.interruption.source": long,
				},
			})...)
		}
		return lines
	}
	text := append(line(long), line("s")...)
	for _, args := range [][]string{{"calls"}, {"timeline", "s"}, {"slow"}, {"report"}, {"report", "--format", "markdown"}, {"report", "--format", "html"}, {"tail", "--stages"}, {"check"}} {
		var stdout, stderr strings.Builder
		if code := run(args, bytes.NewReader(text), &stdout, &stderr); code == exitUsage {
			t.Errorf("%v: %s", args, stderr.String())
		}
		out := stdout.String() + stderr.String()
		if strings.ContainsAny(out, "\x1b\x07\u202e") || args[0] == "report" && len(args) > 1 && strings.Contains(strings.ReplaceAll(out, `\<`, ""), "<script") {
			t.Errorf("%v prints text that is obeyed", args)
		}
		if stdout.Len() == 0 || stdout.Len() > 1<<20 {
			t.Errorf("%v prints %d bytes", args, stdout.Len())
		}
	}
}
