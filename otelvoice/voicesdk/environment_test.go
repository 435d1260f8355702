// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// resourceOf returns the resource of a span recorded with these options.
func resourceOf(t *testing.T, opts ...voicesdk.Option) map[string]string {
	t.Helper()
	rec := voicetest.NewRecorder()
	all := append(rec.Options(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())
	tel, err := voicesdk.Setup(t.Context(), append(all, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	_, op := tel.StartOperation(t.Context(), "x")
	op.End(nil)
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	out := make(map[string]string)
	for _, kv := range rec.Spans()[0].Resource().Attributes() {
		out[string(kv.Key)] = kv.Value.String()
	}
	return out
}

func TestResource(t *testing.T) {
	for _, tt := range []struct {
		name string
		opts []voicesdk.Option
		want map[string]string
	}{
		{
			"by variable",
			[]voicesdk.Option{variables("OTEL_SERVICE_NAME", "v", "OTEL_RESOURCE_ATTRIBUTES", "service.name=lost,deployment.environment.name=pro%20d")},
			map[string]string{"service.name": "v", "deployment.environment.name": "pro d"},
		},
		{"by attribute", []voicesdk.Option{variables("OTEL_RESOURCE_ATTRIBUTES", "service.name=a")}, map[string]string{"service.name": "a"}},
		{
			"an option beats a variable",
			[]voicesdk.Option{variables("OTEL_SERVICE_NAME", "v"), voicesdk.WithServiceName("o"), voicesdk.WithServiceVersion("1.2.3")},
			map[string]string{"service.name": "o", "service.version": "1.2.3"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := resourceOf(t, tt.opts...)
			for key, want := range tt.want {
				if got[key] != want {
					t.Errorf("%s\ngot  %q\nwant %q", key, got[key], want)
				}
			}
		})
	}
	got := resourceOf(t, variables())
	for _, key := range []string{
		"service.name", "service.instance.id", "host.name", "process.pid", "process.executable.name",
		"process.runtime.version", "telemetry.sdk.name", "telemetry.sdk.language", "telemetry.sdk.version",
	} {
		if got[key] == "" {
			t.Errorf("%s is missing", key)
		}
	}
	if !strings.HasPrefix(got["service.name"], "unknown_service") {
		t.Errorf("a service without a name is %q", got["service.name"])
	}
	for key := range got {
		if strings.HasPrefix(key, "process.command") {
			t.Errorf("%s is there: command lines hold secrets", key)
		}
	}
}

func TestSamplerVariables(t *testing.T) {
	for _, tt := range []struct {
		name, arg string
		want      bool
	}{
		{"", "", true},
		{"always_on", "", true},
		{"always_off", "", false},
		{"traceidratio", "0", false},
		{"traceidratio", "1", true},
		{"traceidratio", "", true},
		{"ParentBased_AlwaysOff", "", false}, // Not a valid sampler name; see below.
		{"parentbased_always_off", "", false},
		{"parentbased_traceidratio", "1", true},
	} {
		t.Run(tt.name+" "+tt.arg, func(t *testing.T) {
			tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole(),
				variables("OTEL_TRACES_SAMPLER", tt.name, "OTEL_TRACES_SAMPLER_ARG", tt.arg))
			if tt.name == "ParentBased_AlwaysOff" {
				if err == nil {
					t.Fatal("no error")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tel.Shutdown(t.Context()) }()
			ctx, op := tel.StartOperation(t.Context(), "x")
			defer op.End(nil)
			if got := trace.SpanContextFromContext(ctx).IsSampled(); got != tt.want {
				t.Errorf("sampled %v, want %v", got, tt.want)
			}
			if !trace.SpanContextFromContext(ctx).TraceID().IsValid() {
				t.Error("a span that is not sampled has no trace ID: lines could not be joined")
			}
		})
	}
}

func TestPropagatorVariables(t *testing.T) {
	for _, tt := range []struct {
		value string
		want  []string
	}{
		{"", []string{"Traceparent", "X-Correlation-Id"}},
		{"tracecontext", []string{"Traceparent", "X-Correlation-Id"}},
		{"b3multi", []string{"X-B3-Sampled", "X-B3-Spanid", "X-B3-Traceid", "X-Correlation-Id"}},
		{"none", []string{"X-Correlation-Id"}},
	} {
		t.Run(tt.value, func(t *testing.T) {
			tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole(), variables("OTEL_PROPAGATORS", tt.value))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tel.Shutdown(t.Context()) }()
			ctx, op := tel.StartOperation(t.Context(), "x")
			defer op.End(nil)
			header := http.Header{}
			tel.Propagator().Inject(ctx, propagation.HeaderCarrier(header))
			var got []string
			for name := range header {
				got = append(got, name)
			}
			slices.Sort(got)
			if !slices.Equal(got, tt.want) {
				t.Errorf("\ngot  %v\nwant %v", got, tt.want)
			}
		})
	}
}

// LOG_FORMAT=otel prints OpenTelemetry's own record with the same IDs.
func TestLogFormatOTel(t *testing.T) {
	var buf bytes.Buffer
	tel, _ := voicetest.Setup(t, voicesdk.WithLogWriter(&buf), variables("LOG_FORMAT", "otel", "LOG_LEVEL", "warning"))
	ctx, session := tel.StartSession(t.Context(), otelvoice.WithSessionID("sess_x"))
	defer session.End()
	tel.Logger("m").InfoContext(ctx, "not printed")
	tel.Logger("m").WarnContext(ctx, "printed")
	var record struct {
		TraceID    string
		Body       struct{ Value string }
		Attributes []struct{ Key string }
	}
	if err := json.Unmarshal(buf.Bytes(), &record); err != nil {
		t.Fatalf("%v in %s", err, buf.Bytes())
	}
	keys := make([]string, 0, len(record.Attributes))
	for _, a := range record.Attributes {
		keys = append(keys, a.Key)
	}
	if record.Body.Value != "printed" || record.TraceID != trace.SpanContextFromContext(ctx).TraceID().String() || !slices.Contains(keys, "session.id") {
		t.Errorf("printed %s", buf.Bytes())
	}
}

func TestLoggerWithComponent(t *testing.T) {
	var buf bytes.Buffer
	tel, _ := voicetest.Setup(t, voicesdk.WithLogWriter(&buf))
	logger := tel.Logger("voice.stt", otelvoice.Component("whisper", otelvoice.ComponentSTT), nil)
	got := line(t, &buf, func() { logger.Info("ready") })
	if got["module"] != "voice.stt" || got["component"] != "whisper" || got["component_type"] != "stt" {
		t.Errorf("the line is %v", got)
	}
}

func TestNilOptionsAreIgnored(t *testing.T) {
	tel, err := voicesdk.Setup(t.Context(), nil, voicesdk.WithoutGlobals(), voicesdk.WithoutConsole(), variables(),
		voicesdk.WithTracerProvider(nil), voicesdk.WithMeterProvider(nil), voicesdk.WithLoggerProvider(nil),
		voicesdk.WithPropagators(nil), voicesdk.WithSampler(nil), voicesdk.WithSpanProcessor(nil), voicesdk.WithMetricReader(nil),
		voicesdk.WithLogProcessor(nil), voicesdk.WithLogLevel(nil), voicesdk.WithLogWriter(nil), voicesdk.WithShutdownTimeout(0), voicesdk.WithLookupEnv(nil))
	if err != nil {
		t.Fatal(err)
	}
	ctx, session := tel.StartSession(nil, nil) //nolint:staticcheck // A nil context is a mistake that must not end a call.
	ctx, turn := session.StartTurn(ctx, nil)
	_, stt := turn.StartSTT(ctx, nova3, nil)
	stt.End(nil)
	turn.Interrupt(otelvoice.Programmatic, nil)
	turn.End()
	session.End()
	_, op := tel.StartOperation(ctx, "x", nil)
	op.End(nil)
	if err := tel.Shutdown(nil); err != nil { //nolint:staticcheck // As above.
		t.Error(err)
	}
}
