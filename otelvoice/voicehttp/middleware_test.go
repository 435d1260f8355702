// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.opentelemetry.io/otel/codes"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

var update = flag.Bool("update", false, "write the golden files")

// volatile matches the fields of a line that differ between runs.
var volatile = regexp.MustCompile(`"(timestamp|trace_id|span_id|request_id|correlation_id|file_path)":"[^"]*"|"(line_number|process_id|thread_id|duration_ms)":[0-9.]+`)

// The golden file protects the two lines of a request: their fields, the order of the fields, and
// the absence of queries and headers.
func TestRequestLines(t *testing.T) {
	var out bytes.Buffer
	tel, _ := voicetest.Setup(t, voicesdk.WithLogWriter(&out))
	mux := http.NewServeMux()
	mux.HandleFunc("POST /call/{id}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, "hello")
	})
	mux.HandleFunc("GET /broken", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	s := httptest.NewServer(voicehttp.Middleware(tel.Telemetry, voicehttp.WithLoggedHeaders("user-agent", "X-Absent"))(mux))
	defer s.Close()
	for _, ask := range []struct{ method, path string }{{http.MethodPost, "/call/17?token=secret"}, {http.MethodGet, "/broken"}, {http.MethodGet, "/nowhere"}} {
		req, err := http.NewRequestWithContext(t.Context(), ask.method, s.URL+ask.path, strings.NewReader("audio"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("User-Agent", "test/1")
		req.Header.Set("Authorization", "Bearer secret")
		res, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	s.Close()
	if strings.Contains(out.String(), "secret") {
		t.Errorf("a secret is logged:\n%s", out.String())
	}
	got := volatile.ReplaceAllStringFunc(out.String(), func(field string) string { return field[:strings.IndexByte(field, ':')] + `:"…"` })
	golden := filepath.Join("testdata", "request_lines.golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("lines\ngot\n%s\nwant\n%s", got, want)
	}
}

func TestSpanIsNamedByItsRoute(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /call/{id}", echo)
	s, rec := serve(t, mux)
	get(t, s, "/call/17", nil)
	get(t, s, "/nowhere", nil)
	s.Close()
	if got := rec.Shape(); got != "GET /call/{id} SERVER\nGET SERVER\n" {
		t.Errorf("spans\n%s", got)
	}
	if got := value(rec.Spans()[0], semconv.HTTPRouteKey); got != "/call/{id}" {
		t.Errorf("http.route %q", got)
	}
}

func TestExcludedPaths(t *testing.T) {
	s, rec := serve(t, http.HandlerFunc(echo), voicehttp.WithExcludedPaths("/healthz", "/debug/"), nil)
	for path, want := range map[string]int{"/healthz": 0, "/debug/pprof": 0, "/debug": 1, "/healthz2": 1, "/call": 1} {
		before := len(rec.Spans())
		res, _ := get(t, s, path, nil)
		if got := len(rec.Spans()) - before; got != want {
			t.Errorf("%s: %d spans, want %d", path, got, want)
		}
		if answered := res.Header.Get("X-Correlation-ID") != ""; answered != (want == 1) {
			t.Errorf("%s: answered with a correlation ID: %v", path, answered)
		}
	}
}

func TestPanicIsLoggedAndGoesOn(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	s := httptest.NewUnstartedServer(voicehttp.Middleware(tel.Telemetry, voicehttp.WithoutRequestLogs())(http.HandlerFunc(
		func(_ http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/abort" {
				panic(http.ErrAbortHandler)
			}
			panic(errors.New("boom"))
		})))
	var served bytes.Buffer
	s.Config.ErrorLog = log.New(&served, "", 0)
	s.Start()
	defer s.Close()
	for _, path := range []string{"/abort", "/boom"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if res, err := s.Client().Do(req); err == nil {
			_ = res.Body.Close()
			t.Errorf("%s: answered %s; the panic was swallowed", path, res.Status)
		}
	}
	s.Close()
	if !strings.Contains(served.String(), "boom") {
		t.Errorf("net/http did not see the panic: %s", served.String())
	}
	lines, err := rec.Lines()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 1 {
		t.Fatalf("%d lines, want one for the panic and none for the abort: %v", len(lines), lines)
	}
	e, _ := lines[0]["exception"].(map[string]any)
	stack, _ := e["stacktrace"].(string)
	if lines[0]["level"] != "ERROR" || e["message"] != "panic: boom" || !strings.Contains(stack, "TestPanicIsLoggedAndGoesOn") {
		t.Errorf("the line is %v", lines[0])
	}
	for _, span := range rec.Spans() {
		if path := value(span, semconv.URLPathKey); path == "/boom" && (span.Status().Code != codes.Error || value(span, semconv.ErrorTypeKey) != "panic") {
			t.Errorf("the span has status %v and %v", span.Status(), span.Attributes())
		}
	}
}

func TestWebSocketUpgrade(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	talk := voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.CloseNow() }()
		kind, audio, err := conn.Read(r.Context())
		if err != nil {
			t.Error(err)
			return
		}
		if err := conn.Write(r.Context(), kind, append(audio, otelvoice.CorrelationID(r.Context())...)); err != nil {
			t.Error(err)
		}
		_ = conn.Close(websocket.StatusNormalClosure, "")
	}))
	// The server does not wait for hijacked connections.
	ended := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		talk.ServeHTTP(w, r)
	}))
	defer s.Close()
	conn, res, err := websocket.Dial(t.Context(), s.URL, &websocket.DialOptions{
		HTTPClient: s.Client(), HTTPHeader: http.Header{"X-Correlation-Id": {callerUUID}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	if got := res.Header.Get("X-Correlation-ID"); got != callerUUID {
		t.Errorf("the handshake is answered with %q", got)
	}
	if err := conn.Write(t.Context(), websocket.MessageBinary, []byte("audio ")); err != nil {
		t.Fatal(err)
	}
	if _, got, err := conn.Read(t.Context()); err != nil || string(got) != "audio "+callerUUID {
		t.Errorf("got %q, %v", got, err)
	}
	_, _, _ = conn.Read(t.Context()) // Reads the close frame.
	<-ended
	lines, err := rec.Lines()
	if err != nil {
		t.Fatal(err)
	}
	last := lines[len(lines)-1]
	extra, _ := last["extra_data"].(map[string]any)
	if last["message"] != "request answered" || extra["http.response.status_code"] != 101. {
		t.Errorf("the last line is %v", last)
	}
}

// Audio must be sent as soon as it is produced.
func TestFlush(t *testing.T) {
	more := make(chan struct{})
	s, _ := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "one")
		w.(http.Flusher).Flush() // The assertion is part of the test.
		<-more
		_, _ = io.WriteString(w, "two")
	}))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	first := make([]byte, 3)
	if _, err := io.ReadFull(res.Body, first); err != nil || string(first) != "one" {
		t.Errorf("got %q, %v", first, err)
	}
	close(more)
	if rest, err := io.ReadAll(res.Body); err != nil || string(rest) != "two" {
		t.Errorf("got %q, %v", rest, err)
	}
}

func TestResponseController(t *testing.T) {
	s, _ := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c := http.NewResponseController(w)
		_, _ = fmt.Fprint(w, errors.Join(c.EnableFullDuplex(), c.SetWriteDeadline(time.Now().Add(time.Minute)), c.Flush()))
	}))
	if _, body := get(t, s, "/", nil); body != "%!v(<nil>)" && body != "<nil>" {
		t.Errorf("got %q", body)
	}
}

func TestMiddlewareOfNothing(t *testing.T) {
	w := httptest.NewRecorder()
	voicehttp.Middleware(nil)(http.HandlerFunc(echo)).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	if w.Code != http.StatusOK || w.Header().Get("X-Correlation-ID") != "" {
		t.Errorf("got %d with %v", w.Code, w.Header())
	}
}
