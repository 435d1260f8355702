// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package triage

import (
	"slices"
	"testing"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/internal/otlp"
	"github.com/voice-agents/telemetry/internal/spool/segment"
	"github.com/voice-agents/telemetry/semconv"
)

var now = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// id is an ID of a trace or a span that ends with a byte.
func id(size int, last byte) []byte { return append(make([]byte, size-1), last) }

func text(key, value string) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: key, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: value}}}
}

func number(key string, value float64) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: key, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: value}}}
}

// span is a span that ended a second ago. Parent 0 is none.
func span(trace, self, parent byte, attributes ...*commonpb.KeyValue) *tracepb.Span {
	s := &tracepb.Span{TraceId: id(16, trace), SpanId: id(8, self), EndTimeUnixNano: uint64(now.Add(-time.Second).UnixNano()), Attributes: attributes}
	if parent != 0 {
		s.ParentSpanId = id(8, parent)
	}
	return s
}

func turnOf(id string) *commonpb.KeyValue { return text(string(semconv.VoiceTurnIDKey), id) }

func outcome(o string) *commonpb.KeyValue { return text(string(semconv.VoiceTurnOutcomeKey), o) }

func failed(s *tracepb.Span) *tracepb.Span {
	s.Status = &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR}
	return s
}

func longAgo(s *tracepb.Span) *tracepb.Span {
	s.EndTimeUnixNano = uint64(now.Add(-2 * openFor).UnixNano())
	return s
}

func requestOf(tb testing.TB, spans ...*tracepb.Span) []byte {
	tb.Helper()
	b, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{{Spans: spans}}}}})
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestVerdictsOfSpans(t *testing.T) {
	const completed = semconv.VoiceTurnOutcomeCompleted
	for _, tt := range []struct {
		name  string
		spans []*tracepb.Span
		want  []Verdict
	}{
		{"an ordinary turn", []*tracepb.Span{span(1, 3, 2, turnOf("a")), span(1, 2, 1, turnOf("a"), outcome(completed))}, []Verdict{Drop, Drop}},
		{"an interrupted turn", []*tracepb.Span{span(1, 3, 2, turnOf("a")), span(1, 2, 1, turnOf("a"), outcome(semconv.VoiceTurnOutcomeInterrupted))}, []Verdict{Keep, Keep}},
		{"a turn with a failed stage", []*tracepb.Span{failed(span(1, 3, 2, turnOf("a"))), span(1, 2, 1, turnOf("a"), outcome(completed))}, []Verdict{Keep, Keep}},
		{"a slow turn", []*tracepb.Span{span(1, 3, 2, turnOf("a")), span(1, 2, 1, turnOf("a"), outcome(completed), number(string(semconv.VoiceTurnResponseLatencyKey), 2.1))}, []Verdict{Keep, Keep}},
		{"a turn of two seconds", []*tracepb.Span{span(1, 2, 1, turnOf("a"), outcome(completed), number(string(semconv.VoiceTurnResponseLatencyKey), 2))}, []Verdict{Drop}},
		{"a turn over a budget", []*tracepb.Span{span(1, 2, 1, turnOf("a"), outcome(completed), text(string(semconv.VoiceTurnOverBudgetKey), "generation"))}, []Verdict{Keep}},
		{"two turns of a call", []*tracepb.Span{failed(span(1, 3, 2, turnOf("a"), outcome("failed"))), span(1, 4, 2, turnOf("b"), outcome(completed))}, []Verdict{Keep, Drop}},
		{"the same turn ID in two traces", []*tracepb.Span{failed(span(1, 3, 2, turnOf("a"), outcome("failed"))), span(2, 3, 2, turnOf("a"), outcome(completed))}, []Verdict{Keep, Drop}},
		{"a turn that goes on", []*tracepb.Span{span(1, 3, 2, turnOf("a"))}, []Verdict{Undecided}},
		{"a turn whose end is overdue", []*tracepb.Span{longAgo(span(1, 3, 2, turnOf("a")))}, []Verdict{Drop}},
		{"an HTTP request below a stage", []*tracepb.Span{span(1, 4, 3), span(1, 3, 2, turnOf("a")), span(1, 2, 1, turnOf("a"), outcome("interrupted"))}, []Verdict{Keep, Keep, Keep}},
		{"the end of a session", []*tracepb.Span{span(1, 1, 0, number(string(semconv.VoiceSessionTurnCountKey), 3))}, []Verdict{Keep}},
		{"a root span of no turn", []*tracepb.Span{span(1, 1, 0)}, []Verdict{Drop}},
		{"a failed root span of no turn", []*tracepb.Span{failed(span(1, 1, 0)), span(1, 2, 1)}, []Verdict{Keep, Keep}},
		{"spans that are each other's parents", []*tracepb.Span{span(1, 1, 2), span(1, 2, 1)}, []Verdict{Drop, Drop}},
		{"a span that is its own parent", []*tracepb.Span{span(1, 1, 1)}, []Verdict{Drop}},
		{"a span without IDs", []*tracepb.Span{{}}, []Verdict{Drop}},
		{"nothing", nil, []Verdict{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Judge([][]byte{requestOf(t, tt.spans...)}, nil, segment.Traces, now)[0]; !slices.Equal(got, tt.want) {
				t.Errorf("verdicts %v, want %v", got, tt.want)
			}
		})
	}
}

