// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package view_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/api"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/index"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/store"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/testing/viewer"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/view"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/semconv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a viewer on free ports, and returns its addresses.
func start(t *testing.T, cfg *view.Config) view.Addresses {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ready, done := make(chan view.Addresses, 1), make(chan error, 1)
	cfg.Ready = func(a view.Addresses) { ready <- a }
	if cfg.Slow == 0 {
		cfg.Slow = 2 * time.Second
	}
	go func() { done <- view.Run(ctx, cfg, io.Discard) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	select {
	case a := <-ready:
		return a
	case err := <-done:
		done <- nil
		t.Fatal(err)
		return view.Addresses{}
	}
}

// Of files with more calls than the limits, the output says what is not shown.
func TestFilesBeyondTheLimits(t *testing.T) {
	output, log := io.Pipe()
	cfg := &view.Config{
		Address: "127.0.0.1:0", Limits: store.Limits{Sessions: 20},
		Read: func(ctx context.Context, add func(context.Context, *signal.Batch) error) error {
			for i := range 100 {
				id := signal.Attribute{Key: string(semconv.SessionIDKey), Value: fmt.Sprintf("sess_%d", i)}
				if err := add(ctx, &signal.Batch{Records: []*signal.Record{{Attributes: signal.Attributes{id}}}}); err != nil {
					return err
				}
			}
			return nil
		},
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- view.Run(ctx, cfg, log) }()
	line, err := bufio.NewReader(output).ReadString('\n')
	if want := regexp.MustCompile(`^\d\d not shown: there are more calls than the limit\n$`); err != nil || !want.MatchString(line) {
		t.Errorf("the output is %q, %v, want %s", line, err, want)
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// anywhere is a configuration on free ports.
func anywhere() *view.Config {
	return &view.Config{Address: "127.0.0.1:0", OTLPHTTP: "127.0.0.1:0", OTLPGRPC: "127.0.0.1:0"}
}

// get asks for JSON.
func get(t *testing.T, address, path string, into any) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(body, into); err != nil {
			t.Fatalf("%s: %v: %s", path, err, body)
		}
	}
	return res.StatusCode
}

// agent returns the telemetry of an agent that sends to an address.
func agent(t *testing.T, endpoint, protocol string) *voicesdk.SDK {
	t.Helper()
	sdk, err := voicesdk.Setup(t.Context(), voicesdk.WithServiceName("agent"), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole(),
		voicesdk.WithLookupEnv(func(name string) (string, bool) {
			value, ok := map[string]string{
				"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL": protocol, "OTEL_BSP_SCHEDULE_DELAY": "50",
			}[name]
			return value, ok
		}))
	if err != nil {
		t.Fatal(err)
	}
	return sdk
}

// talk makes a call of some turns, and returns the ID of its session.
func talk(ctx context.Context, tel *otelvoice.Telemetry, turns int) string {
	ctx, session := tel.StartSession(ctx, otelvoice.WithAgent("concierge", "1.4.0"))
	defer session.End()
	session.SetOutcome("booked")
	for range turns {
		at := time.Now().Add(-2 * time.Second)
		turnCtx, turn := session.StartTurn(ctx, otelvoice.WithStartTime(at))
		turn.MarkAt(otelvoice.UserStarted, at)
		turn.MarkAt(otelvoice.UserStopped, at.Add(time.Second))
		_, llm := turn.StartLLM(turnCtx, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"})
		llm.SetUsage(otelvoice.Usage{InputTokens: 100, OutputTokens: 10})
		llm.End(nil)
		turn.MarkAt(otelvoice.AgentStarted, at.Add(1700*time.Millisecond))
		turn.MarkAt(otelvoice.AgentStopped, at.Add(1900*time.Millisecond))
		turn.End()
	}
	return session.ID()
}

// What an agent sends, in the forms of OTLP that the SDK of Go has, is shown. JSON is in TestRequests.
func TestCallsAreShown(t *testing.T) {
	for _, protocol := range []string{"http/protobuf", "grpc"} {
		t.Run(protocol, func(t *testing.T) {
			cfg := anywhere()
			cfg.Slow = 600 * time.Millisecond
			a := start(t, cfg)
			endpoint := "http://" + a.OTLPHTTP
			if protocol == "grpc" {
				endpoint = "http://" + a.OTLPGRPC
			}
			sdk := agent(t, endpoint, protocol)
			id := talk(t.Context(), sdk.Telemetry, 3)
			if err := sdk.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			var list api.List
			var row index.Row
			viewer.Eventually(t, a.Pages, "the call is listed as ended", func() bool {
				get(t, a.Pages, "/api/calls?outcome=booked", &list)
				return len(list.Calls) == 1 && json.Unmarshal(list.Calls[0], &row) == nil && !row.IsOpen && row.Turns == 3
			})
			if row.ID != id || row.Agent != "concierge" || row.Version != "1.4.0" || len(row.Latencies) != 3 || row.Latencies[0] != 0.7 || row.SlowTurns != 3 {
				t.Errorf("%+v", row)
			}
			var shown struct {
				Document struct {
					IDs   struct{ Session string }
					Turns []struct {
						ResponseLatency float64 `json:"response_latency"`
						IsSlow          bool    `json:"is_slow"`
						Stages          []struct{ Kind, Model string }
					}
				}
			}
			if code := get(t, a.Pages, "/api/calls/"+id, &shown); code != http.StatusOK || shown.Document.IDs.Session != id ||
				len(shown.Document.Turns) != 3 || shown.Document.Turns[1].ResponseLatency != 0.7 || !shown.Document.Turns[1].IsSlow || shown.Document.Turns[1].Stages[0].Model != "gpt-4o-mini" {
				t.Errorf("status %d, %+v", code, shown)
			}
			get(t, a.Pages, "/api/calls?id="+row.Traces[0], &list)
			if len(list.Calls) != 1 {
				t.Errorf("by its trace: %d calls", len(list.Calls))
			}
			var latency api.Latency
			get(t, a.Pages, "/api/latency?by=model", &latency)
			if len(latency.Groups) != 1 || latency.Groups[0].Name != "gpt-4o-mini" || latency.Groups[0].P95 != 0.7 || len(latency.Points) != 3 || latency.Points[0].Call != id {
				t.Errorf("%+v", latency)
			}
			viewer.Eventually(t, a.Pages, "all that was received is stored", func() bool {
				var health api.Health
				get(t, a.Pages, "/api/health", &health)
				return health.Received != nil && health.Received.Spans == 7 && health.Received.Records > 0 && health.Stored.Spans == 7
			})
		})
	}
}

// A call is shown while it goes on, and a stream of events says when it changes.
func TestLive(t *testing.T) {
	a := start(t, anywhere())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+a.Pages+"/api/events", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	sdk := agent(t, "http://"+a.OTLPHTTP, "http/protobuf")
	defer func() { _ = sdk.Shutdown(t.Context()) }()
	callCtx, session := sdk.StartSession(t.Context())
	_, turn := session.StartTurn(callCtx)
	turn.End()
	if err := sdk.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
	var seen []byte
	buffer := make([]byte, 1024)
	for !bytes.Contains(seen, []byte(session.ID())) {
		n, err := res.Body.Read(buffer)
		if err != nil {
			t.Fatalf("%v after %s", err, seen)
		}
		seen = append(seen, buffer[:n]...)
	}
	if !bytes.Contains(seen, []byte("event: calls\ndata: {\"ids\":[")) {
		t.Errorf("the events are %s", seen)
	}
	var list api.List
	get(t, a.Pages, "/api/calls", &list)
	if len(list.Calls) != 1 || !bytes.Contains(list.Calls[0], []byte(`"is_open":true`)) {
		t.Errorf("%s", list.Calls)
	}
	session.End()
}

// Requests of strangers get an answer that says what is wrong, and are counted.
func TestRequests(t *testing.T) {
	a := start(t, anywhere())
	for _, tt := range []struct {
		name, path, kind, encoding, body string
		want                             int
	}{
		{"JSON", "/v1/traces", "application/json", "", `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","name":"x"}]}]}]}`, 200},
		{"metrics", "/v1/metrics", "application/json; charset=utf-8", "", `{"resourceMetrics":[]}`, 200},
		{"nothing", "/v1/logs", "application/x-protobuf", "", "", 200},
		{"another path", "/v1/profiles", "application/json", "", "{}", 404},
		{"another type", "/v1/traces", "text/plain", "", "{}", 415},
		{"another encoding", "/v1/traces", "application/json", "br", "{}", 415},
		{"wrong gzip", "/v1/traces", "application/json", "gzip", "{}", 400},
		{"wrong zstd", "/v1/traces", "application/json", "zstd", "{}", 400},
		{"wrong JSON", "/v1/traces", "application/json", "", `{"resourceSpans":[{"scopeSpans":7}]}`, 400},
		{"wrong protobuf", "/v1/logs", "application/x-protobuf", "", "\xff\xff\xff garbage", 400},
		{"too long", "/v1/logs", "application/json", "", `{"x":"` + strings.Repeat("x", 21<<20) + `"}`, 413},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+a.OTLPHTTP+tt.path, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", tt.kind)
			if tt.encoding != "" {
				req.Header.Set("Content-Encoding", tt.encoding)
			}
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			res, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if res.StatusCode != tt.want {
				t.Errorf("status %d, want %d", res.StatusCode, tt.want)
			}
		})
	}
	var health api.Health
	get(t, a.Pages, "/api/health", &health)
	if health.Received.Malformed != 7 || health.Received.Requests != 3 {
		t.Errorf("%+v", health.Received)
	}
}

