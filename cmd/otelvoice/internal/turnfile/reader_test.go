// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package turnfile_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/turnfile"
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
			var r turnfile.Reader
			if err := r.Read(strings.NewReader(tt.file)); err != nil {
				t.Fatal(err)
			}
			call, err := r.Call("")
			if err != nil || len(call.Turns) != 1 || call.Session != "s1" {
				t.Fatalf("%+v, %v", call, err)
			}
			if got := describe(call.Turns[0]); got != tt.want {
				t.Errorf("\ngot  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestSessions(t *testing.T) {
	var r turnfile.Reader
	for _, session := range []string{"s2", "s1"} {
		if err := r.Read(strings.NewReader(strings.ReplaceAll(logLine, `"s1"`, `"`+session+`"`))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Call(""); err == nil || !strings.Contains(err.Error(), `there are 2 sessions, choose one: ["s2" "s1"]`) {
		t.Errorf("got %v", err)
	}
	if call, err := r.Call("s2"); err != nil || len(call.Turns) != 1 {
		t.Errorf("got %+v, %v", call, err)
	}
	if _, err := r.Call("s3"); err == nil || !strings.Contains(err.Error(), `there is no session "s3"`) {
		t.Errorf("got %v", err)
	}
}

func TestNoTurns(t *testing.T) {
	var r turnfile.Reader
	if err := r.Read(strings.NewReader("{}\n{broken\ntext\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Call(""); err == nil || !strings.Contains(err.Error(), "there are no turns in 3 lines, of which 1 are broken") {
		t.Errorf("got %v", err)
	}
	broken := errors.New("the disk is gone")
	if err := r.Read(iotest.ErrReader(broken)); !errors.Is(err, broken) || !strings.Contains(err.Error(), "line 4") {
		t.Errorf("got %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(logLine + "\n" + console)
	f.Add(otlp)
	f.Add(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"voice.turn","startTimeUnixNano":9223372036854775807}]}]}]}`)
	f.Add(`{"phase":"turn_end","timestamp":"0001-01-01T00:00:00Z","duration_ms":1e300,"extra_data":{"voice.turn.response_latency":1e300,"voice.turn.index":1e300}}`)
	sound := &recording.Sound{Duration: time.Minute, User: []recording.Interval{{Start: 0, End: time.Second}}, Agent: []recording.Interval{{Start: 2 * time.Second, End: 3 * time.Second}}}
	f.Fuzz(func(t *testing.T, file string) {
		var r turnfile.Reader
		if r.Read(strings.NewReader(file)) != nil {
			return
		}
		call, err := r.Call("")
		if err != nil {
			return
		}
		if len(call.Turns) == 0 {
			t.Error("a call without turns")
		}
		report, err := recording.Compare(call.Turns, sound, time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC), recording.WithWindow(1<<62))
		if err == nil {
			_ = report.String()
			_ = report.Check(recording.Tolerance{})
		}
	})
}
