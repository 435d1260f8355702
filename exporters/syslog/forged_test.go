// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package syslog

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// forgeries are ids of a caller that would end a message for some receiver, control a terminal, or hide
// text.
var forgeries = []struct{ name, text, param, message string }{
	{"line end", "a\n<0>1 - evil - - - forged", "a#012<0>1 - evil - - - forged", "a#012<0>1 - evil - - - forged"},
	{"carriage return", "a\r<0>forged", "a#015<0>forged", "a#015<0>forged"},
	{"null", "a\x00b", "a#000b", "a#000b"},
	{"octet count", "a\n14 <0>1 - forged", "a#01214 <0>1 - forged", "a#01214 <0>1 - forged"},
	{"terminal escape", "a\x1b[2Jb\a", "a#033[2Jb#007", "a#033[2Jb#007"},
	{"delete", "a\x7fb", "a#177b", "a#177b"},
	{"8-bit terminal escape", "a\u009b2Jb", "a#302#2332Jb", "a#302#2332Jb"},
	{"next line", "a\u0085b", "a#302#205b", "a#302#205b"},
	{"line separator", "a\u2028b\u2029c", "a#342#200#250b#342#200#251c", "a#342#200#250b#342#200#251c"},
	{"bidirectional", "a\u202eb\u2066c", "a#342#200#256b#342#201#246c", "a#342#200#256b#342#201#246c"},
	{"structured data", `a"] [x@1 y="\`, `a\"\] [x@1 y=\"\\`, `a"] [x@1 y="\`},
	{"invalid UTF-8", "a\xffb", "a\ufffdb", "a\ufffdb"},
	{"harmless", "sess_1 ü 日本 👩\u200d💻 #012", "sess_1 ü 日本 👩\u200d💻 #012", "sess_1 ü 日本 👩\u200d💻 #012"},
}

func newTestFramer(tb testing.TB, opts Options) *framer {
	tb.Helper()
	opts.MaxMessageBytes, opts.Hostname, opts.AppName = 8<<10, "box", "app"
	f, err := newFramer(opts)
	if err != nil {
		tb.Fatal(err)
	}
	return &f
}

// Whatever IDs, names and texts a caller chooses, the result is one message with all parts in
// their places.
func TestCallerCannotForgeASyslogMessage(t *testing.T) {
	for _, tt := range forgeries {
		t.Run(tt.name, func(t *testing.T) {
			text, err := json.Marshal(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			frame := newTestFramer(t, Options{})
			got := string(messageOf(frame, []byte(`{"session_id":`+string(text)+`}`)))
			if want := `<14>1 - box app - - [otelvoice@32473 session_id="` + tt.param + `"] {`; !strings.HasPrefix(got, want) {
				t.Errorf("as an id\ngot  %q\nwant %q…", got, want)
			}
			var back struct {
				Session string `json:"session_id"`
			}
			if err := json.Unmarshal([]byte(got[strings.IndexByte(got, '{'):]), &back); err != nil || back.Session != strings.ToValidUTF8(tt.text, "\ufffd") {
				t.Errorf("the JSON has %q, %v", back.Session, err)
			}
			for name, got := range map[string]string{
				"as a line of text": string(messageOf(frame, []byte(tt.text+"\n"))),
			} {
				if want := "<14>1 - box app - - - " + tt.message; got != want {
					t.Errorf("%s\ngot  %q\nwant %q", name, got, want)
				}
			}
			line, err := json.Marshal(map[string]string{
				"timestamp": tt.text, "level": tt.text, "phase": tt.text, "module": tt.text, "correlation_id": tt.text, "trace_id": tt.text,
				"span_id": tt.text, "request_id": tt.text, "session_id": tt.text, "turn_id": tt.text, "message": tt.text,
			})
			if err != nil {
				t.Fatal(err)
			}
			frame.host, frame.app = printable(tt.text, maxHostname), printable(tt.text, maxAppName)
			checkMessage(t, line, messageOf(frame, line), frame.max)
		})
	}
}

// Escaping changes no value of JSON.
func TestEscapedJSONIsTheSameJSON(t *testing.T) {
	for in, want := range map[string]string{
		"{\n\t\"a\": \"b\"\r\n}":             `{  "a": "b"  }`,
		"{\"a\":\"\x7f\u0085\u2028\u202e\"}": `{"a":"\u007f\u0085\u2028\u202e"}`,
		"{\"\u009b\":\"\\n\"}":               `{"\u009b":"\n"}`,
		"{\"a\":\"\xff\"}":                   "{\"a\":\"\ufffd\"}",
		"[1,\n2]":                            "[1, 2]",
		"{} {\n}":                            "{} {#012}",
	} {
		if got := string(escaped([]byte(in))); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

// messageOf returns the message of a JSON line with its own fields.
func messageOf(f *framer, line []byte) []byte { return f.message(line, headerOf(line)) }

// checkMessage checks that a message follows RFC 5424, is one line and is not too long.
func checkMessage(t *testing.T, line, message []byte, most int) {
	t.Helper()
	if !grammar.Match(message) || !utf8.Valid(message) || len(message) > most {
		t.Errorf("%q became %q, %d bytes", line, message, len(message))
	}
	for _, r := range string(message) {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			t.Errorf("%q became %q, which has %U", line, message, r)
		}
	}
	for _, f := range []framing{datagram, counted, ended} {
		stream := f.appendFrame(f.appendFrame(nil, message), []byte("next"))
		if f == datagram {
			stream = f.appendFrame(nil, message)
		}
		got, err := unframe(f, stream)
		if err != nil || len(got) == 0 || got[0] != string(message) || f != datagram && (len(got) != 2 || got[1] != "next") {
			t.Errorf("framing %d: %q became %q, %v", f, line, got, err)
		}
	}
}

// unframe splits a stream into messages like a receiver.
func unframe(f framing, stream []byte) (messages []string, err error) {
	r := bufio.NewReader(bytes.NewReader(stream))
	for {
		switch f {
		case datagram:
			return []string{string(stream)}, nil
		case ended:
			message, err := r.ReadString('\n')
			if err != nil {
				if message != "" {
					return nil, fmt.Errorf("%q has no end", message)
				}
				return messages, nil
			}
			messages = append(messages, strings.TrimSuffix(message, "\n"))
		case counted:
			length, err := r.ReadString(' ')
			if err != nil {
				if length != "" {
					return nil, fmt.Errorf("%q has no end", length)
				}
				return messages, nil
			}
			n, err := strconv.Atoi(strings.TrimSpace(length))
			if err != nil {
				return nil, err
			}
			message := make([]byte, n)
			if _, err := io.ReadFull(r, message); err != nil {
				return nil, err
			}
			messages = append(messages, string(message))
		}
	}
}

// Whatever bytes a line has, a receiver reads one valid message.
func FuzzFrame(f *testing.F) {
	for _, forged := range forgeries {
		f.Add([]byte(forged.text), false)
		f.Add([]byte(`{"session_id":"`+forged.text+`"}`), true)
		if line, err := json.Marshal(map[string]string{"session_id": forged.text, "phase": forged.text, "module": forged.text}); err == nil {
			f.Add(line, false)
		}
	}
	f.Add([]byte(`{"session_id":"`+strings.Repeat("\x01", 9000)+`"}`), false)
	plain := newTestFramer(f, Options{})
	small := newTestFramer(f, Options{})
	small.max = 100
	f.Fuzz(func(t *testing.T, line []byte, named bool) {
		h := headerOf(line)
		if named { // Field names may be any text, too.
			h.fields = append(h.fields, slog.String(string(line), string(line)), slog.String(phaseKey, string(line)))
		}
		checkMessage(t, line, plain.message(line, h), plain.max)
		checkMessage(t, line, messageOf(small, line), small.max)
		if !json.Valid(line) {
			return
		}
		var before, after any
		safe := escaped(line)
		if err := json.Unmarshal(line, &before); err != nil {
			return // A number that is too large.
		}
		if err := json.Unmarshal(safe, &after); err != nil || fmt.Sprintf("%#v", before) != fmt.Sprintf("%#v", after) {
			t.Errorf("%q became %q: %v", line, safe, err)
		}
	})
}

// On a local stream socket, a line end would end a message.
func TestForgedIDOnAUnixStream(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Skip("there are no such sockets here: ", err)
	}
	defer l.Close()
	w, err := NewWriter(Options{Address: "unix://" + path, Hostname: "box", AppName: "app"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, `{"session_id":"a\n<0>1 forged"}`+"\n"+`<0>1 forged`+"\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "{}\n"); err != nil {
		t.Fatal(err)
	}
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := w.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	stream, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	want := "<14>1 - box app - - - {\"session_id\":\"a\\n<0>1 forged\"}#012<0>1 forged\n<14>1 - box app - - - {}\n"
	if string(stream) != want {
		t.Errorf("got  %q\nwant %q", stream, want)
	}
}
