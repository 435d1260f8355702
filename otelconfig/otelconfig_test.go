// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelconfig_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
	collogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	colmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/otelconfig"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// collector receives OTLP over HTTP and keeps the last request of each path.
type collector struct {
	*httptest.Server

	mu     sync.Mutex
	bodies map[string][]byte
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{bodies: make(map[string][]byte)}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.bodies[r.URL.Path] = body
	}))
	t.Cleanup(func() {
		c.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return c
}

// read decodes the last request of a path.
func (c *collector) read(t *testing.T, path string, into proto.Message) string {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	body := c.bodies[path]
	if len(body) == 0 {
		t.Fatalf("nothing came to %s", path)
	}
	if err := proto.Unmarshal(body, into); err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// setFile writes a configuration file and names it in the environment.
func setFile(t *testing.T, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "otel.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(otelconfig.FileVariable, path)
	return path
}

const everything = `
file_format: "1.0"
resource:
  attributes:
    - {name: service.name, value: drive-through}
    - {name: lanes, value: 2, type: int}
propagator:
  composite: [{tracecontext: }]
tracer_provider:
  processors:
    - batch:
        exporter:
          otlp_http:
            endpoint: ${COLLECTOR}/v1/traces
meter_provider:
  readers:
    - periodic:
        exporter:
          otlp_http:
            endpoint: ${COLLECTOR}/v1/metrics
logger_provider:
  processors:
    - batch:
        exporter:
          otlp_http:
            endpoint: ${COLLECTOR}/v1/logs
`

// One file configures all three signals. They have the same IDs, and no secrets
// in them.
func TestSetupByFile(t *testing.T) {
	const correlation = "550e8400-e29b-41d4-a716-446655440000"
	c := newCollector(t)
	t.Setenv("COLLECTOR", c.URL)
	t.Setenv("OTEL_TRACES_SAMPLER", "always_off") // The file takes precedence.
	setFile(t, everything)
	var lines bytes.Buffer
	tel, err := otelconfig.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&lines), voicesdk.WithServiceName("another"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, session := tel.StartSession(otelvoice.ContextWithCorrelationID(t.Context(), correlation),
		otelvoice.WithAttributes(attribute.String("note", "mail jane@example.com")))
	tel.Logger("voice.order").LogAttrs(ctx, slog.LevelInfo, "ordered", slog.String("password", "hunter2"))
	session.End()
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}

	var traces coltrace.ExportTraceServiceRequest
	var logs collogs.ExportLogsServiceRequest
	var metrics colmetrics.ExportMetricsServiceRequest
	sent := c.read(t, "/v1/traces", &traces) + c.read(t, "/v1/logs", &logs) + c.read(t, "/v1/metrics", &metrics) + lines.String()
	for _, secret := range []string{"jane@", "hunter2"} {
		if strings.Contains(sent, secret) {
			t.Errorf("%s was sent", secret)
		}
	}
	want, err := trace.TraceIDFromHex(strings.ReplaceAll(correlation, "-", ""))
	if err != nil {
		t.Fatal(err)
	}
	span := traces.GetResourceSpans()[0].GetScopeSpans()[0].GetSpans()[0]
	record := logs.GetResourceLogs()[0].GetScopeLogs()[0].GetLogRecords()[0]
	if [16]byte(span.GetTraceId()) != want || [16]byte(record.GetTraceId()) != want || !strings.Contains(lines.String(), correlation) {
		t.Errorf("the trace ID is not the correlation ID everywhere: %x, %x, %s", span.GetTraceId(), record.GetTraceId(), lines.String())
	}
	for _, attrs := range [][]*commonpb.KeyValue{
		traces.GetResourceSpans()[0].GetResource().GetAttributes(), logs.GetResourceLogs()[0].GetResource().GetAttributes(),
		metrics.GetResourceMetrics()[0].GetResource().GetAttributes(),
	} {
		if got := find(attrs, "service.name").GetStringValue(); got != "drive-through" {
			t.Errorf("service.name: got %q", got)
		}
		if got := find(attrs, "lanes").GetIntValue(); got != 2 {
			t.Errorf("lanes: got %d", got)
		}
	}
}

// Secrets of the resource are redacted before the SDK gets it.
func TestSecretsOfTheResource(t *testing.T) {
	for _, tt := range []struct{ name, resource string }{
		{"of a file", `
resource:
  attributes:
    - {name: service.name, value: "agent of ada@example.com"}
    - {name: team@example.com, value: true, type: bool}
    - {name: owner, value: "+14155550123"}
    - {name: card, value: 4111111111111111, type: int}
    - {name: process.command_args, value: [agent, --password, hunter2, --port, "8080"], type: string_array}
    - {name: host.name, value: node-7.internal}
    - {name: lanes, value: 2, type: int}
`},
		{"of the variables alone", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCollector(t)
			t.Setenv("COLLECTOR", c.URL)
			t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "mail=bob@example.com,password=hunter2,zone=eu-7")
			head, tail, _ := strings.Cut(everything, "propagator:")
			head, _, _ = strings.Cut(head, "resource:")
			setFile(t, head+tt.resource+"propagator:"+tail)
			var lines bytes.Buffer
			tel, err := otelconfig.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&lines))
			if err != nil {
				t.Fatal(err)
			}
			_, session := tel.StartSession(t.Context())
			session.End()
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			for _, sent := range []string{
				c.read(t, "/v1/traces", new(coltrace.ExportTraceServiceRequest)), c.read(t, "/v1/logs", new(collogs.ExportLogsServiceRequest)),
				c.read(t, "/v1/metrics", new(colmetrics.ExportMetricsServiceRequest)),
			} {
				for _, secret := range []string{"ada@", "bob@", "team@", "hunter2", "14155550123", "4111111111111111"} {
					if strings.Contains(sent, secret) {
						t.Errorf("%s is in %.600s", secret, sent)
					}
				}
				want := []string{"eu-7"}
				if tt.resource != "" {
					want = append(want, "node-7.internal", "8080", "[REDACTED:email]", "[REDACTED:phone]", "[REDACTED:card]")
				}
				for _, innocent := range want {
					if !strings.Contains(sent, innocent) {
						t.Errorf("%s is not in %.600s", innocent, sent)
					}
				}
			}
		})
	}
}

