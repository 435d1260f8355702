// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jaegertrace_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/jaegertrace"
)

// aTrace is what Jaeger answers of a trace with two spans.
const aTrace = `{"traceID":"1e9","spans":[
	{"traceID":"1e9","spanID":"ABC","flags":1,"operationName":"turn","references":[
		{"refType":"CHILD_OF","traceID":"1e9","spanID":"00000000000000ff"},
		{"refType":"FOLLOWS_FROM","traceID":"000000000000000000000000000000aa","spanID":"bb"}],
	 "startTime":1764000000000001,"duration":1500000,"processID":"p1","warnings":null,"tags":[
		{"key":"otel.scope.name","type":"string","value":"lib"},{"key":"otel.scope.version","type":"string","value":"1.2"},
		{"key":"span.kind","type":"string","value":"client"},{"key":"otel.status_code","type":"string","value":"ERROR"},
		{"key":"error","type":"bool","value":true},{"key":"otel.status_description","type":"string","value":"it broke"},
		{"key":"n","type":"int64","value":9223372036854775807},{"key":"f","type":"float64","value":0.25},{"key":"b","type":"bool","value":false},
		{"key":"list","type":"string","value":"[\"x\",\"y\"]"},{"key":"text","type":"string","value":"[not a list"}],
	 "logs":[{"timestamp":1764000000000002,"fields":[{"key":"event","type":"string","value":"said"},{"key":"k","type":"string","value":"v"}]}]},
	{"traceID":"1e9","spanID":"00000000000000ff","operationName":"session","references":[],"startTime":1764000000000000,"duration":-1,"processID":"p2","tags":[],"logs":[]}],
	"processes":{"p1":{"serviceName":"agent","tags":[{"key":"host.name","type":"string","value":"h"}]}}}`

func TestParse(t *testing.T) {
	for name, text := range map[string]string{
		"an answer of the API": `{"data":[` + aTrace + `],"total":0,"limit":0,"offset":0,"errors":null}`,
		"a trace":              aTrace,
	} {
		batch, err := jaegertrace.Parse([]byte(text))
		if err != nil || len(batch.Spans) != 2 {
			t.Fatalf("%s: %v, %+v", name, err, batch)
		}
		s, session := batch.Spans[0], batch.Spans[1]
		n, _ := s.Attributes.Int("n")
		f, _ := s.Attributes.Float("f")
		b, isBool := s.Attributes.Bool("b")
		if s.TraceID.String() != strings.Repeat("0", 29)+"1e9" || s.SpanID.String() != "0000000000000abc" || s.ParentID != session.SpanID || s.Name != "turn" || s.Kind != "client" ||
			!s.Failed || s.Status != "it broke" || s.Scope.Name != "lib" || s.Scope.Version != "1.2" || s.Start.UnixMicro() != 1764000000000001 || s.End.Sub(s.Start) != 1500*time.Millisecond {
			t.Errorf("%s: got %+v, %+v", name, s, s.Scope)
		}
		if n != 1<<63-1 || f != 0.25 || b || !isBool || len(s.Attributes.Texts("list")) != 2 || s.Attributes.Text("text") != "[not a list" || len(s.Attributes) != 5 {
			t.Errorf("%s: got %v", name, s.Attributes)
		}
		if len(s.Links) != 1 || s.Links[0].SpanID.String() != "00000000000000bb" || len(s.Events) != 1 || s.Events[0].Name != "said" || s.Events[0].Attributes.Text("k") != "v" {
			t.Errorf("%s: got %v, %v", name, s.Links, s.Events)
		}
		if s.Resource.Attributes.Text("service.name") != "agent" || s.Resource.Attributes.Text("host.name") != "h" {
			t.Errorf("%s: got %v", name, s.Resource)
		}
		if session.ParentID.IsValid() || session.Failed || session.Kind != "internal" || !session.End.IsZero() || session.Resource == nil || session.Scope == nil {
			t.Errorf("%s: got %+v", name, session)
		}
	}
}

func TestOthers(t *testing.T) {
	for name, text := range map[string]string{
		"another object":    `{"a":1}`,
		"no spans":          `{"data":[{"traceID":"1","spans":[],"operationName":1}]}`,
		"a text about them": `{"message":"\"traceID\" \"operationName\""}`,
	} {
		if batch, err := jaegertrace.Parse([]byte(text)); !errors.Is(err, jaegertrace.ErrOther) {
			t.Errorf("%s: %v, %v", name, batch, err)
		}
	}
	if batch, err := jaegertrace.Parse([]byte(`{"data":[{"traceID":"1","spans":[{"operationName":7}]}]}`)); err == nil || errors.Is(err, jaegertrace.ErrOther) {
		t.Errorf("fields of other types: %v, %v", batch, err)
	}
}

// FuzzParse looks for panics, and for spans without what is never nil in a batch.
func FuzzParse(f *testing.F) {
	f.Add([]byte(aTrace))
	f.Add([]byte(`{"data":[` + aTrace + `]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		batch, err := jaegertrace.Parse(text)
		if err != nil {
			return
		}
		for _, s := range batch.Spans {
			if s.Resource == nil || s.Scope == nil {
				t.Errorf("got %+v", s)
			}
		}
	})
}

// A duration that no clock has gives no end: an end before the start would be worse.
func TestDurationsThatCannotBe(t *testing.T) {
	for _, duration := range []string{"-1", "9223372036854775807", "9223372036854775"} {
		batch, err := jaegertrace.Parse([]byte(`{"data":[{"spans":[{"traceID":"1","spanID":"2","operationName":"turn","startTime":1764000000000000,"duration":` + duration + `}]}]}`))
		if err != nil {
			t.Fatal(err)
		}
		if s := batch.Spans[0]; s.Start.IsZero() || !s.End.IsZero() {
			t.Errorf("%s: from %v to %v, want no end", duration, s.Start, s.End)
		}
	}
}
