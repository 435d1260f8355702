// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/redact"
	"github.com/voice-agents/telemetry/redact/redacttrace"
)

// spanText is all that an exporter can read of a span.
func spanText(s sdktrace.ReadOnlySpan) string {
	scope := s.InstrumentationScope()
	library := s.InstrumentationLibrary() //nolint:staticcheck // Exporters may read it.
	return fmt.Sprintf("%+v %v %s %s %v %s", tracetest.SpanStubFromReadOnlySpan(s), scope.Name, scope.Version, scope.SchemaURL,
		scope.Attributes.ToSlice(), library.Name) + fmt.Sprint(s.Resource().Attributes(), s.Resource().SchemaURL())
}

// The name of a span's scope and its resource are redacted.
func TestWhereSpansComeFrom(t *testing.T) {
	r := redact.New(redact.Default()...)
	res := resource.NewWithAttributes("https://example.com/schema?token=hunter2", attribute.String("service.name", "agent of "+mailKey),
		attribute.String("host.name", "node-7.eu-west-1.internal"), attribute.Int(phoneKey, 1), attribute.Int("+4930901820123", 2),
		attribute.StringSlice("process.command_args", []string{"agent", "--password", "hunter2", "--port", "8080"}))
	for _, tt := range []struct {
		name     string
		provider func(sdktrace.SpanProcessor) trace.TracerProvider
	}{
		{"a processor", func(p sdktrace.SpanProcessor) trace.TracerProvider {
			return sdktrace.NewTracerProvider(sdktrace.WithResource(res), sdktrace.WithSpanProcessor(redacttrace.NewSpanProcessor(r, p)))
		}},
		{"a provider", func(p sdktrace.SpanProcessor) trace.TracerProvider {
			return redact.NewTracerProvider(r, sdktrace.NewTracerProvider(sdktrace.WithResource(redacttrace.Resource(r, res)), sdktrace.WithSpanProcessor(p)))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			recorder := tracetest.NewSpanRecorder()
			provider := tt.provider(recorder)
			for _, tracer := range []trace.Tracer{
				provider.Tracer("agent/" + tokenKey),
				provider.Tracer("booking "+mailKey, trace.WithInstrumentationVersion("v1 "+phoneKey), trace.WithSchemaURL("https://ada:hunter2@example.com/1"),
					trace.WithInstrumentationAttributes(attribute.String(mailKey, tokenKey), attribute.String("password", "hunter2"))),
				provider.Tracer("github.com/x/agent", trace.WithInstrumentationVersion("v1.2.3")),
			} {
				for range 2 {
					_, span := tracer.Start(t.Context(), "turn", trace.WithAttributes(attribute.Int(mailKey, 1)))
					span.SetAttributes(attribute.Int("bob@example.com", 2))
					span.SetAttributes(attribute.Int(mailKey, 3))
					span.End()
				}
			}
			ended := recorder.Ended()
			if len(ended) != 6 {
				t.Fatalf("got %d spans", len(ended))
			}
			for _, s := range ended {
				all := spanText(s)
				for _, secret := range []string{mailKey, "bob@", phoneKey, "+4930", tokenKey, "hunter2"} {
					if strings.Contains(all, secret) {
						t.Errorf("%s is in %s", secret, all)
					}
				}
				if got := text(s.Attributes()); got != "{[REDACTED:email]=3 [REDACTED:email]_2=2}" {
					t.Errorf("attributes %s", got)
				}
				for _, innocent := range []string{"node-7.eu-west-1.internal", "8080"} {
					if !strings.Contains(all, innocent) {
						t.Errorf("%s is not in %s", innocent, all)
					}
				}
			}
			if scope := ended[5].InstrumentationScope(); scope.Name != "github.com/x/agent" || scope.Version != "v1.2.3" {
				t.Errorf("an innocent scope became %+v", scope)
			}
		})
	}
}

func TestResource(t *testing.T) {
	r := redact.New(redact.Default()...)
	clean := resource.NewSchemaless(attribute.String("service.name", "agent"), attribute.String("host.name", "node-7"))
	if got := redacttrace.Resource(r, clean); got != clean {
		t.Errorf("a clean resource became %v", got)
	}
	if redacttrace.Resource(r, nil) != nil || redacttrace.Resource(nil, clean) != clean {
		t.Error("nothing became something")
	}
}
