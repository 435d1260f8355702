// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package wiretest

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire"
)

// NewConnection finds the decoder of a connection.
type NewConnection func(*wire.Target, wire.Report) wire.Connection

// A Conversation is the recorded messages of a connection: testdata/wire/PROVIDER/NAME/messages.txt.
// Each of its lines is a message: "> " or "< " and the text that the program sent or received, or
// ">! " or "<! " and the base64 of a binary message. "! " and a number in place of the base64 stands
// for so many zero bytes. After ">= " or "<= " stands a binary message that is text. In a text after
// ">~ " or "<~ ", "\r\n" stands for the end of a line. Empty lines and lines that begin with "#" are
// comments. The head of the HTTP request that opened the connection is in handshake.http.
type Conversation struct {
	Target   *wire.Target
	Messages []wire.Message
}

// Conversations decodes all recorded conversations of a provider, and compares the events with
// events.txt. "go test -update" writes events.txt.
func Conversations(t *testing.T, provider string, decoder NewConnection) {
	t.Helper()
	for _, dir := range conversations(t, provider) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			c := ReadConversation(t, dir)
			got := c.Events(t, decoder)
			c.Target.Content = false
			withoutContent(t, c.Events(t, decoder))
			golden := filepath.Join(dir, "events.txt")
			if update() {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\n%s has\n%s", got, golden, want)
			}
		})
	}
}

func conversations(tb testing.TB, provider string) (dirs []string) {
	tb.Helper()
	paths, err := filepath.Glob(filepath.Join(root(tb), "testdata", "wire", provider, "*", "messages.txt"))
	if err != nil || len(paths) == 0 {
		tb.Fatalf("no conversations were found: %v", err)
	}
	for _, path := range paths {
		dirs = append(dirs, filepath.Dir(path))
	}
	return dirs
}

// withoutContent checks that no text is reported if the target has no content. Errors have a text.
func withoutContent(t *testing.T, events string) {
	t.Helper()
	for line := range strings.Lines(events) {
		if strings.Contains(line, " text=") && !strings.Contains(line, "Failed") {
			t.Errorf("content is reported: %s", line)
		}
	}
}

// ReadConversation reads the conversation in a directory.
func ReadConversation(tb testing.TB, dir string) *Conversation {
	tb.Helper()
	head, err := os.ReadFile(filepath.Join(dir, "handshake.http"))
	if err != nil {
		tb.Fatal(err)
	}
	head = bytes.ReplaceAll(bytes.TrimSpace(bytes.ReplaceAll(head, []byte("\r\n"), []byte("\n"))), []byte("\n"), []byte("\r\n"))
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(append(head, "\r\n\r\n"...))))
	if err != nil {
		tb.Fatal(err)
	}
	host, port, _ := strings.Cut(strings.ToLower(r.Host), ":")
	c := &Conversation{Target: &wire.Target{
		Method: r.Method, Host: host, Port: port, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header, Content: true,
	}}
	text, err := os.ReadFile(filepath.Join(dir, "messages.txt"))
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		c.Messages = append(c.Messages, parseMessage(tb, line))
	}
	return c
}

func parseMessage(tb testing.TB, line string) wire.Message {
	tb.Helper()
	direction, data, ok := strings.Cut(line, " ")
	m := wire.Message{Sent: strings.HasPrefix(direction, ">"), Binary: strings.HasSuffix(direction, "!"), Data: []byte(data)}
	if !ok || strings.Trim(direction, "<>!~=") != "" {
		tb.Fatalf("%q is not a message", line)
	}
	if strings.HasSuffix(direction, "~") {
		m.Data = bytes.ReplaceAll(m.Data, []byte(`\r\n`), []byte("\r\n"))
	}
	if strings.HasSuffix(direction, "=") {
		m.Binary = true
		return m
	}
	if !m.Binary {
		return m
	}
	var zeros int
	if n, err := fmt.Sscanf(data, "! %d", &zeros); n == 1 && err == nil {
		m.Data = make([]byte, zeros)
		return m
	}
	decoded, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		tb.Fatalf("%q: %v", line, err)
	}
	m.Data = decoded
	return m
}

// Events returns the events of the conversation as text, a line each, after the number of its
// message. Events of audio that follow each other are one line.
func (c *Conversation) Events(tb testing.TB, decoder NewConnection) string {
	tb.Helper()
	var out strings.Builder
	var number int
	var last string // The last line, if it can be repeated.
	var times int
	flush := func() {
		if times > 1 {
			fmt.Fprintf(&out, "%s times=%d\n", last, times)
		} else if times == 1 {
			fmt.Fprintln(&out, last)
		}
		last, times = "", 0
	}
	d := decoder(c.Target, func(e *wire.Event) {
		line := Format(e)
		if e.Kind == wire.Audio || e.Kind == wire.UserAudio {
			if e.Data != nil {
				line += fmt.Sprintf(" bytes=%d", len(e.Data))
			}
			if line == last {
				times++
				return
			}
			flush()
			last, times = line, 1
			return
		}
		flush()
		fmt.Fprintf(&out, "%d %s\n", number, line)
	})
	if d == nil {
		tb.Fatal("no decoder was found")
	}
	asks := d.Asks()
	fmt.Fprintf(&out, "stage=%s provider=%s\n", asks.Stage, asks.Provider)
	for i, m := range c.Messages {
		number = i + 1
		m.Data = bytes.Clone(m.Data)
		d.Message(m)
		clear(m.Data) // A decoder does not keep what it is fed with.
	}
	number++
	d.Closed()
	flush()
	return out.String()
}

// FuzzConnection feeds a decoder with random messages: the lines of a text as in messages.txt. The
// conversations of a provider are the first ones. A decoder may not panic.
func FuzzConnection(f *testing.F, provider string, decoder NewConnection) {
	f.Helper()
	dirs := conversations(f, provider)
	targets := make([]*wire.Target, len(dirs))
	for i, dir := range dirs {
		c := ReadConversation(f, dir)
		targets[i] = c.Target
		for _, m := range c.Messages {
			f.Add(i, m.Sent, m.Binary, m.Data, m.Data)
		}
	}
	f.Fuzz(func(t *testing.T, target int, isSent, isBinary bool, first, second []byte) {
		if target < 0 || target >= len(targets) {
			t.Skip()
		}
		c := Conversation{Target: targets[target], Messages: []wire.Message{
			{Sent: isSent, Binary: isBinary, Data: first},
			{Sent: !isSent, Data: second},
			{Sent: isSent, Binary: isBinary, Data: first},
			{Sent: isSent, Binary: !isBinary, Data: second},
		}}
		_ = c.Events(t, decoder)
	})
}
