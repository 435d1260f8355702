// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package textlog

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// figure returns the most important number of an entry with the numbers that explain it, or "". It
// leaves out the less important ones to fit into room cells.
func (l *entry) figure(room int) string {
	switch l.phase {
	case "turn_end":
		if text := l.waited(room); text != "" {
			return text
		}
		return joined(room, took(l.duration), l.overBudget())
	case "session_end":
		return joined(room, took(l.duration), counted(l.get("voice.session.turn.count"), "turn"), l.get("voice.session.end_reason"),
			counted(positive(l.get("voice.session.interruption.count")), "interruption"))
	case "stage_end":
		return joined(room, took(l.duration), l.firsts(), l.attempt(), counted(positive(l.get("gen_ai.usage.output_tokens")), "token"))
	case "request_start", "request_end":
		return l.request(room)
	}
	return took(l.duration)
}

// waited returns the time that the user waited in a turn, and its segments, longest first.
func (l *entry) waited(room int) string {
	response, ok := l.seconds("voice.turn.response_latency")
	if !ok {
		return ""
	}
	text := "waited " + inSeconds(response)
	if over := l.overBudget(); over != "" {
		text += " (" + over + ")"
	}
	type segment struct {
		name    string
		seconds float64
	}
	var segments []segment
	for i := range l.fields {
		f := &l.fields[i]
		name, ok := strings.CutPrefix(f.key, "voice.turn.segment.")
		if n, known := parseNumber(f.value); ok && known && n >= 0.005 {
			segments = append(segments, segment{name, n})
		}
	}
	slices.SortStableFunc(segments, func(a, b segment) int { return cmp.Compare(b.seconds, a.seconds) })
	const more = ", …"
	separator := ": "
	for i, s := range segments {
		part := separator + s.name + " " + strconv.FormatFloat(s.seconds, 'f', 2, 64)
		rest := ""
		if i < len(segments)-1 {
			rest = more
		}
		if i > 0 && cells(text+part+rest, whole) > room {
			if cells(text+more, whole) <= room {
				text += more
			}
			break
		}
		text += part
		separator = ", "
	}
	return text
}

// overBudget names the segments of a turn that exceeded their budgets.
func (l *entry) overBudget() string {
	var segments []string
	for name := range strings.SplitSeq(strings.Trim(l.get("voice.turn.over_budget"), "[]"), ",") {
		if name = strings.Trim(name, `"`); name != "" && name != "response" { // The wait and the level say that.
			segments = append(segments, name)
		}
	}
	if segments == nil {
		return ""
	}
	return "over budget in " + strings.Join(segments, ", ")
}

// firsts returns the time to the final transcript, the first token or the first byte.
func (l *entry) firsts() string {
	for _, first := range []struct{ key, name string }{
		{"voice.stt.final_latency", "final"},
		{"voice.llm.time_to_first_token", "first token"},
		{"gen_ai.response.time_to_first_chunk", "first chunk"},
		{"voice.tts.time_to_first_byte", "first byte"},
	} {
		if n, ok := l.seconds(first.key); ok {
			return first.name + " " + inSeconds(n)
		}
	}
	return ""
}

// attempt returns the number of the attempt, if it is not the first.
func (l *entry) attempt() string {
	if n := l.get("voice.stage.attempt"); n != "" && n != "1" {
		return "attempt " + n
	}
	return ""
}

// request returns the status, duration, method and path of a request.
func (l *entry) request(room int) string {
	answer := l.get("http.response.status_code")
	if took := took(l.duration); took != "" {
		answer = strings.TrimPrefix(answer+" in "+took, " in ")
	}
	path := l.get("http.route")
	if path == "" {
		path = l.get("url.path")
	}
	asked := strings.TrimSpace(l.get("http.request.method") + " " + path)
	if answer != "" {
		answer += "  "
	}
	cut, _ := appendCut(nil, asked, max(room-cells(answer, whole), 20))
	return strings.TrimRight(answer+string(cut), " ")
}

