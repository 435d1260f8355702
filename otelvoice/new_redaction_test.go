// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"errors"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/redact"
)

// All data recorded through a Telemetry reaches the program's SDK without secrets.
func TestNewRedacts(t *testing.T) {
	const (
		mail    = "jane@example.com"
		patient = "patient 4711"
	)
	for _, tt := range []struct {
		name  string
		opts  []otelvoice.Option
		mail  bool // The address is recorded.
		named bool // The patient's name is recorded.
	}{
		{"default rules", nil, false, true},
		{"rule added", []otelvoice.Option{otelvoice.WithRedaction(redact.Keys("patient"))}, false, false},
		{"rule instead", []otelvoice.Option{otelvoice.WithoutDefaultRedaction(), otelvoice.WithRedaction(redact.Keys("patient"))}, true, false},
		{"no rules", []otelvoice.Option{otelvoice.WithoutDefaultRedaction()}, true, true},
	} {
		record := map[string]func(t *testing.T, tel *otelvoice.Telemetry){
			"session": func(t *testing.T, tel *otelvoice.Telemetry) {
				t.Helper()
				ctx, session := tel.StartSession(t.Context(), otelvoice.WithAttributes(attribute.String("note", mail), attribute.String("patient", patient)))
				ctx, turn := session.StartTurn(ctx)
				_, llm := turn.StartLLM(ctx, gpt)
				llm.End(errors.New("no account for " + mail))
				turn.End()
				session.End()
			},
			"span": func(t *testing.T, tel *otelvoice.Telemetry) {
				t.Helper()
				tracer := tel.TracerProvider().Tracer("by "+mail, trace.WithInstrumentationAttributes(attribute.String("patient", patient)))
				_, span := tracer.Start(t.Context(), "call "+mail, trace.WithAttributes(attribute.String("patient", patient)))
				span.RecordError(errors.New("no account for " + mail)) //nolint:forbidigo // A program may call it.
				span.End()
			},
			"metric": func(t *testing.T, tel *otelvoice.Telemetry) {
				t.Helper()
				counter, err := tel.MeterProvider().Meter("m").Int64Counter("calls")
				if err != nil {
					t.Fatal(err)
				}
				counter.Add(t.Context(), 1, metric.WithAttributes(attribute.String("by", mail), attribute.String("patient", patient)))
			},
			"log record": func(t *testing.T, tel *otelvoice.Telemetry) {
				t.Helper()
				tel.Logger("of "+mail).Info("mail to "+mail, "patient", patient, "error", errors.New(mail))
			},
		}
		for signal, record := range record {
			t.Run(tt.name+"/"+signal, func(t *testing.T) {
				own := newOwnSDK()
				record(t, own.start(t, tt.opts...))
				text := own.text(t)
				if got := strings.Contains(text, mail); got != tt.mail {
					t.Errorf("the address is recorded: %v, want %v\n%s", got, tt.mail, text)
				}
				if got := strings.Contains(text, patient); got != tt.named {
					t.Errorf("the patient is recorded: %v, want %v\n%s", got, tt.named, text)
				}
			})
		}
	}
}

// The toolkit's own instruments are redacted, too: a model's name is an attribute of metrics.
func TestNewRedactsItsOwnMetrics(t *testing.T) {
	own := newOwnSDK()
	tel := own.start(t)
	ctx, session := tel.StartSession(t.Context())
	ctx, turn := session.StartTurn(ctx)
	_, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: "openai", Name: "of-jane@example.com"})
	llm.End(nil)
	session.End()
	if text := own.text(t); strings.Contains(text, "jane@") || !strings.Contains(text, "metric gen_ai.client.") {
		t.Error(text)
	}
}
