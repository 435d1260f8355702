// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package textlog_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/voice-agents/telemetry/exporters/textlog"
)

// colors are the escape sequences that the encoder writes.
var colors = regexp.MustCompile("\x1b\\[\\d+m")

// checkText checks that a text without colours is one line without terminal control sequences.
func checkText(t *testing.T, line []byte, got string) {
	t.Helper()
	text, ok := strings.CutSuffix(got, "\n")
	for _, r := range text {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			t.Errorf("%q became %q, which has %U", line, got, r)
		}
	}
	if !ok || !utf8.ValidString(text) {
		t.Errorf("%q became %q", line, got)
	}
}

// A terminal shows any ID, name or text of a caller in its own line.
func TestCallerCannotForgeALineOnTheConsole(t *testing.T) {
	fields := []string{
		"timestamp", "level", "module", "message", "correlation_id", "trace_id", "span_id", "request_id", "session_id", "turn_id", "user_id",
		"pipeline_id", "file_path", "line_number", "stage", "phase", "component", "duration_ms",
	}
	phases := []string{"", "turn_end", "session_end", "stage_end", "request_start", "request_end", "operation_end"}
	for name, text := range map[string]string{
		"line end":              "a\n12:00:00.000 ERROR forged",
		"carriage return":       "a\r12:00:00.000 ERROR forged",
		"vertical tab":          "a\vb\fc\x1cd\x1de\x1ef",
		"next line":             "a\u0085b",
		"line separator":        "a\u2028b\u2029c",
		"colour":                "\x1b[31mred\x1b[0m",
		"clear the screen":      "\x1b[2J\x1b[H",
		"title of the window":   "\x1b]0;owned\a",
		"link":                  "\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\",
		"8-bit escape":          "\u009b2J\u009d0;owned\u009c",
		"backspace over a line": "secret\b\b\b\b\b\bpublic",
		"null and delete":       "a\x00b\x7fc",
		"bidirectional":         "a\u202eb\u2066c\u200fd",
		"invalid UTF-8":         "a\xff\x9b2Jb",
		"with quotes":           "a \"b\"=\x1b[2J\n",
	} {
		t.Run(name, func(t *testing.T) {
			forged := make(map[string]any)
			for _, field := range fields {
				forged[field] = text
			}
			forged["exception"] = map[string]any{"type": text, "message": text, "stacktrace": text + "()\n\t/app/" + text + ":1\n", "chain": []string{text}}
			forged["extra_data"] = map[string]any{text: text, "list": []string{text}, "deep": map[string]any{text: map[string]any{text: text}}}
			line, err := json.Marshal(forged)
			if err != nil {
				t.Fatal(err)
			}
			// The numbers and names that a summary is made of.
			extra := make(map[string]any)
			for _, key := range []string{
				"error.type", "http.request.method", "http.route", "url.path", "http.response.status_code", "voice.session.turn.count", "voice.session.interruption.count",
				"voice.session.end_reason", "gen_ai.usage.output_tokens", "voice.stage.attempt", "voice.turn.response_latency", "voice.turn.segment." + text, "voice.operation.arguments." + text,
			} {
				extra[key] = text
			}
			for _, latency := range []any{text, 1} {
				for _, phase := range phases {
					extra["voice.turn.response_latency"], extra["voice.turn.segment."+text] = latency, 0.5
					line, err := json.Marshal(map[string]any{"message": text, "phase": phase, "extra_data": extra})
					if err != nil {
						t.Fatal(err)
					}
					checkText(t, line, textOf(t, line, textlog.Options{}))
				}
			}
			for _, line := range [][]byte{line} {
				checkText(t, line, textOf(t, line, textlog.Options{}))
				checkText(t, line, textOf(t, line, textlog.Options{Details: true}))
			}
			// With colours, a text contains no escape sequence of its own.
			short := func(text string) int {
				line, err := json.Marshal(map[string]string{"message": text, "session_id": text, "module": text, "level": text})
				if err != nil {
					t.Fatal(err)
				}
				return len(colors.FindAllString(textOf(t, line, textlog.Options{Colors: true}), -1))
			}
			if got, want := short(text), short("x"); got != want {
				t.Errorf("%d escape sequences, want %d", got, want)
			}
		})
	}
}
