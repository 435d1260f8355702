// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package endpoint_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/otlp/endpoint"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]struct{ socket, text string }{
		"http://localhost:4318/v1/logs?token=s3cret": {"", "http://localhost:4318"},
		"https://collector":                          {"", "https://collector"},
		"unix:///run/otel.sock":                      {"/run/otel.sock", "unix:///run/otel.sock"},
		"unix:/run/otel.sock":                        {"/run/otel.sock", "unix:///run/otel.sock"},
		"UNIX:///run/otel.sock":                      {"/run/otel.sock", "unix:///run/otel.sock"},
		"unix:run/otel.sock":                         {"run/otel.sock", "unix:run/otel.sock"},
		"unix:./otel.sock":                           {"./otel.sock", "unix:./otel.sock"},
		"unix:///run/with%20space/a%3fb":             {"/run/with space/a?b", "unix:///run/with space/a?b"},
		"unix:@otel":                                 {"@otel", "unix:@otel"},
		"unix-abstract:otel":                         {"@otel", "unix:@otel"},
	} {
		if strings.HasPrefix(want.socket, "@") && runtime.GOOS != "linux" {
			continue
		}
		e, err := endpoint.Parse(raw)
		if err != nil || e.Socket != want.socket || e.String() != want.text {
			t.Errorf("%s: got socket %q, %s, %v", raw, e.Socket, e, err)
		}
	}
}

// Each invalid form causes one error that names the fault and repeats no secret.
func TestEndpointThatCannotWorkIsExplained(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"":                                    "not an http or https URL",
		"localhost:4318":                      "not an http or https URL",
		"ftp://s3cret":                        "not an http or https URL",
		"http://:4318":                        "not an http or https URL",
		"http://s3cret\x7f":                   "not an http or https URL",
		"unix":                                "not an http or https URL",
		"unix:":                               "without a path",
		"unix://":                             "three slashes",
		"unix:///":                            "without a path",
		"unix:@":                              "without a path",
		"unix-abstract:":                      "without a path",
		"unix://run/otel.sock":                "three slashes",
		"unix://user:s3cret@host/otel.sock":   "three slashes",
		"unix:///run/otel.sock?token=s3cret":  "query",
		"unix:///run/otel.sock#s3cret":        "query or a fragment",
		"unix:///run/otel.sock/":              "slash",
		"unix:///run/otel.sock/v1/traces":     "/v1/traces",
		"unix:///run/%zz":                     "percent-encoding",
		"unix:///run/a%00b":                   "NUL",
		"unix:///" + strings.Repeat("a", 200): "201 bytes",
		"unix-abstract:" + strings.Repeat("a", 200): "201 bytes",
	} {
		_, err := endpoint.Parse(raw)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: got %v, want %q", raw, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"unix:///a", "unix:a%2f", "unix-abstract:a", "http://a", "unix://a", "unix:@"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		e, err := endpoint.Parse(raw)
		if err != nil {
			return
		}
		_ = e.String()
		if endpoint.IsSocket(raw) != (e.Socket != "") || len(e.Socket) > 108 {
			t.Errorf("%q: %+v", raw, e)
		}
	})
}
