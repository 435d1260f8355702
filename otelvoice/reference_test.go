// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

var (
	referenceCalls = flag.Int("reference-calls", 500, "how many random calls are compared with the reference")
	referenceFirst = flag.Int("reference-first", 0, "the seed of the first of these calls")
)

// markTogether makes the marks that are reported at the time of the first, concurrently, and returns how many they are.
// Those of one instant are made in their order, because it matters.
func markTogether(reports []report, do func(report)) (n int) {
	var group sync.WaitGroup
	defer group.Wait()
	for ; n < len(reports) && reports[n].what == "mark" && reports[n].told == reports[0].told; n++ {
		r := reports[n]
		if slices.ContainsFunc(reports[:n], func(before report) bool { return before.turn == r.turn && before.at == r.at }) {
			group.Wait()
		}
		group.Go(func() { do(r) })
	}
	return n
}

// make makes the call, and lets time pass until its end.
func (c *randomCall) make(ctx context.Context, tel *voicesdk.SDK, id string) {
	began := time.Now()
	instant := func(at int) time.Time { return began.Add(time.Duration(at) * tick) }
	ctx, session := tel.StartSession(ctx, otelvoice.WithSessionID(id))
	turns := make([]*otelvoice.Turn, c.turns+1)
	tools := make([][]*otelvoice.Tool, c.turns)
	var holds []*otelvoice.Hold
	for i := 0; i < len(c.reports); i++ {
		r := c.reports[i]
		<-time.After(time.Until(instant(r.told)))
		turn := turns[r.turn]
		switch r.what {
		case "start":
			_, turns[r.turn] = session.StartTurn(ctx)
		case "start by the agent":
			_, turns[r.turn] = session.StartTurn(ctx, otelvoice.AgentInitiated())
		case "mark":
			i += markTogether(c.reports[i:], func(r report) { turns[r.turn].MarkAt(r.mark, instant(r.at)) }) - 1
		case "interrupt":
			opts := []otelvoice.InterruptOption{otelvoice.InterruptedAt(instant(r.at))}
			if r.since != unset {
				opts = append(opts, otelvoice.SpokenSince(instant(r.since)))
			}
			turn.Interrupt(otelvoice.AudioActivity, opts...)
		case "dismiss":
			turn.FalseInterruption()
		case "fail":
			turn.Fail(errGone)
		case "abandon":
			turn.SetOutcome(otelvoice.Abandoned)
		case "end":
			turn.End()
		case "tool":
			_, tool := turn.StartTool(ctx, "look_up")
			tools[r.turn] = append(tools[r.turn], tool)
		case "tool ends":
			tools[r.turn][0].End(nil)
			tools[r.turn] = tools[r.turn][1:]
		case "hold":
			holds = append(holds, session.Hold())
		case "return":
			holds[0].End()
			holds = holds[1:]
		}
	}
	<-time.After(time.Until(instant(c.end)))
	session.End()
}

// readingOf returns the measures in the attributes of a span.
func readingOf(attrs []attribute.KeyValue) reading {
	out := make(reading)
	for _, kv := range attrs {
		switch {
		case !slices.Contains(comparedAttributes, kv.Key):
		case kv.Value.Type() == attribute.FLOAT64:
			out[kv.Key] = fmt.Sprintf("%.3f", kv.Value.AsFloat64())
		default:
			out[kv.Key] = kv.Value.String()
		}
	}
	return out
}

// faults compares what the spans of a call tell with what the documents say.
func (c *randomCall) faults(got map[int64]reading, want []reading) (faults []string) {
	for n, attrs := range want {
		for _, key := range comparedAttributes {
			isTie := key == semconv.VoiceDeadAirActivityKey && attrs[key] == ""
			if had := got[int64(n)][key]; had != attrs[key] && !isTie {
				faults = append(faults, fmt.Sprintf("span %d: %s is %q, want %q", n, key, had, attrs[key]))
			}
		}
	}
	if len(faults) > 0 {
		for _, r := range c.reports {
			faults = append(faults, r.String())
		}
	}
	return faults
}

// The spans and metrics of random calls tell what a naive reading of the documents says.
func TestRandomCallsAreMeasuredAsTheDocumentsSay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t, voicesdk.WithInstrumentation(append(budgets(), otelvoice.WithoutStageLogs())...))
		calls := make([]*randomCall, *referenceCalls)
		for i := range calls {
			calls[i] = newRandomCall(*referenceFirst + i)
			calls[i].make(t.Context(), tel, strconv.Itoa(i))
		}
		told := make(map[string]map[int64]reading)
		var all [2][]reading
		for level, name := range []string{semconv.SpanVoiceSession, semconv.SpanVoiceTurn} {
			for _, s := range rec.Named(name) {
				id, _ := spanAttribute(s, semconv.SessionIDKey)
				index, _ := spanAttribute(s, semconv.VoiceTurnIndexKey) // The session has none: 0.
				if told[id.AsString()] == nil {
					told[id.AsString()] = make(map[int64]reading)
				}
				r := readingOf(s.Attributes())
				told[id.AsString()][index.AsInt64()] = r
				all[level] = append(all[level], r)
			}
		}
		failed := 0
		for i, c := range calls {
			if faults := c.faults(told[strconv.Itoa(i)], reference(c)); len(faults) > 0 && failed < 5 {
				failed++
				t.Errorf("call %d, which ends at %d:\n%s", *referenceFirst+i, c.end, strings.Join(faults, "\n"))
			}
		}
		checkMetrics(t, rec, all)
	})
}