// Garbage on the ports ends nothing.
func TestGarbage(t *testing.T) {
	a := start(t, anywhere())
	for _, address := range []string{a.Pages, a.OTLPHTTP, a.OTLPGRPC} {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = conn.Write(bytes.Repeat([]byte("\x00\xffgarbage\r\n"), 1000))
		_ = conn.Close()
	}
	if code := get(t, a.Pages, "/api/health", nil); code != http.StatusOK {
		t.Errorf("status %d", code)
	}
}

func TestBadQuestions(t *testing.T) {
	a := start(t, anywhere())
	for path, want := range map[string]int{
		"/api/calls/sess_none":                      404,
		"/api/calls/sess_none/export":               404,
		"/api/calls/sess_none/recording":            404,
		"/api/calls/..%2f..%2fetc":                  404,
		"/api/nothing":                              404,
		"/api/calls?since=yesterday":                400,
		"/api/calls?limit=-1":                       400,
		"/api/latency?by=mood":                      400,
		"/api/latency?segment=x":                    400,
		"/api/compare?base=%25zz":                   400,
		"/api/compare?base=%zz":                     400,
		"/api/calls?agent=%zz":                      400,
		"/api/calls?agent=a;version=1":              400,
		"/api/latency?by=%":                         400,
		"/api/compare?base=version=1&new=version=2": 200,
		"/api/calls?text=%27+OR+1%3D1+--":           200,
	} {
		var answer map[string]any
		if code := get(t, a.Pages, path, &answer); code != want || code != 200 && answer["error"] == "" {
			t.Errorf("%s: status %d, want %d, %v", path, code, want, answer)
		}
	}
}

