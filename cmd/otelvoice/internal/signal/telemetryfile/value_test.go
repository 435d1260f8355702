// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package telemetryfile_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/telemetryfile"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/testing/script"
)

// indented returns lines of JSON as a person formats them.
func indented(t *testing.T, lines []byte, prefix, indent string) []byte {
	t.Helper()
	var out bytes.Buffer
	for line := range bytes.Lines(lines) {
		out.WriteString(prefix)
		if err := json.Indent(&out, line, prefix, indent); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// Objects over several lines are read wherever they are. One that is broken costs no other.
func TestObjectsOverSeveralLines(t *testing.T) {
	told := script.Play(t, script.Calls()...)
	lines, otlp := told.Lines(), told.OTLP(t)
	formatted := indented(t, otlp, "", "  ")
	joined := bytes.ReplaceAll(formatted, []byte("}\n{"), []byte("}{"))
	list := bytes.ReplaceAll(indented(t, otlp, "    ", "    "), []byte("\n    }\n"), []byte("\n    },\n"))
	cut, _, _ := bytes.Cut(formatted, []byte(`"scopeSpans"`))
	cut = cut[:bytes.LastIndexByte(cut, '\n')+1]
	const text = "the agent starts\n"
	spans, records := len(told.Batch().Spans), len(told.Batch().Records)
	join := func(parts ...any) (all []byte) {
		for _, part := range parts {
			switch part := part.(type) {
			case string:
				all = append(all, part...)
			case []byte:
				all = append(all, part...)
			}
		}
		return all
	}
	for _, tt := range []struct {
		name          string
		text          []byte
		times         int // How often all spans are read.
		lines         int // How often all log lines are read, in addition.
		broken, other int
		first         string // What the first broken line is.
	}{
		{"a line of text between", join(formatted, text, formatted), 2, 0, 0, 1, ""},
		{"a line of text before", join(text, formatted), 1, 0, 0, 1, ""},
		{"log lines before and after", join(lines, formatted, lines), 1, 2, 0, 0, ""},
		{"one line before and after", join(otlp, formatted, otlp), 3, 0, 0, 0, ""},
		{"without indents", indented(t, otlp, "", ""), 1, 0, 0, 0, ""},
		{"tabs and CRLF", bytes.ReplaceAll(indented(t, otlp, "", "\t"), []byte("\n"), []byte("\r\n")), 1, 0, 0, 0, ""},
		{"each begins where the one before ends", joined, 1, 0, 0, 0, ""},
		{"a list", join("[\n", list, "]\n"), 1, 0, 0, 2, ""},
		{"the first is cut", join(cut, formatted, lines), 1, 1, 1, 0, "test:1: the object does not end before that of line "},
		{"text in the first", join(cut, text, cut, formatted, lines), 1, 1, 2, 0, "invalid character 't' looking for"},
		{"the last is cut", join(formatted, cut), 1, 0, 1, 0, ": the file ends within the object"},
		{"a line is cut", join(`{"timestamp":"2026-03-04T10:00:00Z",`, "\n", lines, formatted), 1, 1, 1, 0, "test:1: the object does not end before that of line 2"},
		{"a line is cut in a text", join(`{"timestamp":"2026-03-04T10:00`, "\n", lines, formatted), 1, 1, 1, 0, "test:1: "},
		{"objects of a program", join("{\n  resource: {\n    attributes: {}\n  },\n  id: 7\n}\n", formatted), 1, 0, 1, 4, "test:2: invalid character 'r'"},
		{"another object", join("{\n  \"a\": {\n    \"resourceSpans\": []\n  }\n}\n", formatted), 1, 0, 0, 1, ""},
		{"without indents, cut", join("{\n\"a\":\n7,\n", formatted, lines), 1, 1, 1, 0, "test:4: invalid character '{'"},
		{"byte order marks", join("\uFEFF", lines, "\uFEFF", formatted, "\uFEFF", otlp), 2, 1, 0, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all, counts := read(t, tt.text)
			if len(all.Spans) != tt.times*spans || len(all.Records) != (tt.times+tt.lines)*records {
				t.Errorf("%d spans and %d records, want %d and %d", len(all.Spans), len(all.Records), tt.times*spans, (tt.times+tt.lines)*records)
			}
			if counts.Broken != tt.broken || counts.Other != tt.other || !strings.Contains(counts.FirstBroken, tt.first) {
				t.Errorf("%+v, want %d broken, %d others, %q", counts, tt.broken, tt.other, tt.first)
			}
		})
	}
}

func TestLongObjects(t *testing.T) {
	const line = `{"timestamp":"2026-03-04T10:00:00Z","level":"INFO","message":"x"}` + "\n"
	long := "{\n" + strings.Repeat(` "a": "`+strings.Repeat("x", 1<<20)+"\",\n", 65) + ` "b": 1` + "\n}\n"
	all, counts := read(t, []byte(line+long+line))
	if len(all.Records) != 2 || counts.Broken != 1 || counts.FirstBroken != "test:2: an object of more than 64 MB" {
		t.Errorf("%d records, %d broken, %s", len(all.Records), counts.Broken, counts.FirstBroken)
	}
}

// A line of a program that writes a byte order mark is read, too.
func TestLineWithByteOrderMark(t *testing.T) {
	const line = `{"timestamp":"2026-03-04T10:00:00Z","level":"INFO","message":"x"}`
	if batch, kind, err := telemetryfile.Line([]byte("\uFEFF" + line)); kind != telemetryfile.LogLine || len(batch.Records) != 1 {
		t.Errorf("kind %d, %v", kind, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("{\n\"resourceSpans\":\n[{}\n]\n}{\n{\"a\":\n"))
	f.Add([]byte("[\n  {\n  },\n  { \"a\":\n{\"b\"\n}}]\n\uFEFF{"))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, counts := read(t, text)
		if counts.Lines > len(text) || counts.Other+counts.Broken > counts.Lines {
			t.Errorf("%+v", counts)
		}
	})
}
