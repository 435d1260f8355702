// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package export_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/bootstrap/export"
	"github.com/voice-agents/telemetry/internal/settings"
)

// fromEnv reads a configuration from pairs of variables and values.
func fromEnv(pairs ...string) (export.Config, error) {
	env := make(map[string]string)
	for i := 0; i < len(pairs); i += 2 {
		env[pairs[i]] = pairs[i+1]
	}
	r := settings.NewReader(func(name string) (string, bool) { v, ok := env[name]; return v, ok })
	cfg := export.FromEnv(r)
	return cfg, r.Err()
}

// describe returns the exporters of each signal as text: "traces otlp http/protobuf URL; logs console".
func describe(cfg export.Config) string {
	var parts []string
	for _, s := range []struct {
		name   string
		signal export.Signal
	}{{"traces", cfg.Traces}, {"metrics", cfg.Metrics}, {"logs", cfg.Logs}} {
		if s.signal.OTLP != nil {
			parts = append(parts, strings.TrimSpace(s.name+" "+string(s.signal.OTLP.Protocol)+" "+s.signal.OTLP.Endpoint))
		}
		if s.signal.Console {
			parts = append(parts, s.name+" console")
		}
	}
	if cfg.Scrape {
		parts = append(parts, "scrape")
	}
	return strings.Join(parts, "; ")
}

