// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package tracecontext_test runs W3C's validation suite for Trace Context against a
// server behind voicehttp.Middleware that calls on through voicehttp.Transport.
//
// The suite is in Python and is not part of this repository. To run it, check out
// github.com/w3c/trace-context, install aiohttp, and name the directory that has test.py:
//
//	W3C_TRACE_CONTEXT_TEST=/path/to/trace-context/test go test ./tracecontext
//
// The same cases in Go are in otelvoice/voicehttp and internal/tracecontext.
package tracecontext_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/freeport"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

const suiteVariable = "W3C_TRACE_CONTEXT_TEST"

// cases is the number of cases of the suite when it was last run in full.
const cases = 41

func TestValidationSuite(t *testing.T) {
	dir := os.Getenv(suiteVariable)
	if dir == "" {
		t.Skipf("not run: %s does not name the suite's directory", suiteVariable)
	}
	python := "python3"
	if own := os.Getenv("PYTHON"); own != "" {
		python = own
	}
	if out, err := exec.CommandContext(t.Context(), python, "-c", "import aiohttp").CombinedOutput(); err != nil {
		t.Skipf("not run: %s has no aiohttp: %s", python, out)
	}
	s := newService(t)
	cmd := exec.CommandContext(t.Context(), python, "test.py", s.URL)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "SPEC_LEVEL=2", "STRICT_LEVEL=2", "HARNESS_PORT="+strconv.Itoa(freeport.TCP(t)))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ran := regexp.MustCompile(`(?m)^Ran (\d+) tests`).FindSubmatch(out)
	if ran == nil {
		t.Fatalf("the suite did not report the number of cases:\n%s", out)
	}
	if n, _ := strconv.Atoi(string(ran[1])); n < cases {
		t.Errorf("%d cases were run, want at least %d", n, cases)
	}
	t.Logf("%s", ran[0])
}

// newService starts the service that the suite requires: it sends each request that the body describes.
func newService(t *testing.T) *httptest.Server {
	t.Helper()
	tel, _ := voicetest.Setup(t)
	base := &http.Transport{}
	client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, base, voicehttp.WithTrustedHosts("127.0.0.1"))}
	s := httptest.NewServer(voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var calls []struct {
			URL       string          `json:"url"`
			Arguments json.RawMessage `json:"arguments"`
		}
		if err := json.NewDecoder(r.Body).Decode(&calls); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		for _, call := range calls {
			req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, call.URL, bytes.NewReader(call.Arguments))
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			req.Header.Set("Content-Type", "application/json")
			res, err := client.Do(req)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadGateway)
				return
			}
			_ = res.Body.Close()
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("null"))
	})))
	t.Cleanup(func() { base.CloseIdleConnections(); s.Close() })
	return s
}
