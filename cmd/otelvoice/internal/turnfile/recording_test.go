// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package turnfile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/turnfile"
)

func TestOffsetsOfALogLine(t *testing.T) {
	const offsets = `"extra_data":{"voice.recording.offset":3.5,"voice.recording.user.started":3.5004,"voice.recording.user.stopped":4.5,` +
		`"voice.recording.agent.started":5.3125,"voice.recording.agent.stopped":8,"voice.recording.interruption":7.5,`
	line := strings.Replace(logLine, `"extra_data":{`, offsets, 1)
	session := func(start string) string {
		return `{"phase":"session_end","session_id":"s1","extra_data":{"voice.recording.uri":"file:///calls/a%20b.wav","voice.recording.start":` + start + `}}`
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
			var r turnfile.Reader
			if err := r.Read(strings.NewReader(tt.file)); err != nil {
				t.Fatal(err)
			}
			call, err := r.Call("")
			if err != nil || len(call.Turns) != 1 {
				t.Fatalf("%+v, %v", call, err)
			}
			got := describe(call.Turns[0])
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

func TestSessionOfARecording(t *testing.T) {
	var r turnfile.Reader
	for id, uri := range map[string]string{"s1": "file:///calls/a%20b.wav", "s2": "s3://calls/2.wav", "s3": "s3://elsewhere/2.wav", "s4": ""} {
		file := strings.ReplaceAll(logLine, `"s1"`, `"`+id+`"`) + "\n" +
			`{"phase":"session_end","session_id":"` + id + `","extra_data":{"voice.recording.uri":"` + uri + `"}}`
		if err := r.Read(strings.NewReader(file)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct{ file, want string }{
		{"a b.wav", "s1"}, {"/tmp/a b.wav", "s1"}, {"2.wav", ""}, {"3.wav", ""}, {"", ""},
	} {
		if got, ok := r.SessionOf(tt.file); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%q: got %q, %v, want %q", tt.file, got, ok, tt.want)
		}
	}
}