func TestExportersOfEachSignal(t *testing.T) {
	const base = "OTEL_EXPORTER_OTLP_ENDPOINT"
	for _, tt := range []struct {
		name string
		env  []string
		want string
	}{
		{"nothing by default", nil, ""},
		{
			"an endpoint asks for all signals",
			[]string{base, "http://c:4318"},
			"traces http/protobuf http://c:4318/v1/traces; metrics http/protobuf http://c:4318/v1/metrics; logs http/protobuf http://c:4318/v1/logs",
		},
		{
			"the base may have a path",
			[]string{base, "http://c/otlp/"},
			"traces http/protobuf http://c/otlp/v1/traces; metrics http/protobuf http://c/otlp/v1/metrics; logs http/protobuf http://c/otlp/v1/logs",
		},
		{
			"a signal's own endpoint asks for it alone, and is taken as it is",
			[]string{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://l/ingest"},
			"logs http/protobuf http://l/ingest",
		},
		{
			"a signal's own endpoint beats the common one",
			[]string{base, "http://c", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://t/x", "OTEL_METRICS_EXPORTER", "none"},
			"traces http/protobuf http://t/x; logs http/protobuf http://c/v1/logs",
		},
		{"otlp without an endpoint uses the default one", []string{"OTEL_TRACES_EXPORTER", "otlp"}, "traces http/protobuf"},
		{"none takes precedence over an endpoint", []string{base, "http://c", "OTEL_TRACES_EXPORTER", "none", "OTEL_METRICS_EXPORTER", "none", "OTEL_LOGS_EXPORTER", "none"}, ""},
		{"prometheus and otlp", []string{base, "http://c", "OTEL_TRACES_EXPORTER", "none", "OTEL_METRICS_EXPORTER", "otlp,Prometheus", "OTEL_LOGS_EXPORTER", "none"}, "metrics http/protobuf http://c/v1/metrics; scrape"},
		{"prometheus only", []string{"OTEL_METRICS_EXPORTER", "prometheus"}, "scrape"},
		{"console", []string{"OTEL_TRACES_EXPORTER", "console", "OTEL_METRICS_EXPORTER", "Console"}, "traces console; metrics console"},
		{
			"both",
			[]string{base, "http://c", "OTEL_TRACES_EXPORTER", "otlp,console", "OTEL_METRICS_EXPORTER", "none", "OTEL_LOGS_EXPORTER", "none"},
			"traces http/protobuf http://c/v1/traces; traces console",
		},
		{
			"gRPC has no paths",
			[]string{base, "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "OTEL_METRICS_EXPORTER", "none", "OTEL_LOGS_EXPORTER", "none"},
			"traces grpc http://c:4317",
		},
		{
			"gRPC by host and port is secure",
			[]string{base, "c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "OTEL_METRICS_EXPORTER", "none", "OTEL_LOGS_EXPORTER", "none"},
			"traces grpc https://c:4317",
		},
		{
			"unless INSECURE is set",
			[]string{base, "c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "OTEL_EXPORTER_OTLP_INSECURE", "true", "OTEL_METRICS_EXPORTER", "none", "OTEL_LOGS_EXPORTER", "none"},
			"traces grpc http://c:4317",
		},
		{
			"a signal's own protocol",
			[]string{base, "http://c", "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "grpc", "OTEL_METRICS_EXPORTER", "none"},
			"traces http/protobuf http://c/v1/traces; logs grpc http://c",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg, err := fromEnv(tt.env...)
			if err != nil {
				t.Fatal(err)
			}
			if got := describe(cfg); got != tt.want {
				t.Errorf("\ngot  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	cfg, err := fromEnv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c",
		"OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20abc, x-tenant = a=b",
		"OTEL_EXPORTER_OTLP_LOGS_HEADERS", "x-logs=1")
	if err != nil {
		t.Fatal(err)
	}
	if got := cfg.Traces.OTLP.Headers; got["authorization"] != "Bearer abc" || got["x-tenant"] != "a=b" || len(got) != 2 {
		t.Errorf("traces have headers %q", got)
	}
	if got := cfg.Logs.OTLP.Headers; got["x-logs"] != "1" || len(got) != 1 {
		t.Errorf("logs have headers %q", got)
	}
}

func TestBadValuesNameTheVariable(t *testing.T) {
	notPEM := filepath.Join(t.TempDir(), "no.pem")
	if err := os.WriteFile(notPEM, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ variable, value string }{
		{"OTEL_TRACES_EXPORTER", "zipkin"},
		{"OTEL_METRICS_EXPORTER", "otlp,statsd"},
		{"OTEL_TRACES_EXPORTER", "prometheus"}, // Valid for metrics only.
		{"OTEL_LOGS_EXPORTER", "file"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "no url"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://c"},
		{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "unix:"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "unix://run/otel.sock"},
		{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "unix:///run/otel.sock/v1/logs"},
		{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"},
		{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "carrier/pigeon"},
		{"OTEL_EXPORTER_OTLP_TIMEOUT", "10s"},
		{"OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"},
		{"OTEL_EXPORTER_OTLP_INSECURE", "1"},
		{"OTEL_EXPORTER_OTLP_CERTIFICATE", "/not/there.pem"},
		{"OTEL_EXPORTER_OTLP_CERTIFICATE", notPEM},
		{"OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY", "/key/alone.pem"},
		{"OTEL_BSP_SCHEDULE_DELAY", "-1"},
		{"OTEL_BSP_MAX_QUEUE_SIZE", "0"},
		{"OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "many"},
		{"OTEL_METRIC_EXPORT_INTERVAL", "1m"},
		{"OTEL_METRIC_EXPORT_TIMEOUT", "0"},
		{"OTEL_BLRP_SCHEDULE_DELAY", "0"},
		{"OTEL_BLRP_MAX_QUEUE_SIZE", "2147483647"},
		{"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "65537"},
		{"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "0"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:65536"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://c/?token=secret"},
		{"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "sigma"},
		{"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "sum"},
		{"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "many"},
		{"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "-2"},
		{"OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "1.5"},
	} {
		t.Run(tt.variable+"="+filepath.Base(tt.value), func(t *testing.T) {
			_, err := fromEnv(tt.variable, tt.value)
			var bad *settings.Error
			if !errors.As(err, &bad) {
				t.Fatalf("got %v, want an error", err)
			}
			// A key without a certificate: the error names the missing variable.
			if want := strings.Replace(tt.variable, "LOGS_CLIENT_KEY", "CLIENT_CERTIFICATE", 1); bad.Variable != want {
				t.Errorf("the error is of %s, want %s", bad.Variable, want)
			}
		})
	}
	t.Run("a batch larger than its queue", func(t *testing.T) {
		_, err := fromEnv("OTEL_BSP_MAX_QUEUE_SIZE", "10", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "11")
		if err == nil || !strings.Contains(err.Error(), "OTEL_BSP_MAX_EXPORT_BATCH_SIZE") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("gRPC endpoints", func(t *testing.T) {
		for _, value := range []string{"c", "c:", ":4317", "c:0", "c:65536", "c:http", "u:secret@c:4317", "c:4317/path", "c d:4317", "dns:///c:4317"} {
			_, err := fromEnv("OTEL_EXPORTER_OTLP_ENDPOINT", value, "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
			if err == nil || !strings.HasPrefix(err.Error(), "OTEL_EXPORTER_OTLP_ENDPOINT=") || strings.Contains(err.Error(), "secret") {
				t.Errorf("%q: got %v", value, err)
			}
		}
	})
	t.Run("a mistake in a common variable is reported once", func(t *testing.T) {
		_, err := fromEnv("OTEL_EXPORTER_OTLP_ENDPOINT", "no url")
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want one line", err)
		}
	})
	t.Run("headers are not repeated", func(t *testing.T) {
		for _, value := range []string{"secret", "a b=secret", "a=secret%zz", "a=secret%0d%0a", "a=secret%01", "=secret"} {
			_, err := fromEnv("OTEL_EXPORTER_OTLP_HEADERS", value)
			if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "OTEL_EXPORTER_OTLP_HEADERS") {
				t.Errorf("%q: got %v", value, err)
			}
		}
	})
}

// variables are those whose values are not file names.
var variables = []string{
	"OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER",
	"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
	"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
	"OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
	"OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_COMPRESSION", "OTEL_EXPORTER_OTLP_INSECURE",
	"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
	"OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "OTEL_BLRP_SCHEDULE_DELAY",
	"OTEL_METRIC_EXPORT_INTERVAL", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
}

// For any values of two variables, each mistake is reported with the name of one of them, and a
// configuration without mistakes exports.
func FuzzFromEnv(f *testing.F) {
	add := func(a, x, b, y string) {
		f.Add(uint8(slices.Index(variables, a)), x, uint8(slices.Index(variables, b)), y)
	}
	add("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
	add("OTEL_EXPORTER_OTLP_ENDPOINT", "[::1]:4317", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
	add("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://u:p@h/%zz?q#f", "OTEL_EXPORTER_OTLP_INSECURE", "true")
	add("OTEL_EXPORTER_OTLP_HEADERS", "a=b,c=%20", "OTEL_TRACES_EXPORTER", "otlp,console,none")
	add("OTEL_BSP_MAX_QUEUE_SIZE", "12", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "13")
	f.Fuzz(func(t *testing.T, i uint8, x string, j uint8, y string) {
		a, b := variables[int(i)%len(variables)], variables[int(j)%len(variables)]
		cfg, err := fromEnv(a, x, b, y)
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if !strings.HasPrefix(line, a) && !strings.HasPrefix(line, b) {
					t.Errorf("%s=%q %s=%q: the error names neither: %s", a, x, b, y, line)
				}
			}
			return
		}
		for _, q := range []*export.Queue{&cfg.Traces.Queue, &cfg.Logs.Queue} {
			q.Size, q.Batch = min(q.Size, 1<<10), min(q.Batch, 1<<10) // They are allocated in full.
		}
		set, err := export.New(t.Context(), cfg)
		if err != nil {
			t.Fatalf("%s=%q %s=%q: no mistake was reported, but New returned %v", a, x, b, y, err)
		}
		if err := set.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
