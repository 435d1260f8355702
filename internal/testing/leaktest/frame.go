// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// A Frame nests a text in another one. A secret in the text is still secret in the frame.
type Frame struct {
	Name string
	// Joins reports that other text follows without a space, which may change the meaning of a harmless
	// text.
	Joins bool
	// Wrap returns the framed text, and false if the frame cannot contain the text.
	Wrap func(text string) (string, bool)
}

// Frames returns all frames, those that can be nested first.
func Frames() []Frame {
	return []Frame{
		frame("alone", func(t string) string { return t }),
		frame("JSON string", func(t string) string { return jsonText(map[string]any{"body": t, "n": 1}) }),
		frame("JSON string, two deep", func(t string) string { return jsonText(map[string]any{"body": jsonText(map[string]any{"args": t})}) }),
		frame("JSON string, three deep", func(t string) string { return quoted(quoted(quoted(t))) }),
		frame("JSON string, five deep", func(t string) string { return quoted(quoted(quoted(quoted(quoted(t))))) }),
		frame("%q", func(t string) string { return fmt.Sprintf("unexpected %q", t) }),
		frame("percent-encoded", func(t string) string { return "next=" + url.QueryEscape(t) + "&a=1" }),
		frame("percent-encoded twice", func(t string) string { return "next=" + escaped(t, 2) }),
		frame("error chain", func(t string) string { return fmt.Errorf("call: %w", fmt.Errorf("llm: %w", errors.New(t))).Error() }),
		frame("printed list", func(t string) string { return fmt.Sprint([]string{"ready", t, "done"}) }),

		frame("start of a sentence", func(t string) string { return t + " was refused" }),
		frame("middle of a sentence", func(t string) string { return "we saw " + t + " at the gate" }),
		frame("end of a sentence", func(t string) string { return "we saw " + t + "." }),
		frame("sentence with a comma", func(t string) string { return "we saw " + t + ", and went on" }),
		frame("question", func(t string) string { return "is it " + t + "?" }),
		frame("after a newline", func(t string) string { return "first line\n" + t + "\nlast line" }),
		frame("after a tab", func(t string) string { return "col\t" + t + "\tcol" }),
		frame("double quotes", func(t string) string { return `say "` + t + `" now` }),
		frame("single quotes", func(t string) string { return "say '" + t + "' now" }),
		frame("backquotes", func(t string) string { return "say `" + t + "` now" }),
		frame("typographic quotes", func(t string) string { return "sag „" + t + "“ jetzt" }),
		frame("parentheses", func(t string) string { return "peer (" + t + ") left" }),
		frame("brackets", func(t string) string { return "[" + t + "] left" }),
		joining("angle brackets", func(t string) string { return "<" + t + "> left" }),
		frame("braces", func(t string) string { return "{" + t + "}" }),
		joining("after letters of another script", func(t string) string { return "电话" + t + "已挂断" }),
		frame("after an umlaut and a space", func(t string) string { return "für " + t + " geändert" }),
		frame("after a colon", func(t string) string { return "state:" + t }),
		frame("after an equals sign", func(t string) string { return "state=" + t }),
		frame("printed map", func(t string) string { return fmt.Sprint(map[string]string{"a": "x", "state": t, "z": "y"}) }),
		joining("key of a printed map", func(t string) string { return fmt.Sprint(map[string]string{t: "busy", "z": "y"}) }),
		frame("key of JSON", func(t string) string { return jsonText(map[string]any{t: 3, "zz": true}) }),
		frame("list of JSON", func(t string) string { return jsonText([]any{"ready", t, "done"}) }),
		frame("field of a struct", func(t string) string { return fmt.Sprintf("%+v", struct{ Peer, State string }{t, "busy"}) }),
		frame("field without its name", func(t string) string { return fmt.Sprintf("%v", struct{ Peer, State string }{t, "busy"}) }),
		frame("field of a struct, %#v", func(t string) string { return fmt.Sprintf("%#v", struct{ Peer, State string }{t, "busy"}) }),
		frame("YAML", func(t string) string { return "mode: busy\nstate: " + t + "\nlang: en" }),
		frame("YAML list", func(t string) string { return "states:\n- " + t + "\n- none" }),
		frame("XML", func(t string) string { return "<state>" + escapeXML(t) + "</state>" }),
		frame("CSV", func(t string) string { return "7,busy," + t + ",ready" }),
		frame("CSV with quotes", func(t string) string { return `7,"` + strings.ReplaceAll(t, `"`, `""`) + `",ready` }),
		frame("query", func(t string) string {
			return "https://api.example.com/calls?state=" + url.QueryEscape(t) + "&lang=en"
		}),
		inPath("path", func(t string) string { return "/callers/" + url.PathEscape(t) + "/calls" }),
		inPath("address", func(t string) string { return "https://api.example.com/callers/" + url.PathEscape(t) }),
		inPath("request line", func(t string) string { return "GET /callers/" + url.PathEscape(t) + "/calls HTTP/1.1" }),
		segment("path, plain", func(t string) string { return "/callers/" + t + "/calls" }),
		segment("end of a path", func(t string) string { return "https://api.example.com/callers/" + t }),
		segment("span name", func(t string) string { return "GET /callers/" + t }),
		joining("error of a connection", func(t string) string { return "read " + t + ": connection refused" }),
		frame("template", func(t string) string { return "state={" + t + "} mode={busy}" }),
		e164("SIP identity", func(t string) string { return "sip_" + t }),
		e164("room of a call", func(t string) string { return "call-_" + t + "_ab12Cd34" }),
		e164("id after a dash", func(t string) string { return "call-" + t }),
		e164("id between dots", func(t string) string { return "room." + t + ".eu" }),
		e164("after a letter", func(t string) string { return "x" + t }),
		e164("after an at", func(t string) string { return "@" + t }),
		e164("encoded plus in a path", func(t string) string { return "/callers/%2B" + t[1:] + "/calls" }),
		e164("encoded plus in lower case", func(t string) string { return "to=%2b" + t[1:] + "&x=1" }),
		e164("before a slash and dots", func(t string) string { return "record-" + t + ".wav" }),
		e164("before an underscore", func(t string) string { return t + "_inbound" }),
	}
}

func frame(name string, wrap func(string) string) Frame {
	return Frame{name, false, func(text string) (string, bool) { return wrap(text), true }}
}

// inPath returns a frame that escapes a text for a URL path.
func inPath(name string, wrap func(string) string) Frame {
	return Frame{name, true, func(text string) (string, bool) {
		if strings.ContainsAny(text, "\r\n\"'<>{}[]=") {
			return "", false
		}
		return wrap(text), true
	}}
}

// joining returns a frame with Joins.
func joining(name string, wrap func(string) string) Frame {
	f := frame(name, wrap)
	f.Joins = true
	return f
}

// segment returns a frame for texts that a path can contain without escapes.
func segment(name string, wrap func(string) string) Frame {
	return Frame{name, true, func(text string) (string, bool) {
		if strings.ContainsAny(text, " \t\r\n/?#\"'%") {
			return "", false
		}
		return wrap(text), true
	}}
}

// e164 returns a frame for numbers of a plus and digits. Other numbers are not part of names.
func e164(name string, wrap func(string) string) Frame {
	return Frame{name, true, func(text string) (string, bool) {
		if len(text) < 2 || text[0] != '+' || strings.Trim(text[1:], "0123456789") != "" {
			return "", false
		}
		return wrap(text), true
	}}
}
