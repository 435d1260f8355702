// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice"
)

// ownGlobals names the variable that has the test binary act as a program that sets globals: those of
// a process are unset only at its start.
const ownGlobals = "OTELVOICE_TEST_OWN_GLOBALS"

// A program without an SDK may set what a Telemetry offers as the globals.
func TestOwnProvidersAsGlobals(t *testing.T) {
	if which := os.Getenv(ownGlobals); which != "" {
		callWithOwnGlobals(t, which)
		return
	}
	const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	const correlation = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"
	for name, want := range map[string]map[string]string{
		"tracers":                   {},
		"loggers":                   {},
		"propagator":                {"traceparent": parent, "X-Correlation-ID": correlation},
		"propagator in a composite": {"traceparent": parent, "X-Correlation-ID": correlation},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOwnProvidersAsGlobals$", "-test.timeout=30s")
			cmd.Env = append(os.Environ(), ownGlobals+"="+name)
			cmd.Stderr = os.Stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v: %.2000s", err, out)
			}
			var got map[string]string
			if err := json.NewDecoder(bytes.NewReader(out)).Decode(&got); err != nil {
				t.Fatalf("%v in %q", err, out)
			}
			for _, header := range []string{"traceparent", "X-Correlation-ID"} {
				if got[header] != want[header] {
					t.Errorf("%s is %q, want %q", header, got[header], want[header])
				}
			}
		})
	}
}

// callWithOwnGlobals makes a call, and prints the headers that the global propagator writes for the
// context of a request with a traceparent.
func callWithOwnGlobals(t *testing.T, which string) {
	t.Helper()
	tel, err := otelvoice.New()
	if err != nil {
		t.Fatal(err)
	}
	switch which {
	case "tracers":
		otel.SetTracerProvider(tel.TracerProvider())
	case "loggers":
		otel.SetLoggerProvider(tel.LoggerProvider())
	case "propagator":
		otel.SetTextMapPropagator(tel.Propagator())
	default:
		otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(tel.Propagator(), propagation.Baggage{}))
	}
	_ = otel.GetTextMapPropagator().Fields()
	in := propagation.MapCarrier{"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
	ctx := otel.GetTextMapPropagator().Extract(t.Context(), in)
	out := propagation.MapCarrier{}
	otel.GetTextMapPropagator().Inject(ctx, out)
	ctx, session := tel.StartSession(ctx)
	ctx, turn := session.StartTurn(ctx)
	tel.Logger("agent").InfoContext(ctx, "a line")
	turn.End()
	session.End()
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		t.Error(err)
	}
}

type (
	panickingTracers struct{ trace.TracerProvider }
	panickingMeters  struct{ metric.MeterProvider }
	panickingLoggers struct{ log.LoggerProvider }
)

func (panickingTracers) Tracer(string, ...trace.TracerOption) trace.Tracer { panic("no tracer") }
func (panickingMeters) Meter(string, ...metric.MeterOption) metric.Meter   { panic("no meter") }
func (panickingLoggers) Logger(string, ...log.LoggerOption) log.Logger     { panic("no logger") }

func TestNewReportsAPanicOfAProvider(t *testing.T) {
	for name, opt := range map[string]otelvoice.Option{
		"tracers": otelvoice.WithTracerProvider(panickingTracers{}),
		"meters":  otelvoice.WithMeterProvider(panickingMeters{}),
		"loggers": otelvoice.WithLoggerProvider(panickingLoggers{}),
	} {
		t.Run(name, func(t *testing.T) {
			tel, err := otelvoice.New(opt)
			if tel != nil || !errors.Is(err, otelvoice.ErrPanic) {
				t.Errorf("got %v, %v", tel, err)
			}
			_, session := tel.StartSession(context.Background())
			session.End()
		})
	}
}
