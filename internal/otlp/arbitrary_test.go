// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// arbitrary derives telemetry from the bytes of a fuzzer. Nothing is cleaned: texts may be
// invalid UTF-8, keys may be empty or repeated, numbers and times may be out of range.
type arbitrary struct {
	data  []byte
	valid bool // All text is valid UTF-8 and no value is bytes: half of the inputs need no cleaning.
}

func newArbitrary(data []byte) *arbitrary {
	a := &arbitrary{data: data}
	a.valid = a.yes()
	return a
}

// addSeeds adds random inputs, so that a run without a corpus covers all kinds of values.
func addSeeds(f *testing.F) {
	f.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		b := make([]byte, 16+random.IntN(800))
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		f.Add(b)
	}
}

// n returns a number below limit; 0 when the bytes are used up.
func (a *arbitrary) n(limit int) int {
	if len(a.data) == 0 {
		return 0
	}
	b := a.data[0]
	a.data = a.data[1:]
	return int(b) % limit
}

func (a *arbitrary) yes() bool { return a.n(2) == 1 }

func (a *arbitrary) uint64() uint64 {
	var b [8]byte
	a.data = a.data[copy(b[:], a.data):]
	return binary.LittleEndian.Uint64(b[:])
}

func (a *arbitrary) int64() int64 {
	switch a.n(4) {
	case 0:
		return int64(a.n(200)) - 100
	case 1:
		return []int64{0, math.MinInt64, math.MaxInt64, math.MaxInt32, math.MinInt32, math.MaxUint32 + 1}[a.n(6)]
	default:
		return int64(a.uint64())
	}
}

func (a *arbitrary) float64() float64 {
	if a.yes() {
		return []float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), math.SmallestNonzeroFloat64}[a.n(6)]
	}
	return math.Float64frombits(a.uint64())
}

func (a *arbitrary) bytes(n int) []byte {
	n = min(n, len(a.data))
	b := a.data[:n:n]
	a.data = a.data[n:]
	return b
}

// text returns a text. Some have the lengths at which a size takes one more byte.
func (a *arbitrary) text() string {
	s := a.anyText()
	if a.valid && !utf8.ValidString(s) {
		return strconv.QuoteToASCII(s)
	}
	return s
}

func (a *arbitrary) anyText() string {
	switch a.n(12) {
	case 0:
		return ""
	case 1, 2, 3, 4:
		return []string{"session.id", "gen_ai.request.model", "k", "said"}[a.n(4)]
	case 5:
		return "Grüezi, 世界 👋"
	case 6:
		return strings.Repeat("x", 110+a.n(30))
	case 7:
		return strings.Repeat("é", []int{150, 8190, 8192}[a.n(3)])
	case 8:
		return strings.Repeat("x", 16370+a.n(30))
	case 9:
		return []string{"a\xff", "a\xfe", "a\uFFFD", "caf\xc3", "\xed\xa0\x80", "\xc0\x80", "a\x00b"}[a.n(7)]
	default:
		return string(a.bytes(a.n(40)))
	}
}

// list returns up to three elements, and nil for none or an empty slice.
func list[T any](a *arbitrary, of func() T) []T {
	n := a.n(5)
	if n == 4 {
		return nil
	}
	s := make([]T, 0, n)
	for range n {
		s = append(s, of())
	}
	return s
}

func (a *arbitrary) value(depth int) attribute.Value {
	kind := a.n(14)
	if a.valid && kind == 9 || depth > cleantext.MaxDepth+5 || a.valid && depth >= cleantext.MaxDepth {
		kind %= 4
	}
	switch kind {
	case 0:
		return attribute.BoolValue(a.yes())
	case 1:
		return attribute.Int64Value(a.int64())
	case 2:
		return attribute.Float64Value(a.float64())
	case 3, 4:
		return attribute.StringValue(a.text())
	case 5:
		return attribute.BoolSliceValue(list(a, a.yes))
	case 6:
		return attribute.Int64SliceValue(list(a, a.int64))
	case 7:
		return attribute.Float64SliceValue(list(a, a.float64))
	case 8:
		return attribute.StringSliceValue(list(a, a.text))
	case 9:
		return attribute.ByteSliceValue(a.bytes(a.n(200)))
	case 10:
		return attribute.Value{}
	case 11:
		return attribute.SliceValue(list(a, func() attribute.Value { return a.value(depth + 1) })...)
	case 12:
		return attribute.MapValue(list(a, func() attribute.KeyValue { return a.pair(depth + 1) })...)
	default: // Nested up to and beyond the limit.
		v := attribute.StringValue(a.text())
		most := cleantext.MaxDepth + 5 - depth
		if a.valid {
			most -= 4
		}
		for range a.n(max(most, 1)) {
			if a.yes() {
				v = attribute.SliceValue(v)
			} else {
				v = attribute.MapValue(attribute.KeyValue{Key: "k", Value: v})
			}
		}
		return v
	}
}

