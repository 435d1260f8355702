// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package collector_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// output collects the output of a service.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// line has the fields of a log line that the test reads.
type line struct{ Level, Message, Module string }

func (o *output) lines(t *testing.T) (lines []line) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	for text := range bytes.Lines(o.text.Bytes()) {
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		lines = append(lines, l)
	}
	return lines
}

// complaints returns the log lines about telemetry itself.
func (o *output) complaints(t *testing.T) (complaints []string) {
	t.Helper()
	for _, l := range o.lines(t) {
		if l.Module == "otelvoice.telemetry" {
			complaints = append(complaints, l.Message)
		}
	}
	return complaints
}

// calls is the number of calls that a service makes. Each has a batch of its own, so one log line for
// each batch would be noticed.
const calls = 20

// service makes calls and returns their output. It waits for the first complaint if one is expected.
func service(t *testing.T, env map[string]string, complains bool) *output {
	t.Helper()
	printed := &output{}
	all := map[string]string{
		"OTEL_BSP_SCHEDULE_DELAY": "1", "OTEL_BLRP_SCHEDULE_DELAY": "1", "OTEL_EXPORTER_OTLP_TIMEOUT": "500",
		"OTEL_METRICS_EXPORTER": "none",
	}
	maps.Copy(all, env)
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithServiceName("voiceagent"), voicesdk.WithLogWriter(printed), voicesdk.WithShutdownTimeout(2*time.Second),
		voicesdk.WithLookupEnv(func(name string) (string, bool) { v, ok := all[name]; return v, ok }))
	if err != nil {
		t.Fatal(err)
	}
	for n := range calls {
		ctx, session := tel.StartSession(t.Context())
		_, turn := session.StartTurn(ctx)
		turn.End()
		session.End()
		if n == 0 && complains {
			backend.Eventually(t, "a complaint is printed", func() bool { return len(printed.complaints(t)) > 0 })
		}
		<-time.After(2 * time.Millisecond) // The delay of a batch.
	}
	_ = tel.Shutdown(context.Background()) // Its error is about items that were not sent yet.
	return printed
}

// front is a server before a collector, such as a load balancer.
func front(t *testing.T, collector *backend.Collector, allow func(w http.ResponseWriter, r *http.Request) bool) string {
	t.Helper()
	to, err := url.Parse("http://" + collector.HTTP)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if allow(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestCollectorFaults(t *testing.T) {
	t.Parallel()
	const token = "s3cret-t0ken"
	kept := otlptest.NewReceiver(t)
	outputs := []string{"JAEGER_OTLP_ENDPOINT=" + kept.HTTPEndpoint(), "TEMPO_OTLP_ENDPOINT=" + otlptest.NewReceiver(t).HTTPEndpoint(), "LOGS_OTLP_ENDPOINT=" + otlptest.NewReceiver(t).HTTPEndpoint()}
	local := []string{backend.Config(t, "local.yaml"), backend.Config(t, "pii.yaml")}
	plain := backend.NewCollector(t, local, outputs...)
	files := certificates(t)
	mutual := backend.NewCollector(t, append(local[:2:2], files.config(t, "server")), outputs...)
	expired := backend.NewCollector(t, append(local[:2:2], files.config(t, "expired")), outputs...)

	guarded := front(t, plain, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Authorization") == "Bearer "+token {
			return true
		}
		http.Error(w, "no token", http.StatusUnauthorized)
		return false
	})
	answering := func(status int) string {
		return front(t, plain, func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(status); return false })
	}
	withClient := map[string]string{
		"OTEL_EXPORTER_OTLP_CERTIFICATE":        files.path("ca.pem"),
		"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": files.path("client.pem"), "OTEL_EXPORTER_OTLP_CLIENT_KEY": files.path("client.key"),
	}
	for _, tt := range []struct {
		name, endpoint string
		env            map[string]string
		complaint      string // The text of the log line; "" if the collector accepts all.
	}{
		{name: "a token that it takes", endpoint: guarded, env: map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20" + token}},
		{name: "both certificates", endpoint: "https://" + mutual.HTTP, env: withClient},
		{name: "absent", endpoint: "http://" + backend.Free(t), complaint: "connection refused"},
		{name: "no token", endpoint: guarded, complaint: "401"},
		{name: "another token", endpoint: guarded, env: map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20" + token + "x"}, complaint: "401"},
		{name: "400", endpoint: answering(http.StatusBadRequest), complaint: "400"},
		{name: "404", endpoint: answering(http.StatusNotFound), complaint: "404"},
		{name: "500", endpoint: answering(http.StatusInternalServerError), complaint: "500"},
		{name: "503", endpoint: answering(http.StatusServiceUnavailable), complaint: "503"},
		{name: "no certificate of the service's", endpoint: "https://" + mutual.HTTP, env: map[string]string{"OTEL_EXPORTER_OTLP_CERTIFICATE": files.path("ca.pem")}, complaint: "certificate required|connection reset|broken pipe|client conn could not be established"},
		{name: "a certificate of an unknown authority", endpoint: "https://" + mutual.HTTP, complaint: "certificate signed by unknown authority"},
		{name: "an expired certificate", endpoint: "https://" + expired.HTTP, env: withClient, complaint: "certificate has expired"},
		{name: "plain where TLS is spoken", endpoint: "http://" + mutual.HTTP, complaint: "400|connection reset|EOF"},
		{name: "TLS where plain is spoken", endpoint: "https://" + plain.HTTP, complaint: "HTTP response to HTTPS client"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := len(kept.AllSpans())
			env := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": tt.endpoint}
			maps.Copy(env, tt.env)
			printed := service(t, env, tt.complaint != "")
			complaints, ended := printed.complaints(t), 0
			for _, l := range printed.lines(t) {
				if l.Message == "session ended" {
					ended++
				}
			}
			if ended != calls {
				t.Errorf("%d calls were printed, want %d", ended, calls)
			}
			if strings.Contains(printed.text.String(), token) {
				t.Error("the token was printed")
			}
			if tt.complaint == "" {
				if len(complaints) > 0 {
					t.Errorf("complaints: %v", complaints)
				}
				backend.Eventually(t, "the spans arrive", func() bool { return len(kept.AllSpans()) >= before+2*calls })
				return
			}
			t.Log(complaints)
			// For each signal: one line when exports fail, one when losses begin, and one with
			// their number.
			about := regexp.MustCompile(tt.complaint)
			told := 0
			for _, c := range complaints {
				switch {
				case about.MatchString(c):
					told++
				case !strings.Contains(c, " are being lost: ") && !strings.Contains(c, " were lost: "):
					t.Errorf("%q is not about %s", c, tt.complaint)
				}
			}
			if told == 0 || told > 4 || len(complaints) > 12 {
				t.Errorf("%d of %d complaints are about %s", told, len(complaints), tt.complaint)
			}
		})
	}
}

// path returns the path of a file of the directory.
func (f keys) path(name string) string { return filepath.Join(string(f), name) }
