// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recorded_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/recorded"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/telemetryfile"
	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
)

// The same turn in each form.
const (
	logLine = `{"timestamp":"2026-03-04T10:00:09.500Z","level":"INFO","message":"turn interrupted","session_id":"s1","turn_id":"t1","module":"voice.turn","phase":"turn_end","duration_ms":4500,` +
		`"extra_data":{"voice.turn.outcome":"interrupted","voice.turn.response_latency":0.8125,"voice.turn.index":2,"voice.turn.initiator":"user","voice.interruption.source":"audio_activity","voice.playout.position":1}}`
	console = `{"Name":"voice.turn","SpanContext":{"TraceID":"0af7651916cd43dd8448eb211c80319c"},"SpanKind":1,"StartTime":"2026-03-04T10:00:05Z","EndTime":"2026-03-04T10:00:09.5Z",` +
		`"Attributes":[{"Key":"session.id","Value":{"Type":"STRING","Value":"s1"}},{"Key":"voice.turn.id","Value":{"Type":"STRING","Value":"t1"}},{"Key":"voice.turn.index","Value":{"Type":"INT64","Value":2}},` +
		`{"Key":"voice.turn.outcome","Value":{"Type":"STRING","Value":"interrupted"}},{"Key":"voice.turn.response_latency","Value":{"Type":"FLOAT64","Value":0.8125}},` +
		`{"Key":"voice.interruption.source","Value":{"Type":"STRING","Value":"audio_activity"}},{"Key":"voice.playout.position","Value":{"Type":"FLOAT64","Value":1}},{"Key":"x","Value":{"Type":"BOOLSLICE","Value":[true]}}],` +
		`"Events":[{"Name":"voice.user.started","Attributes":null,"Time":"2026-03-04T10:00:05Z"},{"Name":"voice.user.stopped","Attributes":[],"Time":"2026-03-04T10:00:06Z"},` +
		`{"Name":"voice.agent.started","Time":"2026-03-04T10:00:06.8125Z"},{"Name":"voice.interruption","Time":"2026-03-04T10:00:09Z"},{"Name":"voice.user.stopped","Time":"2026-03-04T10:00:09.2Z"},{"Name":"voice.agent.stopped","Time":"2026-03-04T10:00:09.3Z"}]}`
	otlp = `{"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{"name":"x"},"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","name":"voice.session","startTimeUnixNano":"1"},` +
		`{"name":"voice.turn","kind":1,"startTimeUnixNano":"1772618405000000000","endTimeUnixNano":"1772618409500000000","attributes":[{"key":"session.id","value":{"stringValue":"s1"}},` +
		`{"key":"voice.turn.id","value":{"stringValue":"t1"}},{"key":"voice.turn.index","value":{"intValue":"2"}},{"key":"voice.turn.outcome","value":{"stringValue":"interrupted"}},` +
		`{"key":"voice.turn.response_latency","value":{"doubleValue":0.8125}},{"key":"y","value":{"doubleValue":"NaN"}},{"key":"z","value":{"boolValue":true}},{"key":"voice.interruption.source","value":{"stringValue":"audio_activity"}},` +
		`{"key":"voice.playout.position","value":{"intValue":1}}],"events":[{"timeUnixNano":"1772618405000000000","name":"voice.user.started"},{"timeUnixNano":"1772618406000000000","name":"voice.user.stopped"},` +
		`{"timeUnixNano":"1772618406812500000","name":"voice.agent.started"},{"timeUnixNano":"1772618409000000000","name":"voice.interruption"},{"timeUnixNano":"1772618409200000000","name":"voice.user.stopped"},{"timeUnixNano":"1772618409300000000","name":"voice.agent.stopped"}]}]}]}]}`
)

