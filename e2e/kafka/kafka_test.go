// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package kafka_test tests agents that send spans to Kafka and gateways that read them, with the
// configurations of deploy/collector and a broker in the test's process.
package kafka_test

import (
	"encoding/hex"
	"sync"
	"testing"
	"time"
)

const (
	calls = 200
	pause = time.Second // Between the turns of a call.
)

// Calls start during the first ten seconds and last ten seconds.
const (
	inProgress = 8 * time.Second      // No call has ended.
	allTalking = 23 * time.Second / 2 // All have ended their first turn, which is why a gateway that is shut down keeps them.
	halfEnded  = 15 * time.Second     // All have started, half have ended.
)

// talkMeanwhile makes the calls and calls happens after a time.
func (f *fleet) talkMeanwhile(t *testing.T, after time.Duration, happens func()) (keep []string) {
	t.Helper()
	var wg sync.WaitGroup
	wg.Go(func() { keep = f.talk(t, calls, pause) })
	<-time.After(after)
	happens()
	wg.Wait()
	f.settled(t)
	return keep
}

// newPair returns a fleet with two services and two gateways.
func newPair(t *testing.T, env ...string) *fleet {
	t.Helper()
	f := newFleet(t, startBroker(t), 2)
	for range 2 {
		f.gateway(t, f.kept.HTTPEndpoint(), env...)
	}
	f.broker.members(t, 2)
	return f
}

// All spans of a call are in one partition, in the order in which they ended, so the gateway that reads
// the partition sees whole calls.
func TestOrder(t *testing.T) {
	t.Parallel()
	f := newFleet(t, startBroker(t), 2)
	f.talk(t, 50, 50*time.Millisecond)
	entries := f.made.entries(t)
	at := make(map[string]int)    // The place of a span in the ledger.
	last := make(map[string]int)  // The place of the last span of a trace.
	in := make(map[string]int32)  // The partition of a trace.
	used := make(map[int32]bool)  // The partitions that have spans.
	seen := make(map[string]bool) // The spans that were read.
	for i, e := range entries {
		at[e.ID] = i
	}
	// Until the agents have sent everything, the topic is read again.
	for limit := time.Now().Add(30 * time.Second); len(seen) < len(entries) && time.Now().Before(limit); second() {
		clear(last)
		clear(seen)
		for _, record := range f.broker.read(t) {
			for _, rs := range decode(t, record).GetResourceSpans() {
				for _, ss := range rs.GetScopeSpans() {
					for _, s := range ss.GetSpans() {
						trace, span := hex.EncodeToString(s.GetTraceId()), hex.EncodeToString(s.GetSpanId())
						if string(record.Key) != trace {
							t.Errorf("the key %q has a span of the trace %s", record.Key, trace)
						}
						if p, ok := in[trace]; ok && p != record.Partition {
							t.Errorf("the trace %s is in the partitions %d and %d", trace, p, record.Partition)
						}
						if before, ok := last[trace]; ok && at[span] < before {
							t.Errorf("a span of %s follows one that ended later", trace)
						}
						if seen[span] {
							t.Errorf("the span %s was sent twice", span)
						}
						in[trace], last[trace], used[record.Partition], seen[span] = record.Partition, at[span], true, true
					}
				}
			}
		}
	}
	if len(seen) != len(entries) {
		t.Errorf("the topic has %d of %d spans", len(seen), len(entries))
	}
	if len(used) < partitions {
		t.Errorf("%d of %d partitions are used", len(used), partitions)
	}
}

// A gateway that is killed loses nothing: the other gateway gets its partitions and reads again what it
// held. What it had sent before may arrive twice.
func TestGatewayKilled(t *testing.T) {
	t.Parallel()
	f := newPair(t)
	keep := f.talkMeanwhile(t, halfEnded, func() { f.gateways[0].Kill(t) })
	v, kept, missing := f.verdict(t, keep)
	t.Logf("%d of %d calls were kept: %s", kept, calls, v)
	if len(v.Lost) > 0 || v.Foreign > 0 || len(missing) > 0 {
		t.Errorf("%s; not kept: %v", v, missing)
	}
	if kept == calls {
		t.Error("all calls were kept, including uneventful ones")
	}
}

// A gateway that is killed and restarted at once reads its own part again.
func TestGatewayKilledAndRestarted(t *testing.T) {
	t.Parallel()
	f := newPair(t, "KAFKA_SESSION_TIMEOUT=1m")
	keep := f.talkMeanwhile(t, inProgress, func() {
		f.gateways[0].Kill(t)
		second()
		f.gateways[0].Start(t, started())
	})
	v, kept, missing := f.verdict(t, keep)
	t.Logf("%d of %d calls were kept: %s", kept, calls, v)
	if len(v.Lost) > 0 || v.Foreign > 0 || len(missing) > 0 {
		t.Errorf("%s; not kept: %v", v, missing)
	}
}

// With a commit each second, a killed gateway loses the spans that it held, and few arrive twice.
func TestGatewayKilledThatCommits(t *testing.T) {
	t.Parallel()
	f := newPair(t, "KAFKA_COMMIT_INTERVAL=1s")
	v, kept, missing := f.verdict(t, f.talkMeanwhile(t, inProgress, func() { f.gateways[0].Kill(t) }))
	t.Logf("%d of %d calls were kept: %s; not kept: %d", kept, calls, v, len(missing))
	if len(v.Lost) == 0 && len(missing) == 0 {
		t.Error("nothing was lost: the gateway held no spans when it was killed")
	}
}

// A gateway that is shut down commits what it has read, after it has decided on it. Nothing is lost or
// arrives twice.
func TestGatewayStopped(t *testing.T) {
	t.Parallel()
	f := newPair(t, "KAFKA_SESSION_TIMEOUT=1m") // The default. The partitions stay with the gateway.
	keep := f.talkMeanwhile(t, allTalking, func() {
		f.gateways[0].Stop(t)
		if f.broker.committed() == 0 {
			t.Error("the gateway did not commit")
		}
		second()
		f.gateways[0].Start(t, started())
	})
	v, kept, missing := f.verdict(t, keep)
	t.Logf("%d of %d calls were kept: %s", kept, calls, v)
	if len(v.Lost) > 0 || v.Twice > 0 || v.Foreign > 0 || len(missing) > 0 {
		t.Errorf("%s; not kept: %v", v, missing)
	}
}
