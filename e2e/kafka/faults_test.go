// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package kafka_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/e2e/backend"
)

// few is the number of calls of a test of faults. All are kept.
const few = 20

// all is the variable with which a gateway keeps all calls.
const all = "KEEP_PERCENTAGE=100"

// complete waits until all spans have arrived at the backend, and fails if one is lost or foreign.
func (f *fleet) complete(t *testing.T) {
	t.Helper()
	want := len(f.made.entries(t))
	ids := func() int {
		seen := make(map[string]bool)
		for _, s := range f.kept.AllSpans() {
			seen[string(s.GetSpanId())] = true
		}
		return len(seen)
	}
	for limit := time.Now().Add(2 * time.Minute); ids() < want && time.Now().Before(limit); {
		<-time.After(100 * time.Millisecond)
	}
	v, kept, _ := f.verdict(t, nil)
	t.Logf("%d traces: %s", kept, v)
	if len(v.Lost) > 0 || v.Foreign > 0 || len(v.Written) < want {
		t.Errorf("%s, of %d that were made", v, want)
	}
}

// Agents and gateways start without a broker. The agent keeps spans on disk, also over a kill.
func TestBrokerAwayAtStart(t *testing.T) {
	t.Parallel()
	f := newFleet(t, newBroker(t, kfake.SeedTopics(partitions, topic)), 1)
	f.gateway(t, f.kept.HTTPEndpoint(), all)
	f.talk(t, few, 10*time.Millisecond)
	f.agents[0].logs(t, "unable to open connection to broker")
	f.agents[0].Kill(t)
	f.agents[0].Start(t)
	f.broker.start(t)
	f.complete(t)
}

// The broker goes away between calls and comes back.
func TestBrokerAwayInBetween(t *testing.T) {
	t.Parallel()
	f := newFleet(t, startBroker(t), 1)
	f.gateway(t, f.kept.HTTPEndpoint(), all)
	f.broker.members(t, 1)
	f.talk(t, few, 10*time.Millisecond)
	f.broker.stop()
	f.talk(t, few, 10*time.Millisecond)
	f.agents[0].logs(t, "connection refused") // The producer waits for the answer that it lost.
	f.agents[0].Kill(t)
	f.agents[0].Start(t)
	f.talk(t, few, 10*time.Millisecond)
	f.broker.start(t)
	f.talk(t, few, 10*time.Millisecond)
	f.complete(t)
}

// Without the topic, the agent logs its name and keeps spans on disk until it is created.
func TestTopicMissing(t *testing.T) {
	t.Parallel()
	b := newBroker(t, kfake.AllowAutoTopicCreation()) // The configuration does not ask for it.
	b.start(t)
	f := newFleet(t, b, 1)
	f.gateway(t, f.kept.HTTPEndpoint(), all)
	f.talk(t, few, 10*time.Millisecond)
	f.agents[0].logs(t, "Will retry the request after interval", topic, "UNKNOWN_TOPIC_OR_PARTITION")
	if b.cluster.TopicInfo(topic) != nil {
		t.Fatal("the topic was created with the broker's defaults")
	}
	if err := b.cluster.CreateTopic(topic, partitions, nil); err != nil {
		t.Fatal(err)
	}
	f.complete(t)
}

// A gateway whose last commit is older than the topic's first message starts with that message.
func TestOldOffsets(t *testing.T) {
	t.Parallel()
	f := newFleet(t, startBroker(t), 1)
	gateway := f.gateway(t, f.rest.HTTPEndpoint(), all)
	f.broker.members(t, 1)
	f.talk(t, few, 10*time.Millisecond)
	backend.Eventually(t, "the backend gets spans", func() bool { return len(f.rest.AllSpans()) > 0 })
	gateway.Stop(t)
	if f.broker.committed() == 0 {
		t.Fatal("the gateway did not commit")
	}
	f.talk(t, few, 10*time.Millisecond)
	backend.Eventually(t, "the agent sends the calls", func() bool { return f.broker.spans(t) == len(f.made.entries(t)) })
	for _, p := range f.broker.cluster.PartitionInfos(topic) {
		if err := f.broker.cluster.DeleteRecords(topic, p.Partition, -1); err != nil {
			t.Fatal(err)
		}
	}
	newer := newFleet(t, f.broker, 1)
	newer.talk(t, few, 10*time.Millisecond)
	newer.gateway(t, newer.kept.HTTPEndpoint(), all)
	newer.complete(t)
}

// A message that is not OTLP is logged and skipped.
func TestForeignMessages(t *testing.T) {
	t.Parallel()
	f := newFleet(t, startBroker(t), 1)
	gateway := f.gateway(t, f.kept.HTTPEndpoint(), all)
	client := f.broker.client(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	for p := range int32(partitions) {
		for _, value := range [][]byte{[]byte("not OTLP"), nil, {0x0a, 0xff}} {
			if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Partition: p, Value: value}).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
	}
	f.talk(t, few, 10*time.Millisecond)
	f.complete(t)
	gateway.logs(t, "failed to consume message, skipping due to message_marking config")
}

// At its memory limit, a gateway refuses messages. None is lost.
func TestMemoryLimit(t *testing.T) {
	t.Parallel()
	f := newFleet(t, startBroker(t), 1)
	gateway := f.gateway(t, f.kept.HTTPEndpoint(), all, "MEMORY_LIMIT_MIB=201") // The soft limit is 200 MiB less.
	gateway.logs(t, "Refusing data")
	f.talk(t, few, 10*time.Millisecond)
	gateway.logs(t, "Backing off due to error from the next consumer", "memory usage")
	gateway.Kill(t)
	gateway.Start(t, "MEMORY_LIMIT_MIB=1600")
	f.complete(t)
}

// A backend that accepts only a part has the rest dropped, once and with a log line: OTLP forbids a
// retry.
func TestPartialSuccess(t *testing.T) {
	t.Parallel()
	f := newFleet(t, startBroker(t), 1)
	answer, err := proto.Marshal(&coltrace.ExportTraceServiceResponse{PartialSuccess: &coltrace.ExportTracePartialSuccess{
		RejectedSpans: 3, ErrorMessage: "the tenant's limit of spans is reached",
	}})
	if err != nil {
		t.Fatal(err)
	}
	to, err := url.Parse(f.kept.HTTPEndpoint())
	if err != nil {
		t.Fatal(err)
	}
	partial := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ModifyResponse: func(r *http.Response) error {
			r.Header.Set("Content-Length", strconv.Itoa(len(answer)))
			r.Body = io.NopCloser(bytes.NewReader(answer))
			return nil
		},
	})
	t.Cleanup(partial.Close)
	gateway := f.gateway(t, partial.URL, all)
	f.talk(t, few, 10*time.Millisecond)
	gateway.logs(t, "Partial success", "the tenant's limit of spans is reached")
	f.complete(t)
	second()
	second()
	if v, _, _ := f.verdict(t, nil); v.Twice > 0 {
		t.Errorf("after a partial success, spans were sent again: %s", v)
	}
}
