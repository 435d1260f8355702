// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// variables is an environment.
func variables(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

// line is a line of stdout: the text, its fields, and their names in order.
type line struct {
	text   string
	fields map[string]any
	names  []string
}

func (l line) String() string { return l.text }

func parseLines(t *testing.T, stdout []byte) (lines []line) {
	t.Helper()
	for text := range bytes.Lines(stdout) {
		l := line{text: strings.TrimSuffix(string(text), "\n")}
		if err := json.Unmarshal(text, &l.fields); err != nil {
			t.Fatalf("line %d is no JSON object: %v\n%s", len(lines)+1, err, text)
		}
		l.names = fieldNames(t, text)
		lines = append(lines, l)
	}
	return lines
}

// fieldNames returns the names of an object's fields in their order.
func fieldNames(t *testing.T, object []byte) (names []string) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
	}
	return names
}

func TestRunPrintsTheStory(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"-speed", "20"}, variables(), &stdout, &stderr); code != exitOK {
		t.Fatalf("exit code %d, want %d\n%s", code, exitOK, &stderr)
	}

	lines := parseLines(t, stdout.Bytes())
	count := func(is func(line) bool) (n int) {
		for _, l := range lines {
			if is(l) {
				n++
			}
		}
		return n
	}
	extra := func(l line, key string) any {
		data, _ := l.fields["extra_data"].(map[string]any)
		return data[key]
	}
	for _, test := range []struct {
		what string
		is   func(line) bool
		want int
	}{
		{"sessions that ended", func(l line) bool { return l.fields["message"] == "session ended" }, 2},
		{"turns that ended", func(l line) bool { return l.fields["phase"] == "turn_end" }, 10},
		{"turns that were interrupted", func(l line) bool { return l.fields["message"] == "turn interrupted" }, 1},
		{"turns that failed", func(l line) bool { return l.fields["message"] == "turn failed" }, 0},
		{"stages that failed", func(l line) bool {
			return l.fields["level"] == "ERROR" && l.fields["exception"] != nil && l.fields["stage"] != nil
		}, 1},
		{"errors", func(l line) bool { return l.fields["level"] == "ERROR" }, 1},
		{"lines of the agent's own tool", func(l line) bool {
			return l.fields["message"] == "table looked up" && l.fields["turn_id"] != nil && extra(l, "guests") == 4.0
		}, 3},
		{"requests", func(l line) bool { return l.fields["message"] == "request answered" }, 2},
	} {
		if got := count(test.is); got != test.want {
			t.Errorf("%d %s, want %d", got, test.what, test.want)
		}
	}

	calls := make(map[any]bool)
	for _, l := range lines {
		correlationID, _ := l.fields["correlation_id"].(string)
		calls[correlationID] = true
		if trace := strings.ReplaceAll(correlationID, "-", ""); trace == "" || l.fields["trace_id"] != trace {
			t.Errorf("the correlation ID is not the trace ID in %s", l)
		}
		checkOrder(t, l)
	}
	if first := newUUID(1); len(calls) != 2 || !calls[first] {
		t.Errorf("calls %v, want two, of which one is the first caller's %s", calls, first)
	}

	for _, want := range []string{
		"voice.session", "interrupted by audio_activity", "failed error=service_unavailable", "waited",
		newUUID(1) + "  5 replies, 1 of them cut short", "Where to look next", "OTEL_EXPORTER_OTLP_ENDPOINT",
	} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("stderr does not contain %q", want)
		}
	}
}

// checkOrder compares a line's fields with the order that the format promises.
func checkOrder(t *testing.T, l line) {
	t.Helper()
	order := []string{
		"timestamp", "level", "message", "correlation_id", "trace_id", "span_id", "request_id", "session_id", "turn_id", "user_id",
		"component", "component_type", "module", "function", "line_number", "file_path", "process_id", "thread_id",
		"pipeline_id", "phase", "stage", "duration_ms", "extra_data", "performance_metrics", "exception",
	}
	last := -1
	for _, name := range l.names {
		at := slices.Index(order, name)
		if at <= last {
			t.Errorf("field %s is unknown or out of place in %s", name, l)
			return
		}
		last = at
	}
	for _, always := range []string{"timestamp", "level", "message", "module", "process_id"} {
		if l.fields[always] == nil {
			t.Errorf("no %s in %s", always, l)
		}
	}
}

