// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// lastLine returns the status and size of the response in the last line.
func lastLine(t *testing.T, rec *voicetest.Recorder) (status, size any) {
	t.Helper()
	lines, err := rec.Lines()
	if err != nil || len(lines) == 0 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	extra, _ := lines[len(lines)-1]["extra_data"].(map[string]any)
	return extra["http.response.status_code"], extra["http.response.body.size"]
}

// The line has the status that the client saw and the bytes that were written by any method.
func TestLineOfTheResponse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "audio.wav")
	if err := os.WriteFile(file, bytes.Repeat([]byte("RIFF"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name         string
		handler      http.HandlerFunc
		status, size float64
	}{
		{"nothing", func(http.ResponseWriter, *http.Request) {}, 200, 0},
		{"a status", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }, 418, 0},
		{"the first of two", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusCreated)
			w.WriteHeader(http.StatusBadGateway)
		}, 201, 0},
		{"a status after bytes", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("{"))
			w.WriteHeader(http.StatusInternalServerError)
		}, 200, 1},
		{"a status after a string", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			http.Error(w, "no", http.StatusInternalServerError)
		}, 200, 7},
		{"a status after a reader", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, strings.NewReader("hello"))
			w.WriteHeader(http.StatusBadGateway)
		}, 200, 5},
		{"a status after a reader of nothing", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, strings.NewReader(""))
			w.WriteHeader(http.StatusBadGateway)
		}, 502, 0},
		{"a status after a flush", func(w http.ResponseWriter, _ *http.Request) {
			_ = http.NewResponseController(w).Flush()
			w.WriteHeader(http.StatusInternalServerError)
		}, 200, 0},
		{"bytes", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }, 200, 5},
		{"a string", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }, 200, 5},
		{"both, flushed", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "hello ")
			w.(http.Flusher).Flush() // The assertion is part of the test.
			_, _ = w.Write([]byte("world"))
		}, 200, 11},
		{"a reader", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, strings.NewReader("hello")) }, 200, 5},
		{"a file", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) }, 200, 4000},
		{"an announcement before", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", "</a.js>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, "ok")
		}, 202, 2},
		{"an announcement alone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProcessing) }, 200, 0},
		{"an error", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusInternalServerError) }, 500, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for name, opts := range map[string][]voicehttp.MiddlewareOption{"with lines": nil, "with bodies": {voicehttp.WithLoggedBodies(10)}} {
				tel, rec := voicetest.Setup(t)
				for protocol, s := range protocols(t, voicehttp.Middleware(tel.Telemetry, opts...)(tt.handler)) {
					res, body := get(t, s.Server, "/", nil)
					s.Close() // Waits until the handler has logged its line.
					if res.StatusCode != int(tt.status) || len(body) != int(tt.size) {
						t.Fatalf("%s, %s: answered %d with %d bytes", protocol, name, res.StatusCode, len(body))
					}
					if status, size := lastLine(t, rec); status != tt.status || size != tt.size {
						t.Errorf("%s, %s: the line says %v and %v bytes, want %v and %v", protocol, name, status, size, tt.status, tt.size)
					}
				}
			}
		})
	}
}

// Informational responses pass through unchanged.
func TestEarlyHints(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	for protocol, s := range protocols(t, voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</a.js>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusNoContent)
	}))) {
		var hints []int
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
				hints = append(hints, code)
				return nil
			},
		})
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if len(hints) != 1 || hints[0] != http.StatusEarlyHints || res.StatusCode != http.StatusNoContent {
			t.Errorf("%s: %d after %v", protocol, res.StatusCode, hints)
		}
	}
}

// files is an HTTP/1 response that records which reader it reads from.
type files struct {
	plain
	both
	http.Hijacker

	from []io.Reader
}

func (f *files) ReadFrom(src io.Reader) (int64, error) {
	f.from = append(f.from, src)
	return io.Copy(io.Discard, src)
}

// net/http sends a file without copying it into the process if it receives the *os.File itself.
func TestFilesAreFiles(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "audio.wav"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for name, opts := range map[string][]voicehttp.MiddlewareOption{"with lines": nil, "without": {voicehttp.WithoutRequestLogs()}} {
		tel, _ := voicetest.Setup(t)
		w := &files{plain: plain{header: http.Header{}}}
		voicehttp.Middleware(tel.Telemetry, opts...)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.(io.ReaderFrom).ReadFrom(file) // The assertion is part of the test.
		})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
		if len(w.from) != 1 || w.from[0] != io.Reader(file) {
			t.Errorf("%s: read from %T", name, w.from)
		}
	}
}

func TestHijack(t *testing.T) {
	for name, opts := range map[string][]voicehttp.MiddlewareOption{"with lines": nil, "without": {voicehttp.WithoutRequestLogs()}} {
		t.Run(name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			ended := make(chan struct{})
			handler := voicehttp.Middleware(tel.Telemetry, opts...)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				conn, rw, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer func() { _ = conn.Close() }()
				_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello")
				_ = rw.Flush()
			}))
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer close(ended)
				handler.ServeHTTP(w, r)
			}))
			defer s.Close()
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			r := bufio.NewReader(conn)
			res, err := http.ReadResponse(r, nil)
			if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
				t.Fatalf("answered %v, %v", res, err)
			}
			if rest, err := io.ReadAll(r); err != nil || string(rest) != "hello" {
				t.Errorf("got %q, %v", rest, err)
			}
			<-ended
			if len(opts) > 0 {
				return
			}
			if status, _ := lastLine(t, rec); status != 101. {
				t.Errorf("the line says %v", status)
			}
		})
	}
}

// A handler that aborts a response does not count as a panic, and its line says so.
func TestAbort(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	s := httptest.NewServer(voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})))
	defer s.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(res.Body); err == nil || string(body) != "half" {
		t.Errorf("got %q, %v, want half a response", body, err)
	}
	_ = res.Body.Close()
	s.Close()
	lines, err := rec.Lines()
	if err != nil || len(lines) != 2 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	last := lines[1]
	extra, _ := last["extra_data"].(map[string]any)
	if last["level"] != "WARN" || last["message"] != "request aborted by its handler" || last["phase"] != "request_end" || extra["http.request.method"] != "GET" {
		t.Errorf("the line is %v", last)
	}
}

// Log lines contain unknown methods, too.
func TestUnknownMethod(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(echo)).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("HANGUP", "/call", http.NoBody))
	lines, err := rec.Lines()
	if err != nil || len(lines) != 2 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for i, phase := range []string{"request_start", "request_end"} {
		extra, _ := lines[i]["extra_data"].(map[string]any)
		if extra["http.request.method"] != "_OTHER" || extra["http.request.method_original"] != "HANGUP" || extra["url.path"] != "/call" || lines[i]["phase"] != phase {
			t.Errorf("the line is %v", lines[i])
		}
	}
}

// Below INFO only the errors of a handler are logged.
func TestLinesBelowTheLevel(t *testing.T) {
	tel, rec := voicetest.Setup(t, voicesdk.WithLogLevel(slog.LevelWarn))
	handler := voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/broken" {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	for _, path := range []string{"/", "/broken"} {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, http.NoBody))
	}
	lines, err := rec.Lines()
	if err != nil || len(lines) != 1 || lines[0]["level"] != "ERROR" {
		t.Errorf("%v, %v, want one line of the error", lines, err)
	}
}
