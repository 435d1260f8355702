// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// program is a program with telemetry, and its outputs.
type program struct {
	testing.TB

	tel    *voicesdk.SDK
	stdout *os.File
	// outputs returns the content of each output. It is called after the shutdown.
	outputs func() map[string][]byte
}

// setup is locked while the standard output is redirected.
var setup sync.Mutex

// variables returns the option of an environment, of names and values.
func variables(pairs ...string) voicesdk.Option {
	env := make(map[string]string)
	for i := 0; i < len(pairs); i += 2 {
		env[pairs[i]] = pairs[i+1]
	}
	return voicesdk.WithLookupEnv(func(name string) (string, bool) { v, ok := env[name]; return v, ok })
}

// newProgram sets telemetry up with options that all programs have.
func newProgram(tb testing.TB, own []voicesdk.Option, vars ...string) *program {
	tb.Helper()
	vars = append(vars, "OTEL_EXPORTER_OTLP_COMPRESSION", "none", "LOG_LEVEL", "debug", "LOG_INCLUDE_TRACEBACK", "true",
		"OTEL_BSP_MAX_QUEUE_SIZE", "20000", "OTEL_BLRP_MAX_QUEUE_SIZE", "20000")
	stdout, err := os.Create(filepath.Join(tb.TempDir(), "stdout"))
	if err != nil {
		tb.Fatal(err)
	}
	setup.Lock()
	defer setup.Unlock()
	// The console's exporters take the standard output that they find.
	defer func(old *os.File) { os.Stdout = old }(os.Stdout)
	os.Stdout = stdout
	tel, err := voicesdk.Setup(tb.Context(), append(own, voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(),
		voicesdk.WithInstrumentation(otelvoice.WithContentCapture()), voicesdk.WithShutdownTimeout(20*time.Second), variables(vars...))...)
	if err != nil {
		tb.Fatal(err)
	}
	return &program{TB: tb, tel: tel, stdout: stdout}
}

// programs are those that each place is tried with. Together they have every output.
var programs = map[string]func(testing.TB, []voicesdk.Option) *program{
	"live": newLive, "spooling": newSpooling, "refused": newRefused,
}

// newLive returns a program whose collector accepts everything. It also writes log lines, metrics pages and
// timelines.
func newLive(tb testing.TB, own []voicesdk.Option) *program {
	tb.Helper()
	collector := &collector{bodies: map[string]*bytes.Buffer{}}
	server := httptest.NewServer(collector)
	syslog := newSyslog(tb)
	file := filepath.Join(tb.TempDir(), "agent.log")
	var lines locked
	rec := voicetest.NewRecorder()
	own = append(append(rec.Options(), voicesdk.WithLogWriter(&lines)), own...)
	p := newProgram(tb, own, "OTEL_EXPORTER_OTLP_ENDPOINT", server.URL,
		"OTEL_TRACES_EXPORTER", "otlp,console", "OTEL_LOGS_EXPORTER", "otlp,console", "OTEL_METRICS_EXPORTER", "otlp,console,prometheus",
		"LOG_OUTPUT", "both,syslog", "LOG_FILE", file, "LOG_FILE_FORMAT", "text", "LOG_TEXT_DETAILS", "true", "LOG_SYSLOG_ADDRESS", "tcp://"+syslog.address, "LOG_SYSLOG_FORMAT", "json")
	p.outputs = func() map[string][]byte {
		server.Close()
		text, err := os.ReadFile(file)
		if err != nil {
			p.Error(err)
		}
		all := map[string][]byte{
			"JSON lines": lines.bytes(), "text file": text, "syslog": syslog.received(),
			"timeline": []byte(rec.Timeline()),
		}
		for path, body := range collector.bodies {
			all["OTLP "+path] = body.Bytes()
		}
		return all
	}
	return p
}

// newSpooling returns a program whose collector is not reachable.
func newSpooling(tb testing.TB, own []voicesdk.Option) *program {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "spool")
	p := newProgram(tb, append(own, voicesdk.WithLogWriter(io.Discard), voicesdk.WithSpool(dir)), "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	p.outputs = func() map[string][]byte { return map[string][]byte{"spool": p.files(dir)} }
	return p
}

// newRefused returns a program whose collector rejects everything.
func newRefused(tb testing.TB, own []voicesdk.Option) *program {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "spool")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusBadRequest) }))
	p := newProgram(tb, append(own, voicesdk.WithLogWriter(io.Discard), voicesdk.WithSpool(dir)), "OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	p.outputs = func() map[string][]byte {
		server.Close()
		var all []byte
		for line := range bytes.Lines(p.files(dir)) {
			var letter struct{ Request []byte }
			if json.Unmarshal(line, &letter) == nil {
				all = append(append(all, letter.Request...), '\n')
			}
		}
		return map[string][]byte{"dead letters": all}
	}
	return p
}

// files returns the content of all files in a directory.
func (p *program) files(dir string) (all []byte) {
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		p.Error(err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			p.Error(err)
		}
		all = append(all, b...)
	}
	return all
}

// scraped returns the metrics page.
func (p *program) scraped() []byte {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
	r.Header.Set("Accept", "application/openmetrics-text; version=1.0.0")
	p.tel.MetricsHandler().ServeHTTP(w, r)
	return w.Body.Bytes()
}

// end shuts the program down and returns all outputs.
func (p *program) end() map[string][]byte {
	p.logger().InfoContext(p.Context(), "the end") // Syslog has a line at least.
	page := p.scraped()
	// With a collector that rejects, Shutdown returns an error. The test searches the rejected requests.
	if err := p.tel.Shutdown(context.Background()); err != nil && !strings.Contains(err.Error(), "refused") {
		p.Logf("shutdown: %v", err)
	}
	all := p.outputs()
	console, err := os.ReadFile(p.stdout.Name())
	if err = errors.Join(err, p.stdout.Close()); err != nil {
		p.Error(err)
	}
	all["console"] = console
	if len(page) > 0 {
		all["/metrics"] = page
	}
	return all
}

// collector accepts all requests and keeps their bodies.
type collector struct {
	mu     sync.Mutex
	bodies map[string]*bytes.Buffer
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	signal := strings.TrimPrefix(r.URL.Path, "/v1/")
	if c.bodies[signal] == nil {
		c.bodies[signal] = &bytes.Buffer{}
	}
	c.bodies[signal].Write(body)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// locked is a buffer for concurrent use.
type locked struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *locked) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.buf.Bytes())
}

// syslogServer is a server on loopback that keeps the bytes that it receives.
type syslogServer struct {
	address  string
	listener net.Listener
	done     chan []byte
}

func newSyslog(tb testing.TB) *syslogServer {
	tb.Helper()
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := &syslogServer{address: listener.Addr().String(), listener: listener, done: make(chan []byte, 1)}
	go func() {
		c, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			s.done <- nil
			return
		}
		all, _ := io.ReadAll(c) // What came until the connection ended is what counts.
		_ = c.Close()
		s.done <- all
	}()
	return s
}

// received returns the bytes up to the end of the connection.
func (s *syslogServer) received() []byte {
	defer s.listener.Close()
	return <-s.done
}

// base64Of returns a word as JSON prints a list of bytes.
func base64Of(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