func TestOneSeedGivesOneStory(t *testing.T) {
	tell := func(seed string) (story []string) {
		t.Helper()
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), []string{"-calls", "1", "-turns", "2", "-speed", "50", "-seed", seed}, variables(), &stdout, &stderr); code != exitOK {
			t.Fatalf("exit code %d\n%s", code, &stderr)
		}
		for _, l := range parseLines(t, stdout.Bytes()) {
			if l.fields["module"] != "voice.stt" {
				continue
			}
			data, _ := l.fields["extra_data"].(map[string]any)
			text, err := json.Marshal([]any{l.fields["correlation_id"], data["voice.stt.confidence"], data["voice.provider.request_ids"]})
			if err != nil {
				t.Fatal(err)
			}
			story = append(story, string(text))
		}
		return story
	}
	once, again, other := tell("7"), tell("7"), tell("8")
	if !slices.Equal(once, again) {
		t.Errorf("two runs with one seed printed\n%v\nand\n%v", once, again)
	}
	if slices.Equal(once, other) {
		t.Errorf("two seeds printed the same story %v", once)
	}
}

func TestWrongFlags(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-calls", "0"}, "-calls 0: want a number from 1 to 1000"},
		{[]string{"-turns", "-1"}, "-turns -1: want a number from 1 to 1000"},
		{[]string{"-concurrency", "1001"}, "-concurrency 1001: want a number from 1 to 1000"},
		{[]string{"-speed", "0"}, "-speed 0: want a number above 0"},
		{[]string{"-speed", "-2"}, "-speed -2: want a number above 0"},
		{[]string{"-speed", "NaN"}, "-speed NaN: want a number above 0"},
		{[]string{"-speed", "Inf"}, "-speed +Inf: want a number above 0"},
		{[]string{"-calls", "many"}, `invalid value "many"`},
		{[]string{"-record", "calls", "-speed", "5"}, "-record with -speed 5: a recording is made at life's speed"},
		{[]string{"-record", "/dev/null/calls"}, "-record: mkdir /dev/null"},
		{[]string{"-loud"}, "flag provided but not defined: -loud"},
		{[]string{"now"}, `unexpected argument "now"`},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), test.args, variables(), &stdout, &stderr); code != exitUsage {
				t.Errorf("exit code %d, want %d", code, exitUsage)
			}
			if !strings.Contains(stderr.String(), test.want) || stdout.Len() > 0 {
				t.Errorf("stderr %q, want %q; stdout %q, want nothing", &stderr, test.want, &stdout)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"-h"}, variables(), &stdout, &stderr); code != exitOK {
		t.Errorf("exit code %d, want %d", code, exitOK)
	}
	for _, flag := range []string{"-calls", "-turns", "-concurrency", "-seed", "-speed", "-record", "-view"} {
		if !strings.Contains(stderr.String(), flag) {
			t.Errorf("the usage does not mention %s", flag)
		}
	}
}

func TestWrongVariable(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), nil, variables("LOG_LEVEL", "LOUD"), &stdout, &stderr)
	if code != exitUsage || !strings.Contains(stderr.String(), "LOG_LEVEL") {
		t.Errorf("exit code %d, want %d; stderr %q", code, exitUsage, &stderr)
	}
}

// After Ctrl-C during calls, everything recorded is still exported, and the exit code reports
// that the calls did not end well.
func TestRunIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var stderr bytes.Buffer
	stdout := &signallingWriter{on: "turn completed", then: cancel}
	if code := run(ctx, []string{"-speed", "20"}, variables(), stdout, &stderr); code != exitFail {
		t.Errorf("exit code %d, want %d", code, exitFail)
	}
	ended := 0
	for _, l := range parseLines(t, stdout.buf.Bytes()) {
		if l.fields["message"] == "session ended" {
			ended++
		}
	}
	if ended != 2 || !strings.Contains(stderr.String(), "context canceled") {
		t.Errorf("%d sessions ended, want 2; stderr\n%s", ended, &stderr)
	}
}

// signallingWriter calls a function when a given text is written. The log's writes never overlap.
type signallingWriter struct {
	buf  bytes.Buffer
	on   string
	then func()
}

func (w *signallingWriter) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(w.on)) {
		w.then()
	}
	return w.buf.Write(p)
}

// An unreachable provider is reported once for each call, and by the exit code. No server listens
// on the address.
func TestRunWithUnreachableProvider(t *testing.T) {
	var stdout, stderr bytes.Buffer
	env := variables("OPENAI_BASE_URL", "http://127.0.0.1:1/v1", "OPENAI_API_KEY", "secret-key")
	if code := run(t.Context(), []string{"-speed", "20", "-calls", "1"}, env, &stdout, &stderr); code != exitFail {
		t.Errorf("exit code %d, want %d", code, exitFail)
	}
	if !strings.Contains(stderr.String(), "the agent could not reply") {
		t.Errorf("stderr\n%s", &stderr)
	}
	if all := stdout.String() + stderr.String(); strings.Contains(all, "secret-key") {
		t.Error("the key was printed")
	}
}
