// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// faulty is a recorder that panics.
type faulty struct{ recorder }

func (faulty) event(*wire.Event, time.Time) { panic("fault") }

// A fault ends the recording of a call, and not the program. The session ends with the call.
func TestFault(t *testing.T) {
	sdk, rec := voicetest.Setup(t)
	c := New(t.Context(), Config{Telemetry: sdk.Telemetry})
	conn := c.Connect(&wire.Request{Stage: wire.STT, Provider: "deepgram", Model: "nova-3"}, time.Time{})
	bad := &Connection{call: c, recorder: faulty{}}
	bad.Event(&wire.Event{Kind: wire.Final})
	conn.Event(&wire.Event{Kind: wire.Final, Characters: 5})
	conn.Closed(nil)
	if late := c.Connect(&wire.Request{Stage: wire.STT}, time.Time{}); late != nil {
		t.Error("a connection is recorded after a fault")
	}
	c.End()
	c.End()
	if n := len(rec.Named(semconv.SpanVoiceSession)); n != 1 || len(rec.Named(semconv.SpanVoiceTurn)) != 0 {
		t.Errorf("%d sessions\n%s", n, rec.Shape())
	}
	voicetest.Check(t, rec)
}

// A sentence in place of a class may hold what the user said.
func TestClassOfAProviderError(t *testing.T) {
	for class, want := range map[string]string{"quota_exceeded": "quota_exceeded", "": "_OTHER", "cannot say 'my PIN is 1234'": "_OTHER"} {
		err := &providerError{class: class}
		if got := err.ErrorType(); got != want || strings.Contains(err.Error(), "PIN") {
			t.Errorf("%q is of the type %q: %v", class, got, err)
		}
	}
}

// Names of parameters are found in any case, and with the prefix that Plivo gives them.
func TestParameter(t *testing.T) {
	get := parameter(map[string]string{"X-PH-Traceparent": "a", "x-correlation-id": "b", "customer": "c"})
	for name, want := range map[string]string{"traceparent": "a", "X-Correlation-ID": "b", "Customer": "c", "baggage": ""} {
		if got := get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
