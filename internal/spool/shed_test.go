// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
	"github.com/voice-agents/telemetry/semconv"
)

// talk makes the requests of calls, and keeps what it made.
type talk struct {
	made  int
	turns map[string]int // Spans of each turn.
	sort  map[string]string
	now   time.Time
	open  []*tracepb.Span
}

func newTalk() *talk {
	return &talk{turns: make(map[string]int), sort: make(map[string]string), now: time.Now()}
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func (k *talk) span(trace, parent []byte, name, turn string, attrs ...*commonpb.KeyValue) *tracepb.Span {
	if turn != "" {
		attrs = append(attrs, textOf(string(semconv.VoiceTurnIDKey), turn))
	}
	attrs = append(attrs, textOf("noise", hex.EncodeToString(random(40))))
	k.open = append(k.open, &tracepb.Span{
		TraceId: trace, SpanId: random(8), ParentSpanId: parent, Name: name, EndTimeUnixNano: uint64(k.now.UnixNano()), Attributes: attrs,
	})
	k.turns[turn]++
	k.made++
	return k.open[len(k.open)-1]
}

func textOf(key, value string) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: key, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: value}}}
}

func numberOf(key string, value float64) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: key, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: value}}}
}

// turn makes the spans of a turn, of which one is not the toolkit's: it has no attributes.
func (k *talk) turn(sort string) {
	id := fmt.Sprintf("%s-%d", sort, len(k.turns))
	k.sort[id] = sort
	trace, above := random(16), random(8)
	stage := k.span(trace, nil, "chat", id)
	k.span(trace, stage.GetSpanId(), "GET", "").Name = id
	k.turns[""]--
	k.turns[id]++
	turn := k.span(trace, above, "voice.turn", id, textOf(string(semconv.VoiceTurnOutcomeKey), map[string]string{"interrupted": "interrupted"}[sort]+map[bool]string{true: "completed"}[sort != "interrupted"]))
	stage.ParentSpanId = turn.GetSpanId()
	switch sort {
	case "error":
		stage.Status = &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR}
	case "slow":
		turn.Attributes = append(turn.Attributes, numberOf(string(semconv.VoiceTurnResponseLatencyKey), 2.5))
	}
}

// session makes the span of a session.
func (k *talk) session() {
	k.span(random(16), nil, "voice.session", "", &commonpb.KeyValue{
		Key: string(semconv.VoiceSessionTurnCountKey), Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: 3}},
	})
}

// requests cuts the spans into requests of n, without regard to turns.
func (k *talk) requests(t *testing.T, n int) (all []segment.Request) {
	t.Helper()
	for spans := range slices.Chunk(k.open, n) {
		body, err := proto.Marshal(&coltrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{{Spans: spans}}}}})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, segment.Request{At: k.now, Items: len(spans), Payload: body, Borrowed: true})
	}
	k.open = nil
	return all
}

// startShort starts a spool with a bound of memory. Its collector, which answers as given, is down until up is called.
func startShort(t *testing.T, bound int64, gzip bool, answer func(n int, w http.ResponseWriter, body string) bool) (s *Spool, f *front, c *testCollector, up func()) {
	t.Helper()
	c = newCollector(t)
	down := make(chan struct{})
	up = sync.OnceFunc(func() { close(down) })
	t.Cleanup(up)
	c.answers(func(n int, w http.ResponseWriter, body string) bool {
		<-down
		return answer(n, w, body)
	})
	s, err := New(queue.Config{MaxMemory: bound})
	if err != nil {
		t.Fatal(err)
	}
	if f, err = s.front(segment.Traces, collector.Endpoint{URL: c.URL, Gzip: gzip, Timeout: time.Minute}); err != nil {
		t.Fatal(err)
	}
	return s, f, c, up
}

// arrived counts the spans of each turn in what a collector received.
func arrived(t *testing.T, bodies []string) (turns map[string]int, spans int) {
	t.Helper()
	turns = make(map[string]int)
	for _, body := range bodies {
		var request coltrace.ExportTraceServiceRequest
		if err := proto.Unmarshal([]byte(body), &request); err != nil {
			t.Fatal(err)
		}
		for _, r := range request.GetResourceSpans() {
			for _, s := range r.GetScopeSpans() {
				for _, span := range s.GetSpans() {
					spans++
					id := span.GetName()
					for _, kv := range span.GetAttributes() {
						if kv.GetKey() == string(semconv.VoiceTurnIDKey) {
							id = kv.GetValue().GetStringValue()
						}
					}
					turns[id]++
				}
			}
		}
	}
	return turns, spans
}

// While the collector is away, memory keeps its bound, and what is to be kept stays: turns with
// an error, an interruption or a slow answer, whole, and the ends of sessions. Each lost span is counted.
func TestWhatIsDroppedFirst(t *testing.T) {
	const bound = 512 << 10
	for _, size := range []int{7, 100, 1000} { // Turns are cut by the ends of requests.
		for _, gzip := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d spans in a request, gzip %v", size, gzip), func(t *testing.T) {
				s, f, c, up := startShort(t, bound, gzip, func(int, http.ResponseWriter, string) bool { return true })
				k := newTalk()
				sessions := 0
				for i := range 6000 {
					sort := "ordinary"
					switch i % 100 {
					case 10:
						sort = "error"
					case 40:
						sort = "slow"
					case 70:
						sort = "interrupted"
					case 99:
						k.session()
						sessions++
					}
					k.turn(sort)
				}
				for _, r := range k.requests(t, size) {
					if err := f.put(r); err != nil {
						t.Fatal(err)
					}
					if h := s.Health()[0]; h.Memory > bound {
						t.Fatalf("%d bytes wait, the bound is %d", h.Memory, bound)
					}
				}
				h := s.Health()[0]
				lost := h.Dropped[report.ReasonSampled]
				if int(lost)+h.Items != k.made || lost == 0 || h.Dropped[report.ReasonFull] > 0 {
					t.Errorf("%d wait, %v lost of %d", h.Items, h.Dropped, k.made)
				}
				up()
				flush(t, s)
				turns, spans := arrived(t, c.got())
				if h := s.Health()[0]; int(h.Sent) != spans || int(h.Sent+lost) != k.made {
					t.Errorf("%d arrived, %d counted as sent, %d as lost, of %d", spans, h.Sent, lost, k.made)
				}
				if turns["voice.session"] != sessions {
					t.Errorf("the ends of %d of %d sessions arrived", turns["voice.session"], sessions)
				}
				whole := make(map[string]int)
				parts := 0
				for id, sort := range k.sort {
					switch turns[id] {
					case k.turns[id]:
						whole[sort]++
					case 0:
					default:
						parts++
					}
				}
				t.Logf("whole turns: %v; parts of %d; %d bytes", whole, parts, h.Memory)
				for sort := range maps.Keys(map[string]bool{"error": true, "slow": true, "interrupted": true}) {
					if whole[sort] != 60 {
						t.Errorf("%d of 60 turns of %s arrived", whole[sort], sort)
					}
				}
				if parts > 0 {
					t.Errorf("parts of %d turns arrived", parts)
				}
				if err := s.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