// A byte that is not valid UTF-8 loses none of the three signals, although the exporters of the
// file are not from this module.
func TestOneByteThatIsNotUTF8LosesNothing(t *testing.T) {
	const stray = "caf\xc3"
	c := newCollector(t)
	t.Setenv("COLLECTOR", c.URL)
	setFile(t, everything)
	tel, err := otelconfig.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	ctx, session := tel.StartSession(t.Context(), otelvoice.WithSessionID(stray))
	ctx, span := tel.TracerProvider().Tracer(stray, trace.WithInstrumentationVersion(stray)).Start(ctx, stray,
		trace.WithAttributes(attribute.String(stray, stray)), trace.WithLinks(trace.Link{Attributes: []attribute.KeyValue{attribute.String(stray, stray)}}))
	span.AddEvent(stray, trace.WithAttributes(attribute.String(stray, stray)))
	span.SetAttributes(attribute.StringSlice(stray, []string{stray}))
	span.SetStatus(codes.Error, stray)
	span.End()
	counter, err := tel.MeterProvider().Meter(stray).Int64Counter("calls", metric.WithDescription(stray), metric.WithUnit(stray))
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(ctx, 1, metric.WithAttributes(attribute.String(stray, stray)))
	var record log.Record
	record.SetEventName(stray)
	record.SetBody(attribute.StringValue(stray))
	tel.LoggerProvider().Logger(stray, log.WithSchemaURL(stray)).Emit(ctx, record)
	session.End()
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	var traces coltrace.ExportTraceServiceRequest
	var logs collogs.ExportLogsServiceRequest
	var metrics colmetrics.ExportMetricsServiceRequest
	for path, request := range map[string]proto.Message{"/v1/traces": &traces, "/v1/logs": &logs, "/v1/metrics": &metrics} {
		if sent := c.read(t, path, request); !strings.Contains(sent, "caf\uFFFD") {
			t.Errorf("%s has no U+FFFD", path)
		}
	}
}

func find(attrs []*commonpb.KeyValue, key string) *commonpb.AnyValue {
	for _, kv := range attrs {
		if kv.GetKey() == key {
			return kv.GetValue()
		}
	}
	return nil
}

func TestIncompleteFile(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		recording  bool
		line       string // A part of a log line.
	}{
		{"no providers", `file_format: "1.0"`, false, "ordered"},
		{"disabled", "file_format: \"1.0\"\ndisabled: true\ntracer_provider: {processors: []}", false, "ordered"},
		{"only traces", "file_format: \"1.0\"\ntracer_provider: {processors: []}", true, "ordered"},
		{
			"ratio", "file_format: \"1.0\"\ntracer_provider: {processors: [], sampler: {parent_based: {root: {trace_id_ratio_based: {ratio: 1}}}}}",
			true, "ordered",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			setFile(t, tt.file)
			var lines bytes.Buffer
			tel, err := otelconfig.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&lines))
			if err != nil {
				t.Fatal(err)
			}
			ctx, session := tel.StartSession(t.Context())
			tel.Logger("voice.order").InfoContext(ctx, "ordered")
			if got := trace.SpanFromContext(ctx).IsRecording(); got != tt.recording {
				t.Errorf("recording: got %v, want %v", got, tt.recording)
			}
			session.End()
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			if !strings.Contains(lines.String(), tt.line) || strings.Contains(lines.String(), "is not read") {
				t.Errorf("want %q in the log lines:\n%s", tt.line, lines.String())
			}
		})
	}
}

