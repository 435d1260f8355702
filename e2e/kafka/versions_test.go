// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package kafka_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/e2e/backend"
)

// Agents and gateways are not updated at the same moment, so a gateway reads what agents of another version
// wrote. The files in testdata have the messages of agents of other versions. To record those of one more:
//
//	OTELCOL_AGENT=/path/of/otelcol-contrib go -C e2e test ./kafka -run Versions -update
var update = flag.Bool("update", false, "record the messages of the agent")

// message is a message as an agent wrote it to Kafka.
type message struct {
	Key     string            `json:"key"`
	Headers map[string]string `json:"headers,omitempty"`
	Value   []byte            `json:"value"`
}

// sent sends spans to an agent and returns the messages that it writes to Kafka.
func sent(t *testing.T, spans []*tracepb.ResourceSpans, count int) (messages []message) {
	t.Helper()
	b := startBroker(t)
	agent := newCollector(t, []string{"agent.yaml", "kafka-agent.yaml", "pii.yaml"}, "KAFKA_BROKER="+b.address)
	if _, err := newClient(t, agent.GRPC).Export(t.Context(), &coltrace.ExportTraceServiceRequest{ResourceSpans: spans}); err != nil {
		t.Fatal(err)
	}
	backend.Eventually(t, "the agent writes the spans", func() bool { return b.spans(t) == count })
	for _, record := range b.read(t) {
		m := message{Key: string(record.Key), Value: record.Value}
		for _, h := range record.Headers {
			if m.Headers == nil {
				m.Headers = make(map[string]string)
			}
			m.Headers[h.Key] = string(h.Value)
		}
		messages = append(messages, m)
	}
	return messages
}

// spansOf returns the spans in messages as they were grouped, and one by one by the messages' key, in the order
// of their IDs.
func spansOf(t *testing.T, messages []message) (spans []*tracepb.ResourceSpans, byKey map[string][]*tracepb.ResourceSpans) {
	t.Helper()
	byKey = make(map[string][]*tracepb.ResourceSpans)
	for _, m := range messages {
		for _, rs := range decode(t, &kgo.Record{Value: m.Value}).GetResourceSpans() {
			spans = append(spans, rs)
			for _, ss := range rs.GetScopeSpans() {
				for _, s := range ss.GetSpans() {
					one := &tracepb.ScopeSpans{Scope: ss.GetScope(), SchemaUrl: ss.GetSchemaUrl(), Spans: []*tracepb.Span{s}}
					byKey[m.Key] = append(byKey[m.Key], &tracepb.ResourceSpans{Resource: rs.GetResource(), SchemaUrl: rs.GetSchemaUrl(), ScopeSpans: []*tracepb.ScopeSpans{one}})
				}
			}
		}
	}
	for _, of := range byKey {
		slices.SortFunc(of, func(a, b *tracepb.ResourceSpans) int { return bytes.Compare(idOf(a), idOf(b)) })
	}
	return spans, byKey
}

// idOf returns the ID of the only span.
func idOf(rs *tracepb.ResourceSpans) []byte { return rs.GetScopeSpans()[0].GetSpans()[0].GetSpanId() }

// headersOf returns the headers that messages have, each once.
func headersOf(messages []message) []string {
	var headers []string
	for _, m := range messages {
		for name, value := range m.Headers {
			headers = append(headers, name+"="+value)
		}
	}
	slices.Sort(headers)
	return slices.Compact(headers)
}

// recorded returns the messages in the files of testdata, by the version of the agent.
func recorded(t *testing.T) map[string][]message {
	t.Helper()
	files, err := filepath.Glob("testdata/agent-*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata has %v, %v", files, err)
	}
	messages := make(map[string][]message)
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		version := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "agent-"), ".jsonl")
		for lines := json.NewDecoder(bytes.NewReader(text)); ; {
			var m message
			if err := lines.Decode(&m); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			messages[version] = append(messages[version], m)
		}
	}
	return messages
}

// record writes the messages of the agent's version to testdata.
func record(t *testing.T) {
	t.Helper()
	program := os.Getenv("OTELCOL_AGENT")
	out, err := exec.CommandContext(t.Context(), program, "--version").Output()
	if err != nil {
		t.Fatalf("set OTELCOL_AGENT to the agent's program: %v", err)
	}
	words := strings.Fields(string(out)) // otelcol version 0.150.0
	var spans []*tracepb.Span
	for range 3 {
		spans = append(spans, repeat(oneCall(t))...)
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	name := &commonpb.KeyValue{Key: "service.name", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: "voiceagent"}}}
	for _, m := range sent(t, []*tracepb.ResourceSpans{{
		Resource:   &resourcepb.Resource{Attributes: []*commonpb.KeyValue{name}},
		ScopeSpans: []*tracepb.ScopeSpans{{Scope: &commonpb.InstrumentationScope{Name: "otelvoice"}, Spans: spans}},
	}}, len(spans)) {
		if err := encoder.Encode(m); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join("testdata", "agent-"+words[len(words)-1]+".jsonl")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A gateway keeps the calls whose spans agents of other versions wrote, each span once. Agents write the same spans in the same
// way, so gateways of other versions read theirs.
func TestVersions(t *testing.T) {
	t.Parallel()
	if *update {
		record(t)
	}
	for version, messages := range recorded(t) {
		spans, before := spansOf(t, messages)
		count := 0
		for _, of := range before {
			count += len(of)
		}
		if len(before) != 3 || count < 3 {
			t.Fatalf("%s: %d spans of %d calls", version, count, len(before))
		}
		t.Run("agents of "+version, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, startBroker(t), 0)
			f.gateway(t, f.kept.HTTPEndpoint(), all)
			client := f.broker.client(t)
			for _, m := range messages {
				r := &kgo.Record{Topic: topic, Key: []byte(m.Key), Value: m.Value}
				for name, value := range m.Headers {
					r.Headers = append(r.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
				}
				if err := client.ProduceSync(t.Context(), r).FirstErr(); err != nil {
					t.Fatal(err)
				}
			}
			backend.Eventually(t, "the gateway keeps the spans", func() bool { return len(f.kept.AllSpans()) >= count })
			second() // A span that arrives twice is late.
			if got := len(f.kept.AllSpans()); got != count {
				t.Errorf("%d spans arrived, want %d", got, count)
			}
			for _, s := range f.kept.AllSpans() {
				key, id := hex.EncodeToString(s.GetTraceId()), s.GetSpanId()
				if !slices.ContainsFunc(before[key], func(rs *tracepb.ResourceSpans) bool { return bytes.Equal(idOf(rs), id) }) {
					t.Errorf("the span %x of %s was not written", id, key)
				}
			}
		})
		t.Run("gateways of "+version, func(t *testing.T) {
			t.Parallel()
			now := sent(t, spans, count)
			_, after := spansOf(t, now)
			if !maps.EqualFunc(before, after, func(a, b []*tracepb.ResourceSpans) bool {
				return slices.EqualFunc(a, b, func(a, b *tracepb.ResourceSpans) bool { return proto.Equal(a, b) })
			}) {
				t.Errorf("the messages are\n%v\nthose of %s\n%v", after, version, before)
			}
			if got, want := headersOf(now), headersOf(messages); !slices.Equal(got, want) {
				t.Errorf("the headers are %q, those of %s %q", got, version, want)
			}
		})
	}
}
