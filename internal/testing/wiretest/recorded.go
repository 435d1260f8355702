// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package wiretest decodes the recorded exchanges of testdata/wire, and compares the events with
// those that a person has read.
//
// A directory testdata/wire/PROVIDER/NAME holds request.http and response.http, which are HTTP/1.1
// messages as they were on the connection, without chunks, and events.txt, which the decoder's
// events are compared with. "go test -update" writes events.txt.
package wiretest

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire"
)

// New finds the decoder of a request.
type New func(*wire.Target, wire.Report) wire.Exchange

// update reports whether events.txt is to be written.
func update() bool {
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}

// Recorded decodes all exchanges of testdata/wire, whole and in pieces.
func Recorded(t *testing.T, decoder New) {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(root(t), "testdata", "wire", "*", "*", "request.http"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no exchanges were found: %v", err)
	}
	for _, path := range dirs {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(filepath.Dir(dir))+"/"+filepath.Base(dir), func(t *testing.T) {
			x := Read(t, dir)
			want := x.Events(t, decoder, 1<<20)
			for _, size := range []int{1, 7, 1000} {
				if got := x.Events(t, decoder, size); got != want {
					t.Errorf("in pieces of %d bytes:\n%s\nas a whole:\n%s", size, got, want)
				}
			}
			x.withoutContent(t, decoder)
			golden := filepath.Join(dir, "events.txt")
			if update() {
				if err := os.WriteFile(golden, []byte(want), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			text, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if want != string(text) {
				t.Errorf("got\n%s\n%s has\n%s", want, golden, text)
			}
		})
	}
}

// An Exchange is a recorded request and its response.
type Exchange struct {
	Request      *http.Request
	RequestBody  []byte
	Response     *http.Response
	ResponseBody []byte
}

// Read reads the exchange in a directory.
func Read(tb testing.TB, dir string) *Exchange {
	tb.Helper()
	x := new(Exchange)
	head, body := message(tb, filepath.Join(dir, "request.http"))
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(head)))
	if err != nil {
		tb.Fatal(err)
	}
	x.Request, x.RequestBody = req, body
	head, body = message(tb, filepath.Join(dir, "response.http"))
	res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(head)), req)
	if err != nil {
		tb.Fatal(err)
	}
	x.Response, x.ResponseBody = res, body
	_ = res.Body.Close()
	return x
}

// message returns the head and the body of a recorded message. Lines of the head may end with a
// line feed alone, as editors write them.
func message(tb testing.TB, path string) (head, body []byte) {
	tb.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	// The end of the head is the first empty line: the body may have other ends of lines.
	at, size := -1, 0
	for _, end := range []string{"\r\n\r\n", "\n\n"} {
		if i := bytes.Index(text, []byte(end)); i >= 0 && (at < 0 || i < at) {
			at, size = i, len(end)
		}
	}
	if at >= 0 {
		head = bytes.ReplaceAll(bytes.ReplaceAll(text[:at], []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
		return append(head, "\r\n\r\n"...), text[at+size:]
	}
	tb.Fatalf("%s has no body", path)
	return nil, nil
}

// Target returns the target of the request.
func (x *Exchange) Target() *wire.Target {
	r := x.Request
	host, port, _ := strings.Cut(strings.ToLower(r.Host), ":")
	return &wire.Target{Method: r.Method, Host: host, Port: port, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header, Content: true}
}

// Events returns the events of the exchange as text, a line each. The bodies are fed in pieces of at
// most size bytes. Pieces of a text or of audio that follow each other are one event.
func (x *Exchange) Events(tb testing.TB, decoder New, size int) string {
	tb.Helper()
	w := new(lines)
	d := decoder(x.Target(), w.event)
	if d == nil {
		tb.Fatal("no decoder was found")
	}
	for p := range slices.Chunk(x.RequestBody, size) {
		d.Sent(bytes.Clone(p))
	}
	d.SentAll()
	d.Answered(x.Response.StatusCode, x.Response.Header)
	for p := range slices.Chunk(x.ResponseBody, size) {
		p = bytes.Clone(p)
		d.Received(p)
		clear(p) // A decoder does not keep what it is fed with.
	}
	d.ReceivedAll()
	return w.text()
}

// lines collects events.
type lines struct {
	out   []string
	kind  wire.Kind // Of the pieces that are collected.
	piece []byte
}

func (w *lines) event(e *wire.Event) {
	if e.Kind == wire.Answer || e.Kind == wire.ToolArguments || e.Kind == wire.Audio {
		if w.kind != e.Kind {
			w.flush()
		}
		w.kind = e.Kind
		w.piece = append(append(w.piece, e.Text...), e.Data...)
		return
	}
	w.flush()
	w.out = append(w.out, Format(e))
}

func (w *lines) flush() {
	switch w.kind {
	case wire.Answer, wire.ToolArguments:
		w.out = append(w.out, fmt.Sprintf("%v text=%q", w.kind, w.piece))
	case wire.Audio:
		w.out = append(w.out, fmt.Sprintf("%v bytes=%d", w.kind, len(w.piece)))
	default: // No piece was collected.
	}
	w.kind, w.piece = 0, nil
}

func (w *lines) text() string {
	w.flush()
	return strings.Join(w.out, "\n") + "\n"
}

// Body returns a reader of the recorded response.
func (x *Exchange) Body() io.ReadCloser { return io.NopCloser(bytes.NewReader(x.ResponseBody)) }

// URL returns the URL of the request on a server.
func (x *Exchange) URL(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		return ""
	}
	u.Path, u.RawQuery = x.Request.URL.Path, x.Request.URL.RawQuery
	return u.String()
}

// root returns the project's directory.
func root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for ; filepath.Dir(dir) != dir; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "testdata", "wire")); err == nil {
			return dir
		}
	}
	tb.Fatal("testdata/wire was not found")
	return ""
}