// failure returns the class and the message of the error, or "".
func (l *entry) failure() string {
	class := l.get("error.type")
	if class == "" {
		class = l.errorType
	}
	switch class {
	case "_OTHER", "*errors.errorString", "*errors.joinError", "*fmt.wrapError", "*fmt.wrapErrors":
		class = "" // These types do not describe the error.
	}
	switch {
	case l.errorText == "":
		return class
	case class == "", strings.HasPrefix(l.errorText, class+":"):
		return l.errorText
	}
	return class + ": " + l.errorText
}

// hides reports whether a field is left out without details. Fields that the program set stay. Those
// of the toolkit are in the figure or are shown with details only.
func (l *entry) hides(f *field) bool {
	switch f.from {
	case fromLine:
		return f.key == "component_type"
	case fromPerformance:
		return l.own() || f.key == "success"
	case fromExtra:
	}
	if l.errorText != "" && f.value == l.errorText {
		return true // The line has it already.
	}
	if !l.own() {
		return f.key == "voice.operation.name" || f.key == "error.type" && l.errorText != ""
	}
	if strings.HasPrefix(f.key, argumentPrefix) {
		return false
	}
	return f.key == "error.type" || slices.ContainsFunc(toolkit(), func(prefix string) bool { return strings.HasPrefix(f.key, prefix) })
}

// argumentPrefix is the prefix of the arguments of an operation, which the program asked for.
const argumentPrefix = "voice.operation.arguments."

// toolkit returns the prefixes of the attributes that the toolkit sets.
func toolkit() []string {
	return []string{"voice.", "gen_ai.", "http.", "url.", "server.", "client.", "network.", "user_agent.", "rpc."}
}

// shortIDs returns the first digits of the correlation ID and the end of the session ID, which are
// enough to recognize the lines of a call.
func shortIDs(l *entry) string {
	const uuid, prefix, suffix = 36, 8, 4
	correlation, session := l.correlation, l.session
	if correlation == "" {
		correlation = l.trace
	}
	switch n := len(correlation); {
	case n == uuid && correlation[prefix] == '-', n == uuid-4 && correlation == l.trace:
		correlation = correlation[:prefix]
	case n > prefix+6:
		correlation = strings.ToValidUTF8(correlation[:prefix], "") + "…"
	}
	if len(session) > prefix {
		session = "…" + strings.ToValidUTF8(session[len(session)-suffix:], "")
	}
	return strings.TrimSpace(correlation + " " + session)
}

// took returns a duration given in milliseconds, or "".
func took(milliseconds string) string {
	if n, ok := parseNumber(milliseconds); ok {
		return inSeconds(n / 1000)
	}
	return ""
}

// inSeconds returns a duration for people, with at most three digits up to 100 seconds. The limits
// are the values from which rounding would give another digit.
func inSeconds(seconds float64) string {
	switch {
	case seconds >= 99.95:
		return time.Duration(min(seconds, maxSeconds) * float64(time.Second)).Round(time.Second).String()
	case seconds >= 9.995:
		return strconv.FormatFloat(seconds, 'f', 1, 64) + " s"
	case seconds >= 0.0995:
		return strconv.FormatFloat(seconds, 'f', 2, 64) + " s"
	case seconds >= 0.00995 || seconds == 0:
		return strconv.FormatFloat(seconds*1000, 'f', 0, 64) + " ms"
	}
	if seconds < 0.0001 {
		return "<0.1 ms"
	}
	return strconv.FormatFloat(seconds*1000, 'f', 1, 64) + " ms"
}

// maxSeconds is the longest time.Duration in seconds, rounded down.
const maxSeconds = 9e9

// positive returns a number, or "" if it is 0.
func positive(number string) string {
	if number == "0" {
		return ""
	}
	return number
}

// counted returns a number of things, or "" if it is unknown.
func counted(number, thing string) string {
	switch number {
	case "":
		return ""
	case "1":
		return "1 " + thing
	}
	return fmt.Sprintf("%s %ss", number, thing)
}

// joined joins the parts that are not empty: the first, and the others that fit into room cells.
func joined(room int, parts ...string) (text string) {
	for _, part := range parts {
		switch {
		case part == "":
		case text == "":
			text = part
		case cells(text+", "+part, whole) <= room:
			text += ", " + part
		}
	}
	return text
}
