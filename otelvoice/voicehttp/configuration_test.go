// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// only returns an environment with one variable.
func only(variable, value string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		if name == variable {
			return value, true
		}
		return "", false
	}
}

// The correlation ID header has the configured name in both directions. Other headers are neither
// read as such nor removed.
func TestCorrelationHeaderByName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.json")
	if err := os.WriteFile(path, []byte(`{"correlation_header": "x-call-id"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, opt := range map[string]voicesdk.Option{
		"option":   voicesdk.WithInstrumentation(otelvoice.WithCorrelationHeader("x-call-id")),
		"file":     voicesdk.WithConfigFile(path),
		"variable": voicesdk.WithLookupEnv(only("LOG_CORRELATION_HEADER", "x-call-id")),
	} {
		t.Run(name, func(t *testing.T) {
			b := newBackend(t)
			tel, rec := voicetest.Setup(t, opt)
			if got := tel.CorrelationHeader(); got != "x-call-id" {
				t.Errorf("the header is %q", got)
			}
			vendor := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, &http.Transport{})}
			friend := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, &http.Transport{}, voicehttp.WithTrustedHosts("127.0.0.1"))}
			s := httptest.NewServer(voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Call-Id", "the handler's")
				w.Header().Set("X-Correlation-Id", "another request's")
				ask(t, r.Context(), vendor, b.URL)
				ask(t, r.Context(), friend, b.URL)
			})))
			defer s.Close()
			res, _ := get(t, s, "/", http.Header{"X-Call-Id": {callerUUID}, "X-Correlation-Id": {"order-42"}})
			if got := res.Header["X-Call-Id"]; !slices.Equal(got, []string{callerUUID}) {
				t.Errorf("answered with %q", got)
			}
			if got := res.Header["X-Correlation-Id"]; !slices.Equal(got, []string{"another request's"}) {
				t.Errorf("the other header is %q", got)
			}
			if got := (<-b.seen)["X-Call-Id"]; got != nil {
				t.Errorf("a vendor was handed %q", got)
			}
			seen := <-b.seen
			if got := seen["X-Call-Id"]; !slices.Equal(got, []string{callerUUID}) || seen["X-Correlation-Id"] != nil {
				t.Errorf("a trusted host was sent %q and %q", got, seen["X-Correlation-Id"])
			}
			if got := rec.Spans()[0].SpanContext().TraceID().String(); got != callerTrace {
				t.Errorf("trace ID %s", got)
			}
		})
	}
}

func TestCorrelationHeaderThatIsNone(t *testing.T) {
	for _, name := range []string{"X Call", "Traceparent", "Host", "a:b", "x\r\ny"} {
		if _, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole(), voicesdk.WithInstrumentation(otelvoice.WithCorrelationHeader(name))); err == nil {
			t.Errorf("%q is taken", name)
		}
	}
	var none *otelvoice.Telemetry
	if got := none.CorrelationHeader(); got != "X-Correlation-ID" {
		t.Errorf("of nothing: %q", got)
	}
}

// An untrusted caller's ID is recorded as the external ID, also from a header of the configured
// name.
func TestCorrelationHeaderOfStrangers(t *testing.T) {
	tel, rec := voicetest.Setup(t, voicesdk.WithInstrumentation(otelvoice.WithCorrelationHeader("X-Call-ID")))
	s := httptest.NewServer(voicehttp.Middleware(tel.Telemetry, voicehttp.WithPublicEndpoint())(http.HandlerFunc(echo)))
	defer s.Close()
	get(t, s, "/", http.Header{"X-Call-Id": {callerUUID}})
	if got := value(rec.Spans()[0], semconv.VoiceCorrelationExternalIDKey); got != callerUUID {
		t.Errorf("external ID %q", got)
	}
}

// Request lines and response lines are switched separately, in code and by variables.
func TestLinesSeparately(t *testing.T) {
	received, answered, panicked := "request received", "request answered", "request handler panicked"
	off := func(variable string) voicesdk.Option {
		return voicesdk.WithLookupEnv(only(variable, "false"))
	}
	for _, tt := range []struct {
		name string
		opt  voicesdk.Option
		opts []voicehttp.MiddlewareOption
		want []string // For an answered request, and for one whose handler panics.
	}{
		{"both", nil, nil, []string{received, answered, received, panicked}},
		{"none", nil, []voicehttp.MiddlewareOption{voicehttp.WithoutRequestLogs()}, []string{panicked}},
		{"requests", nil, []voicehttp.MiddlewareOption{voicehttp.WithoutResponseLine()}, []string{received, received, panicked}},
		{"responses", nil, []voicehttp.MiddlewareOption{voicehttp.WithoutRequestLine()}, []string{answered, panicked}},
		{"LOG_REQUESTS", off("LOG_REQUESTS"), nil, []string{answered, panicked}},
		{"LOG_RESPONSES", off("LOG_RESPONSES"), nil, []string{received, received, panicked}},
		{"LogRequests", voicesdk.WithLogConfig(voicesdk.LogConfig{LogRequests: new(false)}), nil, []string{answered, panicked}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t, tt.opt)
			handler := voicehttp.Middleware(tel.Telemetry, tt.opts...)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/panic" {
					panic("boom")
				}
			}))
			for _, path := range []string{"/", "/panic"} {
				func() {
					defer func() { _ = recover() }()
					handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, http.NoBody))
				}()
			}
			lines, err := rec.Lines()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, line := range lines {
				message, _ := line["message"].(string)
				got = append(got, message)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}
