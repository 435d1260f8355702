// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/testdata/speech"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hurry makes delays very short.
const hurry = 10_000

// serve starts a vendor that knows the recorded callers.
func serve(t *testing.T, opts Options) *Server {
	t.Helper()
	opts.Script = script(t)
	if opts.Speed == 0 {
		opts.Speed = hurry
	}
	s, err := Serve(t.Context(), &opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func script(tb testing.TB) Script {
	tb.Helper()
	s, err := ReadScript(speech.Files())
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func utterance(tb testing.TB, file string) Utterance {
	tb.Helper()
	for _, u := range script(tb) {
		if u.File == file {
			return u
		}
	}
	tb.Fatalf("no utterance %q", file)
	return Utterance{}
}

// answered is a response that has been read to its end.
type answered struct {
	status int
	header http.Header
	body   []byte
}

// do sends a request with a key and reads the whole answer.
func do(t *testing.T, r *http.Request) answered {
	t.Helper()
	if r.Header.Get("Authorization") == "" {
		r.Header.Set("Authorization", "Bearer sk-test")
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{resp.StatusCode, resp.Header, body}
}

func newRequest(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func postJSON(t *testing.T, s *Server, path, body string) answered {
	t.Helper()
	r := newRequest(t, http.MethodPost, s.BaseURL()+path, body)
	r.Header.Set("Content-Type", "application/json")
	return do(t, r)
}

// postAudio uploads audio under a name, with further form fields in pairs.
func postAudio(t *testing.T, s *Server, name string, audio []byte, fields ...string) answered {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if audio != nil {
		part, err := form.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(audio); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	r := newRequest(t, http.MethodPost, s.BaseURL()+"/audio/transcriptions", body.String())
	r.Header.Set("Content-Type", form.FormDataContentType())
	return do(t, r)
}

// decode reads an answer and fails the test unless it is 200 with JSON.
func decode[T any](t *testing.T, a answered) T {
	t.Helper()
	if a.status != http.StatusOK {
		t.Fatalf("status: got %d, want 200\n%s", a.status, a.body)
	}
	var v T
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("%v\n%s", err, a.body)
	}
	return v
}

// events returns the data of each server-sent event.
func events(t *testing.T, a answered) []string {
	t.Helper()
	if got, want := a.header.Get("Content-Type"), "text/event-stream; charset=utf-8"; got != want {
		t.Fatalf("content type: got %q, want %q\n%s", got, want, a.body)
	}
	var list []string
	for lines := bufio.NewScanner(bytes.NewReader(a.body)); lines.Scan(); {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			list = append(list, data)
		} else if lines.Text() != "" {
			t.Fatalf("not an event: %q", lines.Text())
		}
	}
	return list
}

// wantFailure checks an error response of the vendor.
func wantFailure(t *testing.T, a answered, status int, code string) {
	t.Helper()
	var body struct {
		Error struct {
			Message, Type string
			Code          *string
		}
	}
	if err := json.Unmarshal(a.body, &body); err != nil {
		t.Fatalf("%v\n%s", err, a.body)
	}
	got := ""
	if body.Error.Code != nil {
		got = *body.Error.Code
	}
	if a.status != status || got != code || body.Error.Message == "" || body.Error.Type == "" {
		t.Errorf("got  %d %s\nwant %d with code %q, a message and a type", a.status, a.body, status, code)
	}
	if a.header.Get(headerRequestID) == "" {
		t.Error("no x-request-id")
	}
}
