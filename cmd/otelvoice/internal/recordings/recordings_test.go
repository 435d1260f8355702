// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recordings_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/recordings"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// began is when the recordings were made.
var began = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

const sound = "RIFF....WAVEfmt the sound of a call"

// serve asks a source for a recording, and returns the answer.
func serve(t *testing.T, s *recordings.Source, uri string, headers ...string) (*httptest.ResponseRecorder, error) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/calls/1/recording", http.NoBody)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	err := s.Serve(w, r, uri)
	return w, err
}

func open(t *testing.T, place string) *recordings.Source {
	t.Helper()
	s, err := recordings.Open(place)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.wav")
	if err := os.WriteFile(file, []byte(sound), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ place, want string }{
		{dir, ""},
		{"file://" + dir, ""},
		{"file://localhost" + dir, ""},
		{"https://recordings.example", ""},
		{"HTTP://user:secret@recordings.example:8080/calls?sig=1", ""},
		{"", "no such file"},
		{dir + "/none", "no such file"},
		{file, "not a directory"},
		{"file://" + dir + "/none", "no such file"},
		{"file://elsewhere.example/calls", "of this machine"},
		{"s3://bucket/calls", "file, http or https"},
		{"javascript://x/%0aalert(1)", "file, http or https"},
		{"https://", "a host"},
		{"https:///calls", "a host"},
		{"https://recordings.example/#x", "without a fragment"},
		{"https://user:s3cret@recordings.example:port/", "cannot be read"},
	} {
		s, err := recordings.Open(tt.place)
		switch {
		case tt.want == "" && err != nil, tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%q: %v, want %q", tt.place, err, tt.want)
		case err != nil && strings.Contains(err.Error(), "s3cret"):
			t.Errorf("%q: the error has the password: %v", tt.place, err)
		case err == nil:
			s.Close()
		}
	}
}

func TestDirectory(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"calls/1.wav": sound, "secret.txt": "secret"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../secret.txt", filepath.Join(dir, "calls", "link.wav")); err != nil {
		t.Fatal(err)
	}
	s := open(t, filepath.Join(dir, "calls"))
	for uri, want := range map[string]bool{
		"1.wav": true, "s3://bucket/2026/1.wav": true, "https://other.example/1.wav?sig=2": true, `C:\calls\1.wav`: true,
		"../secret.txt": false, "..": false, "/": false, "": false, "%2e%2e%2fsecret.txt": false, "link.wav": false, "2.wav": false,
		"http://[::1": false, "1.wav\x00": false, ".": false, "calls": false,
	} {
		w, err := serve(t, s, uri)
		if (err == nil) != want || s.Has(uri) != want || want && w.Body.String() != sound {
			t.Errorf("%q: %v, %t, %q", uri, err, s.Has(uri), w.Body)
		}
	}
	if w, err := serve(t, s, "1.wav", "Range", "bytes=0-3"); err != nil || w.Code != http.StatusPartialContent || w.Body.String() != "RIFF" {
		t.Errorf("a range: status %d, %q, %v", w.Code, w.Body, err)
	}
}

func TestServer(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, _, _ := r.BasicAuth()
		asked = append(asked, user+"@"+r.URL.RequestURI())
		for _, name := range []string{"Cookie", "Authorization"} {
			if v := r.Header.Get(name); v != "" && user == "" {
				t.Errorf("the header %s is passed on: %s", name, v)
			}
		}
		switch r.URL.Path {
		case "/calls/moved.wav":
			http.Redirect(w, r, "http://169.254.169.254/secret", http.StatusFound)
		case "/calls/page.wav":
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Set-Cookie", "x=1")
			_, _ = w.Write([]byte("<script>"))
		case "/calls/1.wav", "/calls/2026/03/1.wav", "/calls/a b%.wav":
			w.Header().Set("Content-Type", "audio/wav")
			http.ServeContent(w, r, "", began, strings.NewReader(sound))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another server was asked") }))
	t.Cleanup(other.Close)
	base := server.URL + "/calls"
	for _, tt := range []struct {
		name, uri, asked string
		headers          []string
		status           int // 0 is an error.
		body             string
	}{
		{"a name", "1.wav", "@/calls/1.wav", nil, 200, sound},
		{"of a bucket", "s3://bucket/x/1.wav", "@/calls/1.wav", nil, 200, sound},
		{"below the base", base + "/2026/03/1.wav", "@/calls/2026/03/1.wav", nil, 200, sound},
		{"of another server", other.URL + "/calls/2026/03/1.wav", "@/calls/1.wav", nil, 200, sound},
		{"beside the base", server.URL + "/other/1.wav", "@/calls/1.wav", nil, 200, sound},
		{"a part", "1.wav", "@/calls/1.wav", []string{"Range", "bytes=0-3"}, 206, "RIFF"},
		{"a part that is not", "1.wav", "@/calls/1.wav", []string{"Range", "bytes=900-"}, 416, ""},
		{"a query in the URI", "1.wav?sig=x#y", "@/calls/1.wav", nil, 200, sound},
		{"signs in the name", "a%20b%25.wav", "@/calls/a%20b%25.wav", nil, 200, sound},
		{"with what the browser knows", "1.wav", "@/calls/1.wav", []string{"Cookie", "otelvoice_token=s", "Authorization", "Bearer s"}, 200, sound},
		{"a page", "page.wav", "@/calls/page.wav", nil, 200, "<script>"},
		{"up", base + "/../secret.txt", "@/calls/secret.txt", nil, 0, ""},
		{"up, escaped", base + "/%2e%2e/%2e%2e/secret.txt", "@/calls/secret.txt", nil, 0, ""},
		{"up, escaped twice", "%252e%252e%252fsecret.txt", "@/calls/%252e%252e%252fsecret.txt", nil, 0, ""},
		{"nothing but up", base + "/..", "", nil, 0, ""},
		{"a redirect", "moved.wav", "@/calls/moved.wav", nil, 0, ""},
		{"unknown", "none.wav", "@/calls/none.wav", nil, 0, ""},
		{"no URI", "", "", nil, 0, ""},
		{"a line break", "1.wav%0d%0aX: y", "", nil, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked = nil
			w, err := serve(t, open(t, base), tt.uri, tt.headers...)
			if strings.Join(asked, " ") != tt.asked {
				t.Errorf("asked for %q, want %q", asked, tt.asked)
			}
			if (err == nil) != (tt.status > 0) || err == nil && (w.Code != tt.status || tt.status != 416 && w.Body.String() != tt.body) {
				t.Errorf("status %d, %q, %v", w.Code, w.Body, err)
			}
			if kind := w.Header().Get("Content-Type"); strings.Contains(kind, "html") || w.Header().Get("Set-Cookie") != "" {
				t.Errorf("the type %s, %v", kind, w.Header())
			}
		})
	}
	t.Run("a user and a query in the base", func(t *testing.T) {
		asked = nil
		s := open(t, strings.Replace(base, "http://", "http://me:secret@", 1)+"/?sig=1")
		if _, err := serve(t, s, "1.wav"); err != nil || strings.Join(asked, " ") != "me@/calls/1.wav?sig=1" {
			t.Errorf("asked for %q, %v", asked, err)
		}
	})
	t.Run("no server", func(t *testing.T) {
		other.Close()
		_, err := serve(t, open(t, strings.Replace(other.URL, "http://", "http://me:secret@", 1)), "1.wav")
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v", err)
		}
	})
}
