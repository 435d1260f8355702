// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package consolespan_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/consolespan"
)

// pythonText is what ReadableSpan.to_json gives.
const pythonText = `{
    "name": "turn",
    "context": {
        "trace_id": "0x5b8aa5a2d2c872e8321cf37308d69df2",
        "span_id": "0x051581bf3cb55c13",
        "trace_state": "[]"
    },
    "kind": "SpanKind.CLIENT",
    "parent_id": "0x5fb397be34d26b51",
    "start_time": "2026-02-02T02:40:00.000001Z",
    "end_time": "2026-02-02T02:40:05.500000Z",
    "status": {
        "status_code": "ERROR",
        "description": "the line is dead"
    },
    "attributes": {
        "turn.number": 1,
        "turn.duration_seconds": 5.5,
        "tags": ["a", "b"]
    },
    "events": [
        {
            "name": "exception",
            "timestamp": "2026-02-02T02:40:01.000000Z",
            "attributes": {"exception.type": "OSError"}
        }
    ],
    "links": [
        {
            "context": {
                "trace_id": "0x6b8aa5a2d2c872e8321cf37308d69df2",
                "span_id": "0x061581bf3cb55c13",
                "trace_state": "[]"
            },
            "attributes": {}
        }
    ],
    "resource": {
        "attributes": {"service.name": "bot"},
        "schema_url": ""
    }
}`

func TestPython(t *testing.T) {
	got, err := consolespan.Parse([]byte(pythonText))
	start := time.Date(2026, 2, 2, 2, 40, 0, 1000, time.UTC)
	attrs := func(key string, v any) signal.Attributes { return signal.Attributes{{Key: key, Value: v}} }
	traceID, _ := trace.TraceIDFromHex("5b8aa5a2d2c872e8321cf37308d69df2")
	spanID, _ := trace.SpanIDFromHex("051581bf3cb55c13")
	parent, _ := trace.SpanIDFromHex("5fb397be34d26b51")
	otherTrace, _ := trace.TraceIDFromHex("6b8aa5a2d2c872e8321cf37308d69df2")
	other, _ := trace.SpanIDFromHex("061581bf3cb55c13")
	want := &signal.Span{
		TraceID: traceID, SpanID: spanID, ParentID: parent, Name: "turn", Kind: "client", Start: start, End: start.Add(5500*time.Millisecond - time.Microsecond),
		Failed: true, Status: "the line is dead",
		Attributes: signal.Attributes{{Key: "tags", Value: []any{"a", "b"}}, {Key: "turn.duration_seconds", Value: 5.5}, {Key: "turn.number", Value: int64(1)}},
		Events:     []signal.Event{{Name: "exception", Time: start.Add(time.Second - time.Microsecond), Attributes: attrs("exception.type", "OSError")}},
		Links:      []signal.Link{{TraceID: otherTrace, SpanID: other}},
		Resource:   &signal.Resource{Attributes: attrs("service.name", "bot")}, Scope: &signal.Scope{},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("\ngot  %+v, %v\nwant %+v", got, err, want)
	}
}

// A span that has not ended, or whose fields are null, is read; another program's object is not.
func TestPythonOthers(t *testing.T) {
	const ids = `"context":{"trace_id":"0x5b8aa5a2d2c872e8321cf37308d69df2","span_id":"0x051581bf3cb55c13"}`
	for _, tt := range []struct {
		name, text      string
		isSpan, isOther bool
	}{
		{"nulls", `{"name":"x",` + ids + `,"parent_id":null,"start_time":null,"end_time":null,"attributes":null,"events":null,"links":null}`, true, false},
		{"a context of another kind", `{"name":"x","context":"trace_id","trace_id":"7","start_time":"now"}`, false, true},
		{"a context without IDs", `{"name":"x","context":{"trace_id":"7"},"start_time":"2026-02-02T02:40:00Z"}`, false, true},
		{"without a time", `{"name":"x",` + ids + `}`, false, true},
		{"without a name", `{` + ids + `,"start_time":null}`, false, true},
		{"a time of another form", `{"name":"x",` + ids + `,"start_time":"noon"}`, false, false},
	} {
		_, err := consolespan.Parse([]byte(tt.text))
		if (err == nil) != tt.isSpan || errors.Is(err, consolespan.ErrOther) != tt.isOther {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