func TestWhoMaySeeTheCalls(t *testing.T) {
	ask := func(t *testing.T, address, host, path, authorization string) (int, *http.Response) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if host != "" {
			req.Host = host
		}
		if authorization != "" {
			req.Header.Set("Authorization", authorization)
		}
		client := &http.Client{
			Transport:     &http.Transport{DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode, res
	}
	t.Run("without a token", func(t *testing.T) {
		a := start(t, anywhere())
		for host, want := range map[string]int{"": 200, "localhost:8686": 200, "LOCALHOST": 200, "[::1]:8686": 200, "evil.example": 421, "localhost.evil.example:8686": 421} {
			if code, _ := ask(t, a.Pages, host, "/api/health", ""); code != want {
				t.Errorf("%q: status %d, want %d", host, code, want)
			}
		}
	})
	t.Run("with a token", func(t *testing.T) {
		cfg := anywhere()
		cfg.Token = "s3cret"
		a := start(t, cfg)
		for _, tt := range []struct {
			path, authorization string
			want                int
		}{
			{"/api/health", "", 401},
			{"/api/health", "Bearer wrong", 401},
			{"/api/health", "Bearer s3cret", 200},
			{"/api/health?token=wrong", "", 401},
			{"/?token=s3cret", "", 303},
		} {
			if code, _ := ask(t, a.Pages, "", tt.path, tt.authorization); code != tt.want {
				t.Errorf("%s %s: status %d, want %d", tt.path, tt.authorization, code, tt.want)
			}
		}
		sdk := agent(t, "http://"+a.OTLPHTTP, "http/protobuf")
		talk(t.Context(), sdk.Telemetry, 1)
		if err := sdk.Shutdown(t.Context()); err == nil {
			t.Error("telemetry without the token is taken")
		}
	})
	t.Run("the token leads to the pages only", func(t *testing.T) {
		cfg := anywhere()
		cfg.Token = "s3cret"
		a := start(t, cfg)
		for _, path := range []string{"//evil.example/?token=s3cret", "/\\\\evil.example?token=s3cret"} {
			if _, res := ask(t, a.Pages, "", path, ""); res.StatusCode == http.StatusSeeOther && res.Header.Get("Location") != "/" {
				t.Errorf("%s leads to %s", path, res.Header.Get("Location"))
			}
		}
	})
	t.Run("from other machines", func(t *testing.T) {
		err := view.Run(t.Context(), &view.Config{Address: "0.0.0.0:0"}, io.Discard)
		if err == nil || !strings.Contains(err.Error(), "-token") {
			t.Errorf("got %v", err)
		}
	})
}

func TestPortInUse(t *testing.T) {
	a := start(t, anywhere())
	cfg := anywhere()
	cfg.Address = a.Pages
	err := view.Run(t.Context(), cfg, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "in use") || !strings.Contains(err.Error(), "-port") {
		t.Errorf("got %v", err)
	}
}

// Two viewers do not share a database.
func TestDatabaseInUse(t *testing.T) {
	cfg := anywhere()
	cfg.Database = t.TempDir() + "/calls.db"
	start(t, cfg)
	other := anywhere()
	other.Database = cfg.Database
	if err := view.Run(t.Context(), other, io.Discard); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("got %v", err)
	}
}

// A call of an agent that sends to a viewer which ends and starts again on its database is whole.
func TestDatabaseIsKept(t *testing.T) {
	path := t.TempDir() + "/calls.db"
	run := func(t *testing.T, f func(a view.Addresses)) {
		t.Helper()
		t.Run("run", func(t *testing.T) {
			cfg := anywhere()
			cfg.Database = path
			f(start(t, cfg))
		})
	}
	var id string
	run(t, func(a view.Addresses) {
		sdk := agent(t, "http://"+a.OTLPHTTP, "http/protobuf")
		id = talk(t.Context(), sdk.Telemetry, 2)
		if err := errors.Join(sdk.ForceFlush(t.Context()), sdk.Shutdown(t.Context())); err != nil {
			t.Error(err)
		}
	})
	run(t, func(a view.Addresses) {
		var list api.List
		viewer.Eventually(t, a.Pages, "the call is listed", func() bool {
			get(t, a.Pages, "/api/calls?id="+id, &list)
			return len(list.Calls) == 1 && strings.Contains(string(list.Calls[0]), `"turns":2`)
		})
	})
}
