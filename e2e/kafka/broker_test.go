// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package kafka_test

import (
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/e2e/backend"
)

const (
	topic      = "otlp_spans"
	group      = "otelcol-gateways"
	partitions = 6
)

// broker is a Kafka broker in the test's process. Its topics and offsets are on disk, so they
// survive a restart.
type broker struct {
	address string
	options []kfake.Opt
	cluster *kfake.Cluster // Nil while the broker is away.
}

// newBroker returns a broker that has not been started.
func newBroker(tb testing.TB, options ...kfake.Opt) *broker {
	tb.Helper()
	b := &broker{address: backend.Free(tb)}
	_, port, err := net.SplitHostPort(b.address)
	if err != nil {
		tb.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		tb.Fatal(err)
	}
	b.options = append([]kfake.Opt{kfake.NumBrokers(1), kfake.Ports(number), kfake.DataDir(tb.TempDir())}, options...)
	tb.Cleanup(b.stop)
	return b
}

// startBroker starts a broker with the topic.
func startBroker(tb testing.TB) *broker {
	tb.Helper()
	b := newBroker(tb, kfake.SeedTopics(partitions, topic))
	b.start(tb)
	return b
}

func (b *broker) start(tb testing.TB) {
	tb.Helper()
	cluster, err := kfake.NewCluster(b.options...)
	if err != nil {
		tb.Fatal(err)
	}
	b.cluster = cluster
}

func (b *broker) stop() {
	if b.cluster != nil {
		b.cluster.Close()
		b.cluster = nil
	}
}

// client returns a client of the broker.
func (b *broker) client(tb testing.TB, options ...kgo.Opt) *kgo.Client {
	tb.Helper()
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(b.address)}, options...)...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(client.Close)
	return client
}

// messages returns the number of messages that the topic ever had.
func (b *broker) messages() (n int64) {
	for _, p := range b.cluster.PartitionInfos(topic) {
		n += p.HighWatermark
	}
	return n
}

// committed returns the number of messages that the gateways have committed.
func (b *broker) committed() (n int64) {
	if info := b.cluster.GroupInfo(group); info != nil {
		for _, commit := range info.Commits[topic] {
			n += commit.Offset
		}
	}
	return n
}

// members waits until a number of gateways have all partitions between them.
func (b *broker) members(tb testing.TB, n int) {
	tb.Helper()
	backend.Eventually(tb, strconv.Itoa(n)+" gateways have the partitions", func() bool {
		info := b.cluster.GroupInfo(group)
		return info != nil && info.State == "Stable" && len(info.Members) == n && info.NumAssigned() == partitions
	})
}

// read returns all messages of the topic, in order within each partition.
func (b *broker) read(tb testing.TB) (records []*kgo.Record) {
	tb.Helper()
	client := b.client(tb, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	for want := b.messages(); int64(len(records)) < want; {
		fetches := client.PollFetches(tb.Context())
		if err := fetches.Err(); err != nil {
			tb.Fatal(err)
		}
		records = append(records, fetches.Records()...)
	}
	return records
}

// decode returns the request in a message.
func decode(tb testing.TB, record *kgo.Record) *coltrace.ExportTraceServiceRequest {
	tb.Helper()
	request := new(coltrace.ExportTraceServiceRequest)
	if err := proto.Unmarshal(record.Value, request); err != nil { // OTLP's TracesData has the same fields.
		tb.Fatal(err)
	}
	return request
}

// second is a wait between two steps of a test that have no other sign.
func second() { <-time.After(time.Second) }

// spans returns the number of spans in the topic.
func (b *broker) spans(tb testing.TB) (n int) {
	tb.Helper()
	for _, record := range b.read(tb) {
		for _, rs := range decode(tb, record).GetResourceSpans() {
			for _, ss := range rs.GetScopeSpans() {
				n += len(ss.GetSpans())
			}
		}
	}
	return n
}
