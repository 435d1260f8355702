// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlpdata_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/otlpdata"
)

// The span that each spelling is of.
const (
	traceHex  = "5b8efff798038103d269b633813fc60c"
	spanHex   = "eee19b7ec3c1b174"
	parentHex = "00f067aa0ba902b7"
	aSpan     = `{"traceId":"` + traceHex + `","spanId":"` + spanHex + `","parentSpanId":"` + parentHex + `","name":"turn","kind":3,` +
		`"startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000","status":{"code":2,"message":"m"},` +
		`"attributes":[{"key":"s","value":{"stringValue":"x"}},{"key":"n","value":{"intValue":"7"}},{"key":"l","value":{"arrayValue":{"values":[{"stringValue":"a"},{}]}}}]}`
	aScope = `{"scope":{"name":"lib"},"spans":[` + aSpan + `]}`
	traces = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"agent"}}]},"scopeSpans":[` + aScope + `]}]}`
)

// inSnakeCase has the names as protocol buffers have them.
var inSnakeCase = strings.NewReplacer(
	"resourceSpans", "resource_spans", "scopeSpans", "scope_spans", "traceId", "trace_id", "spanId", "span_id", "parentSpanId", "parent_span_id",
	"startTimeUnixNano", "start_time_unix_nano", "endTimeUnixNano", "end_time_unix_nano", "stringValue", "string_value", "intValue", "int_value", "arrayValue", "array_value",
)

// inBase64 has the IDs as the JSON of protocol buffers has bytes.
var inBase64 = strings.NewReplacer(traceHex, "W47/95gDgQPSabYzgT/GDA==", spanHex, "7uGbfsPBsXQ=", parentHex, "APBnqgupArc=")

func replaced(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(traces) }

func TestSpellings(t *testing.T) {
	for name, text := range map[string]string{
		"OTLP":                          traces,
		"another field first":           strings.Replace(traces, "{", `{"schema":[1],`, 1),
		"snake_case":                    inSnakeCase.Replace(traces),
		"IDs in base64":                 inBase64.Replace(traces),
		"IDs in base64 without padding": strings.NewReplacer("==", "", "174=", "174").Replace(inBase64.Replace(traces)),
		"IDs in upper case":             replaced(traceHex, strings.ToUpper(traceHex), spanHex, strings.ToUpper(spanHex)),
		"IDs with 0x":                   replaced(traceHex, "0x"+traceHex, spanHex, "0x"+spanHex),
		"an ID without its first zeros": replaced(parentHex, strings.TrimLeft(parentHex, "0")),
		"kinds and codes by name":       replaced(`"kind":3`, `"kind":"SPAN_KIND_CLIENT"`, `"code":2`, `"code":"STATUS_CODE_ERROR"`),
		"numbers as numbers":            replaced(`"1544712660000000000"`, "1544712660000000000", `"7"`, "7"),
		"numbers with exponents":        replaced(`"1544712660000000000"`, "1.54471266e18", `"1544712661000000000"`, "1544712661E9", `"7"`, "7.0"),
		"null for what is absent":       replaced(`"name":"turn"`, `"name":"turn","events":null,"links":null,"droppedLinksCount":null,"traceState":null`),
		"scopes of old versions":        replaced("scopeSpans", "instrumentationLibrarySpans", `"scope"`, `"instrumentationLibrary"`),
		"a trace of Tempo":              inBase64.Replace(replaced("resourceSpans", "batches", `"kind":3`, `"kind":"SPAN_KIND_CLIENT"`)),
		"a trace of Tempo's second API": inBase64.Replace(`{"trace":` + traces + `,"metrics":{}}`),
		"a trace of Jaeger's third API": `{"result":` + traces + `}`,
		"Go's own JSON":                 inBase64.Replace(inSnakeCase.Replace(replaced(`"value":{"stringValue":"x"}`, `"value":{"Value":{"StringValue":"x"}}`, `"7"`, "7"))),
	} {
		for reader, read := range map[string]func([]byte) (*signal.Batch, error){"of a file": otlpdata.JSON, "of a request": otlpdata.TracesJSON} {
			t.Run(name+" "+reader, func(t *testing.T) {
				batch, err := read([]byte(text))
				if err != nil || len(batch.Spans) != 1 {
					t.Fatalf("%v in %s", err, text)
				}
				s := batch.Spans[0]
				n, _ := s.Attributes.Int("n")
				if s.TraceID.String() != traceHex || s.SpanID.String() != spanHex || s.ParentID.String() != parentHex || s.Name != "turn" || s.Kind != "client" ||
					!s.Failed || s.Start.Unix() != 1544712660 || s.End.Unix() != 1544712661 || s.Attributes.Text("s") != "x" || n != 7 ||
					len(s.Attributes.Get("l").([]any)) != 2 || s.Scope.Name != "lib" || s.Resource.Attributes.Text("service.name") != "agent" {
					t.Errorf("got %+v, %v, %v", s, s.Scope, s.Resource)
				}
			})
		}
	}
}

// Records and points have the same spellings as spans.
func TestSpellingsOfOtherSignals(t *testing.T) {
	const (
		logs    = `{"resource_logs":[{"scope_logs":[{"log_records":[{"time_unix_nano":1544712660000000000,"severity_number":"SEVERITY_NUMBER_WARN","body":{"string_value":"x"},"trace_id":"W47/95gDgQPSabYzgT/GDA=="}]}]}]}`
		metrics = `{"resource_metrics":[{"scope_metrics":[{"metrics":[{"name":"m","gauge":{"data_points":[{"time_unix_nano":"1","as_double":1}]}}]}]}]}`
	)
	batch, err := otlpdata.LogsJSON([]byte(logs))
	if err != nil || len(batch.Records) != 1 || batch.Records[0].Number != 13 || batch.Records[0].Body != "x" || batch.Records[0].TraceID.String() != traceHex {
		t.Errorf("records: %v, %+v", err, batch)
	}
	if batch, err = otlpdata.MetricsJSON([]byte(metrics)); err != nil || batch.Points != 1 {
		t.Errorf("points: %v, %+v", err, batch)
	}
	both := strings.TrimSuffix(logs, "}") + "," + strings.TrimPrefix(metrics, "{")
	if batch, err = otlpdata.JSON([]byte(both)); err != nil || len(batch.Records) != 1 || batch.Points != 1 {
		t.Errorf("both: %v, %+v", err, batch)
	}
}

func TestNoSpelling(t *testing.T) {
	for name, text := range map[string]string{
		"another object":           `{"message":"about resourceSpans"}`,
		"a field that is no list":  `{"a":1,"resourceSpans":{}}`,
		"a field within a field":   `{"extra":{"resourceSpans":[]}}`,
		"text behind the object":   `{"a":1,"resourceSpans":[]} x`,
		"an object that is cut":    `{"a":1,"resourceSpans":[`,
		"batches of another thing": `{"batches":7}`,
	} {
		if batch, err := otlpdata.JSON([]byte(text)); !errors.Is(err, otlpdata.ErrNotOTLP) {
			t.Errorf("%s: %v, %v", name, batch, err)
		}
	}
	for name, text := range map[string]string{
		"an ID of another length":   replaced(traceHex, traceHex+"00"),
		"an ID that is none":        replaced(traceHex, "not an ID"),
		"a huge exponent":           replaced(`"1544712660000000000"`, "1e999999999"),
		"a time that is a fraction": replaced(`"1544712660000000000"`, "1.5"),
		"spans that are no list":    replaced(`[`+aSpan+`]`, "7"),
	} {
		if batch, err := otlpdata.JSON([]byte(text)); err == nil {
			t.Errorf("%s: %+v", name, batch)
		}
	}
}

// FuzzJSON looks for panics.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(traces))
	f.Add([]byte(inBase64.Replace(inSnakeCase.Replace(traces))))
	f.Add([]byte(`{"batches":[{"_":null,"Value":{"":1e5}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if batch, err := otlpdata.JSON(text); err == nil && batch == nil {
			t.Error("neither a batch nor an error")
		}
	})
}
