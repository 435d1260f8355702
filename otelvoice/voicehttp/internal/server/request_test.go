// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"encoding/binary"
	"net/http"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/identity"
)

// requestIDs formats in one allocation; its results equal those of the packages of each ID.
func TestRequestIDs(t *testing.T) {
	for flags := range 256 {
		var sid trace.SpanID
		binary.BigEndian.PutUint64(sid[:], 0x9e3779b97f4a7c15*uint64(flags+1))
		sc := trace.NewSpanContext(trace.SpanContextConfig{
			TraceID:    identity.NewTraceID(),
			SpanID:     sid,
			TraceFlags: trace.TraceFlags(flags),
		})
		want := http.Header{}
		propagation.TraceContext{}.Inject(trace.ContextWithSpanContext(t.Context(), sc), propagation.HeaderCarrier(want))
		requestID, uuid, traceparent := requestIDs(sc)
		if requestID != identity.RequestID(sc.SpanID()) {
			t.Errorf("request ID %s of span %s", requestID, sc.SpanID())
		}
		if uuid != identity.Format(sc.TraceID()) {
			t.Errorf("UUID %s of trace %s", uuid, sc.TraceID())
		}
		if traceparent != want.Get("Traceparent") {
			t.Errorf("traceparent\ngot  %s\nwant %s", traceparent, want.Get("Traceparent"))
		}
	}
}
