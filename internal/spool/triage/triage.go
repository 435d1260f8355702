// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package triage decides which of the waiting spans and log records are dropped first when memory
// is full.
//
// It keeps what the gateways of deploy/collector keep: turns with an error, with an interruption
// or another outcome than completed, over a budget, or with a response latency of more than two
// seconds, and log records of level WARN and above. It also keeps the span and the log line at the
// end of each session. It drops the others. All spans of a turn have the same verdict, and so have
// all its log records: a turn is kept or dropped as a whole.
package triage

import (
	"time"

	"github.com/voice-agents/telemetry/internal/otlp"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// Verdict is the decision about an item.
type Verdict uint8

// The verdicts.
const (
	Drop Verdict = iota
	Keep
	Undecided // The item belongs to a turn that has not ended.
)

// slow is the response latency, in seconds, above which a turn is kept.
const slow = 2

// openFor is the time after the last item of a turn after which its end is no longer awaited: the
// item that ended it was lost, or sent before.
const openFor = time.Minute

// Judge returns the verdicts of the items of uncompressed requests, in the order of the requests
// and of their items. The requests are those that wait longest; sent is the one that is being
// sent, whose turns are kept, and may be nil. Bytes that are not valid protobuf have no items.
// It takes about 2 µs for an item.
func Judge(requests [][]byte, sent []byte, signal segment.Signal, now time.Time) [][]Verdict {
	verdicts := make([][]Verdict, len(requests))
	var items []item
	otlp.EachItem(sent, otlp.Items, func(b []byte) {
		it := read(b, signal)
		it.important = true
		items = append(items, it)
	})
	at := len(items)
	for _, request := range requests {
		otlp.EachItem(request, otlp.Items, func(b []byte) { items = append(items, read(b, signal)) })
	}
	turns := group(items, now)
	for i, request := range requests {
		n := otlp.CountItems(request, otlp.Items)
		verdicts[i] = make([]Verdict, n)
		for j := range verdicts[i] {
			verdicts[i][j] = items[at].verdict(turns)
			at++
		}
	}
	return verdicts
}

// verdict returns the verdict of an item of one of the turns.
func (it *item) verdict(turns map[turnKey]*turn) Verdict {
	t := turns[it.turn]
	switch {
	case it.session:
		return Keep
	case t == nil && it.important, t != nil && t.important:
		return Keep
	case t != nil && t.open:
		return Undecided
	}
	return Drop
}