func (a *arbitrary) pair(depth int) attribute.KeyValue {
	return attribute.KeyValue{Key: attribute.Key(a.text()), Value: a.value(depth)}
}

func (a *arbitrary) attributes() []attribute.KeyValue {
	var attrs []attribute.KeyValue
	for range a.n(6) {
		attrs = append(attrs, a.pair(0))
	}
	if len(attrs) > 0 && a.yes() { // A duplicate.
		attrs = append(attrs, attribute.KeyValue{Key: attrs[0].Key, Value: a.value(0)})
	}
	return attrs
}

func (a *arbitrary) time() time.Time {
	switch a.n(4) {
	case 0:
		return []time.Time{{}, time.Unix(0, 0), time.Unix(0, 1), time.Unix(-5, 0), time.Unix(0, math.MaxInt64), time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC)}[a.n(6)]
	case 1:
		return time.Unix(0, a.int64())
	default:
		return time.Unix(1700000000, int64(uint32(a.uint64())))
	}
}

func (a *arbitrary) spanContext(flags trace.TraceFlags) trace.SpanContext {
	var cfg trace.SpanContextConfig
	copy(cfg.TraceID[:], a.bytes(a.n(17)))
	copy(cfg.SpanID[:], a.bytes(a.n(9)))
	cfg.TraceFlags, cfg.Remote = trace.TraceFlags(a.n(256))|flags, a.yes()
	cfg.TraceState, _ = trace.ParseTraceState([]string{"", "vendor=value", "a=1,b=2", string(a.bytes(a.n(20)))}[a.n(4)])
	return trace.NewSpanContext(cfg)
}

func (a *arbitrary) scope() instrumentation.Scope {
	s := instrumentation.Scope{Name: a.text()}
	switch a.n(4) {
	case 0:
		return s
	case 1:
		return instrumentation.Scope{}
	}
	s.Version, s.SchemaURL = a.text(), a.text()
	if a.yes() {
		s.Attributes = attribute.NewSet(a.attributes()...)
	}
	return s
}

func (a *arbitrary) resource() *resource.Resource {
	switch a.n(4) {
	case 0:
		return resource.Empty()
	case 1:
		return resource.NewSchemaless(attribute.String("service.name", a.text()))
	default:
		return resource.NewWithAttributes(a.text(), a.attributes()...)
	}
}

// span returns a sampled span, which is what processors export.
func (a *arbitrary) span() tracetest.SpanStub {
	s := tracetest.SpanStub{
		Name: a.text(), SpanContext: a.spanContext(trace.FlagsSampled), SpanKind: trace.SpanKind(a.n(8) - 1),
		StartTime: a.time(), EndTime: a.time(), Attributes: a.attributes(),
		Status: sdktrace.Status{Code: codes.Code(a.n(5)), Description: a.text()},
	}
	if a.yes() {
		s.Parent = a.spanContext(0)
	}
	for range a.n(3) {
		s.Events = append(s.Events, sdktrace.Event{Name: a.text(), Time: a.time(), Attributes: a.attributes(), DroppedAttributeCount: a.dropped()})
	}
	for range a.n(3) {
		s.Links = append(s.Links, sdktrace.Link{SpanContext: a.spanContext(0), Attributes: a.attributes(), DroppedAttributeCount: a.dropped()})
	}
	s.DroppedAttributes, s.DroppedEvents, s.DroppedLinks = a.dropped(), a.dropped(), a.dropped()
	return s
}

func (a *arbitrary) dropped() int {
	if a.n(3) == 0 {
		return int(a.int64())
	}
	return 0
}

// logRecord returns a record and its span. The observed time is never zero: the current time
// would take its place, which differs from run to run.
func (a *arbitrary) logRecord() (r log.Record, span trace.SpanContext) {
	r.SetTimestamp(a.time())
	r.SetObservedTimestamp(a.time())
	if r.ObservedTimestamp().IsZero() {
		r.SetObservedTimestamp(now)
	}
	r.SetSeverity(log.Severity(a.n(30) - 2))
	r.SetSeverityText(a.text())
	r.SetEventName(a.text())
	if a.yes() {
		r.SetBody(a.value(0))
	}
	if a.n(8) == 0 { // Around the limit of 128.
		for i := range 126 + a.n(5) {
			r.AddAttributes(attribute.KeyValue{Key: attribute.Key("key." + strconv.Itoa(i)), Value: a.value(0)})
		}
	} else {
		r.AddAttributes(a.attributes()...)
	}
	if a.yes() {
		span = a.spanContext(0)
	}
	return r, span
}