func TestBadFiles(t *testing.T) {
	for _, tt := range []struct{ name, file, want string }{
		{"not YAML", "file_format: [", "yaml"},
		{"a list", "- a", "yaml"},
		{"no format", "disabled: false", "file_format"},
		{"an empty file", "", "file_format is missing"},
		{"another version", "file_format: \"9.0\"", `file_format is "9.0"`},
		{"no provider but a wrong key", "file_format: \"1.0\"\ntraces_provider: {processors: []}", "unknown keys traces_provider"},
		{"a negative ratio", "file_format: \"1.0\"\ntracer_provider: {processors: [], sampler: {trace_id_ratio_based: {ratio: -0.5}}}", "ratio is -0.5"},
		{"a large ratio", "file_format: \"1.0\"\ntracer_provider: {processors: [], sampler: {parent_based: {root: {trace_id_ratio_based: {ratio: 7}}}}}", "ratio is 7"},
		{"a ratio that is no number", "file_format: \"1.0\"\ntracer_provider: {processors: [], sampler: {trace_id_ratio_based: {ratio: .nan}}}", "ratio is NaN"},
		{"two samplers", "file_format: \"1.0\"\ntracer_provider: {processors: [], sampler: {always_on: {}, always_off: {}}}", "want one of"},
		{"unknown exporter", "file_format: \"1.0\"\ntracer_provider: {processors: [{batch: {exporter: {pigeon: {}}}}]}", "exporter"},
		{"two processors in one", "file_format: \"1.0\"\nlogger_provider: {processors: [{batch: {exporter: {console: }}, simple: {exporter: {console: }}}]}", "processor"},
		{"wrong kind", "file_format: \"1.0\"\ndisabled: 7", "bool"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := setFile(t, tt.file)
			tel, err := otelconfig.Setup(t.Context(), voicesdk.WithoutGlobals())
			if tel == nil || tel.Telemetry != nil || err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v; want an error with %s and %q", tel, err, path, tt.want)
			}
		})
	}
	t.Setenv(otelconfig.FileVariable, filepath.Join(t.TempDir(), "absent.yaml"))
	if _, err := otelconfig.Setup(t.Context()); err == nil || !strings.Contains(err.Error(), "absent.yaml: no such file") {
		t.Errorf("a file that is not there: got %v", err)
	}
}

// With an error in other variables, none of the providers of the file keeps running.
func TestBadVariable(t *testing.T) {
	setFile(t, everything)
	t.Setenv("COLLECTOR", "http://127.0.0.1:1")
	t.Setenv("LOG_LEVEL", "loud")
	if _, err := otelconfig.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithShutdownTimeout(1)); err == nil || !strings.Contains(err.Error(), "LOG_LEVEL") {
		t.Errorf("got %v", err)
	}
}

func TestWithoutFile(t *testing.T) {
	t.Setenv(otelconfig.FileVariable, "")
	tel, err := otelconfig.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	ctx, session := tel.StartSession(t.Context())
	defer session.End()
	if !trace.SpanFromContext(ctx).IsRecording() {
		t.Error("no spans without a file")
	}
}

func ExampleSetup() {
	file, err := os.CreateTemp("", "otel-*.yaml")
	if err != nil {
		panic(err)
	}
	defer os.Remove(file.Name())
	_, _ = file.WriteString("file_format: \"1.0\"\ntracer_provider:\n  processors: []\n")
	_ = file.Close()
	_ = os.Setenv(otelconfig.FileVariable, file.Name()) // As the deployment does.
	defer func() { _ = os.Unsetenv(otelconfig.FileVariable) }()

	ctx := context.Background()
	tel, err := otelconfig.Setup(ctx, voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())
	if err != nil {
		panic(err)
	}
	defer func() { _ = tel.Shutdown(ctx) }()
	ctx, session := tel.StartSession(otelvoice.ContextWithCorrelationID(ctx, "550e8400-e29b-41d4-a716-446655440000"))
	defer session.End()
	fmt.Println(trace.SpanContextFromContext(ctx).TraceID())
	// Output: 550e8400e29b41d4a716446655440000
}