// describe writes what is told of a turn.
func describe(t recording.Turn) string {
	clock := func(at time.Time) string {
		if at.IsZero() {
			return "-"
		}
		return at.UTC().Format("5.000")
	}
	text := fmt.Sprintf("%d %s %s-%s user %s-%s agent %s-%s", t.Index, t.Outcome, clock(t.Start), clock(t.End),
		clock(t.UserStarted), clock(t.UserStopped), clock(t.AgentStarted), clock(t.AgentStopped))
	if t.ResponseLatency != nil {
		text += fmt.Sprintf(" waited %v", *t.ResponseLatency)
	}
	if i := t.Interruption; i != nil {
		text += fmt.Sprintf(" by %s at %s after %v", i.Source, clock(i.At), *i.Played)
	}
	return text
}

// read returns the calls of a file.
func read(file string) (calls []*recorded.Call, err error) {
	var b call.Builder
	r := telemetryfile.Reader{Each: func(batch *signal.Batch) error { b.Add(batch); return nil }}
	if err := r.ReadFrom(context.Background(), "test", strings.NewReader(file), -1); err != nil {
		return nil, err
	}
	for _, document := range b.Flush() {
		calls = append(calls, recorded.Of(document))
	}
	return calls, nil
}

// only returns the only call of a file.
func only(t *testing.T, file string) *recorded.Call {
	t.Helper()
	calls, err := read(file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := recorded.Choose(calls, "", "")
	if err != nil || len(c.Turns) != 1 || c.Session != "s1" {
		t.Fatalf("%+v, %v", c, err)
	}
	return c
}

func TestForms(t *testing.T) {
	const span = "2 interrupted 5.000-9.500 user 5.000-6.000 agent 6.812-9.300 waited 812.5ms by audio_activity at 9.000 after 1s"
	const line = "2 interrupted 5.000-9.500 user --- agent --- waited 812.5ms by audio_activity at - after 1s"
	for _, tt := range []struct{ name, file, want string }{
		{"log line", logLine, line},
		{"console exporter", console, span},
		{"OTLP", otlp, span},
		{"a span after its line", logLine + "\n" + console, span},
		{"a span before its line", otlp + "\n" + logLine, span},
		{"beside other lines", "starting\n\n{\"level\":\"INFO\"}\n{\"phase\":\"session_end\"}\n{\"Name\":\"voice.session\"}\n[1]\n" + logLine + "\r\n", line},
		{"beside broken lines", logLine[:100] + "\n" + console + "\n{\"phase\":\"turn_end\",\"timestamp\":7}", span},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := describe(only(t, tt.file).Turns[0]); got != tt.want {
				t.Errorf("\ngot  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestOffsetsOfALogLine(t *testing.T) {
	const offsets = `"extra_data":{"voice.recording.offset":3.5,"voice.recording.user.started":3.5004,"voice.recording.user.stopped":4.5,` +
		`"voice.recording.agent.started":5.3125,"voice.recording.agent.stopped":8,"voice.recording.interruption":7.5,`
	line := strings.Replace(logLine, `"extra_data":{`, offsets, 1)
	session := func(start string) string {
		return `{"timestamp":"2026-03-04T10:00:10Z","level":"INFO","phase":"session_end","session_id":"s1","extra_data":{"voice.recording.uri":"file:///calls/a%20b.wav","voice.recording.start":` + start + `}}`
	}
	for _, tt := range []struct{ name, file, want string }{
		{"the start is known", line + "\n" + session(`"2026-03-04T10:00:01.5004Z"`), "user 5.000-6.000 agent 6.812-9.500 at 9.000"},
		{"the session's line is first", session(`"2026-03-04T10:00:01Z"`) + "\n" + line, "user 4.500-5.500 agent 6.312-9.000 at 8.500"},
		{"the start follows from the turn's", line, "user 5.000-6.000 agent 6.812-9.500 at 9.000"},
		{"the start is no time", line + "\n" + session(`"noon"`), "user 5.000-6.000 agent 6.812-9.500 at 9.000"},
		{"no offset of the turn, and no start", strings.Replace(line, `"voice.recording.offset":3.5,`, "", 1), "user --- agent --- at -"},
		{"no number", strings.Replace(line, `stopped":4.5`, `stopped":"4.5"`, 1), "user 5.000-- agent 6.812-9.500 at 9.000"},
		{"negative", strings.Replace(line, `stopped":4.5`, `stopped":-4.5`, 1), "user 5.000-- agent 6.812-9.500 at 9.000"},
		{"absurd", strings.Replace(line, `stopped":4.5`, `stopped":1e300`, 1), "user 5.000-- agent 6.812-9.500 at 9.000"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := describe(only(t, tt.file).Turns[0])
			_, got, _ = strings.Cut(got, "9.500 ")
			before, after, _ := strings.Cut(got, " waited")
			_, at, _ := strings.Cut(after, " at ")
			at, _, _ = strings.Cut(at, " after")
			if got := fmt.Sprintf("%s at %s", before, at); got != tt.want {
				t.Errorf("\ngot  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestChoose(t *testing.T) {
	var file strings.Builder
	for id, uri := range map[string]string{"s1": "file:///calls/a%20b.wav", "s2": "s3://calls/2.wav", "s3": "s3://elsewhere/2.wav", "s4": ""} {
		file.WriteString(strings.ReplaceAll(logLine, `"s1"`, `"`+id+`"`) + "\n" +
			`{"timestamp":"2026-03-04T10:00:10Z","level":"INFO","phase":"session_end","session_id":"` + id + `","extra_data":{"voice.recording.uri":"` + uri + `"}}` + "\n")
	}
	file.WriteString(`{"timestamp":"2026-03-04T10:00:10Z","level":"INFO","message":"no turns","session_id":"s5"}` + "\n")
	calls, err := read(file.String())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ session, file, want, err string }{
		{"s2", "", "s2", ""},
		{"s2", "a b.wav", "s2", ""},
		{"", "a b.wav", "s1", ""},
		{"", "/tmp/a b.wav", "s1", ""},
		{"", "2.wav", "", `there are 4 sessions, choose one: ["s1" "s2" "s3" "s4"]`},
		{"", "3.wav", "", "there are 4 sessions"},
		{"s5", "", "", `there is no session "s5", there are ["s1" "s2" "s3" "s4"]`},
	} {
		got, err := recorded.Choose(calls, tt.session, tt.file)
		if tt.err == "" && (err != nil || got.Session != tt.want) || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
			t.Errorf("%q, %q: got %+v, %v", tt.session, tt.file, got, err)
		}
	}
	if _, err := recorded.Choose(nil, "", ""); err == nil || !strings.Contains(err.Error(), "there are no turns") {
		t.Errorf("got %v", err)
	}
}

func FuzzOf(f *testing.F) {
	f.Add(logLine + "\n" + console)
	f.Add(otlp)
	f.Add(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"voice.turn","startTimeUnixNano":9223372036854775807}]}]}]}`)
	f.Add(`{"phase":"turn_end","timestamp":"0001-01-01T00:00:00Z","duration_ms":1e300,"extra_data":{"voice.turn.response_latency":1e300,"voice.turn.index":1e300}}`)
	sound := &recording.Sound{Duration: time.Minute, User: []recording.Interval{{Start: 0, End: time.Second}}, Agent: []recording.Interval{{Start: 2 * time.Second, End: 3 * time.Second}}}
	f.Fuzz(func(t *testing.T, file string) {
		calls, err := read(file)
		if err != nil {
			return
		}
		c, err := recorded.Choose(calls, "", "")
		if err != nil {
			return
		}
		if len(c.Turns) == 0 {
			t.Error("a call without turns")
		}
		report, err := recording.Compare(c.Turns, sound, time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC), recording.WithWindow(1<<62))
		if err == nil {
			_ = report.String()
			_ = report.Check(recording.Tolerance{})
		}
	})
}