// What is being sent decides about the rest of its turn, and a turn has one verdict in all requests.
func TestVerdictsAcrossRequests(t *testing.T) {
	rest := requestOf(t, span(1, 2, 1, turnOf("a"), outcome(semconv.VoiceTurnOutcomeCompleted)))
	if got := Judge([][]byte{rest}, requestOf(t, span(1, 3, 2, turnOf("a"))), segment.Traces, now); !slices.Equal(got[0], []Verdict{Keep}) {
		t.Errorf("the rest of a turn that is being sent: %v, want %v", got[0], Keep)
	}
	got := Judge([][]byte{rest, requestOf(t, failed(span(1, 3, 2, turnOf("a")))), rest}, nil, segment.Traces, now)
	for i, verdicts := range got {
		if !slices.Equal(verdicts, []Verdict{Keep}) {
			t.Errorf("request %d of a turn with an error: %v, want %v", i, verdicts, Keep)
		}
	}
}

func TestVerdictsOfLogRecords(t *testing.T) {
	record := func(severity logspb.SeverityNumber, attributes ...*commonpb.KeyValue) *logspb.LogRecord {
		return &logspb.LogRecord{TraceId: id(16, 1), TimeUnixNano: uint64(now.UnixNano()), SeverityNumber: severity, Attributes: attributes}
	}
	const info, warning = logspb.SeverityNumber_SEVERITY_NUMBER_INFO, logspb.SeverityNumber_SEVERITY_NUMBER_WARN
	ended := outcome(semconv.VoiceTurnOutcomeCompleted)
	records := []*logspb.LogRecord{
		record(info, turnOf("a")), record(info, turnOf("a"), ended), // An ordinary turn.
		record(info, turnOf("b")), record(warning, turnOf("b")), record(info, turnOf("b"), ended),
		record(info, turnOf("c")), // It goes on.
		record(info), record(warning), record(info, number(string(semconv.VoiceSessionTurnCountKey), 3)),
	}
	request, err := proto.Marshal(&logspb.LogsData{ResourceLogs: []*logspb.ResourceLogs{{ScopeLogs: []*logspb.ScopeLogs{{LogRecords: records}}}}})
	if err != nil {
		t.Fatal(err)
	}
	want := []Verdict{Drop, Drop, Keep, Keep, Keep, Undecided, Drop, Keep, Keep}
	if got := Judge([][]byte{request}, nil, segment.Logs, now)[0]; !slices.Equal(got, want) {
		t.Errorf("verdicts %v, want %v", got, want)
	}
}

// Each item of any bytes has a verdict, so that they can be filtered by it.
func FuzzJudge(f *testing.F) {
	f.Add(requestOf(f, failed(span(1, 3, 2, turnOf("a"))), span(1, 2, 1, turnOf("a"), outcome("completed"))), []byte{}, true)
	f.Add([]byte{0x0a, 0x02, 0x12}, []byte{0x0a}, false)
	f.Fuzz(func(t *testing.T, request, sent []byte, spans bool) {
		signal := segment.Logs
		if spans {
			signal = segment.Traces
		}
		got := Judge([][]byte{request, nil, request}, sent, signal, now)
		for i, b := range [][]byte{request, nil, request} {
			if n := otlp.CountItems(b, otlp.Items); len(got[i]) != n {
				t.Errorf("request %d: %d verdicts of %d items", i, len(got[i]), n)
			}
		}
	})
}
