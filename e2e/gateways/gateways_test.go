// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package gateways_test tests agents and gateways with the configurations of deploy/collector while
// gateways are restarted and killed during calls.
package gateways_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

const (
	calls = 200
	turns = 10
	pause = time.Second // Between the turns of a call.
	share = 10          // The percentage of uneventful calls that is kept.

	decisionAfterEnd = time.Second
)

// fleet has two services, each with an agent, and two gateways.
type fleet struct {
	gateways [2]*backend.Collector
	services [2]*otelvoice.Telemetry
	made     spans // The spans that the services made.
	kept     *otlptest.Receiver
}

// newFleet starts a fleet. The variables are for the gateways.
func newFleet(t *testing.T, env ...string) *fleet {
	t.Helper()
	return newFleetOf(t, [2]string{}, env...)
}

// newFleetOf starts a fleet whose agents have a configuration each beside that of deploy/collector.
func newFleetOf(t *testing.T, agents [2]string, env ...string) *fleet {
	t.Helper()
	f := &fleet{kept: otlptest.NewReceiver(t)}
	lines := otlptest.NewReceiver(t)
	configs := []string{backend.Config(t, "gateway.yaml"), backend.Config(t, "pii.yaml")}
	addresses := []string{"GATEWAY_INSECURE=true", "LOGS_OTLP_ENDPOINT=" + lines.HTTPEndpoint()}
	for i := range f.gateways {
		f.gateways[i] = backend.NewCollector(t, configs, append([]string{
			started(), "DECISION_WAIT=2m", "DECISION_WAIT_AFTER_END=" + decisionAfterEnd.String(), fmt.Sprint("KEEP_PERCENTAGE=", share),
			"JAEGER_OTLP_ENDPOINT=" + f.kept.HTTPEndpoint(), "TEMPO_OTLP_ENDPOINT=" + lines.HTTPEndpoint(),
		}, env...)...)
		addresses = append(addresses, fmt.Sprintf("GATEWAY_%d=%s", i, f.gateways[i].GRPC))
	}
	for i := range f.services {
		configs := []string{backend.Config(t, "agent.yaml"), backend.Config(t, "pii.yaml")}
		if agents[i] != "" {
			configs = append(configs, agents[i])
		}
		agent := backend.NewCollector(t, configs, addresses...)
		env := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://" + agent.HTTP, "OTEL_BSP_SCHEDULE_DELAY": "200", "OTEL_BSP_MAX_QUEUE_SIZE": "20000"}
		tel, err := voicesdk.Setup(t.Context(), voicesdk.WithServiceName("voiceagent"), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole(),
			voicesdk.WithSpanProcessor(&f.made), voicesdk.WithLookupEnv(func(name string) (string, bool) { v, ok := env[name]; return v, ok }))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = tel.Shutdown(context.Background()) })
		f.services[i] = tel.Telemetry
	}
	return f
}

// started returns the variable with which a gateway recognizes calls that began before it.
func started() string { return startedAt(time.Now()) }

func startedAt(at time.Time) string { return fmt.Sprint("GATEWAY_STARTED=", at.UnixNano()) }

// spans is a processor that keeps the IDs of spans by trace.
type spans struct {
	mu    sync.Mutex
	trace map[string]map[string]time.Time // When each ended.
}

func (s *spans) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

func (s *spans) OnEnd(span sdktrace.ReadOnlySpan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := span.SpanContext().TraceID().String()
	if s.trace == nil {
		s.trace = make(map[string]map[string]time.Time)
	}
	if s.trace[id] == nil {
		s.trace[id] = make(map[string]time.Time)
	}
	s.trace[id][span.SpanContext().SpanID().String()] = span.EndTime()
}

func (*spans) Shutdown(context.Context) error   { return nil }
func (*spans) ForceFlush(context.Context) error { return nil }

// call is a call and the reason to keep it.
type call struct {
	traceID string
	why     string // Why it must be kept; "" if it may be dropped.
	ended   time.Time
}

// talk makes the calls, with starts spread over the duration of one call, and returns when all have
// ended.
func (f *fleet) talk(t *testing.T) []call {
	t.Helper()
	made := make([]call, calls)
	var wg sync.WaitGroup
	for i := range made {
		wg.Go(func() {
			<-time.After(time.Duration(i) * turns * pause / calls)
			made[i] = talk(t.Context(), f.services[i%len(f.services)], i)
		})
	}
	wg.Wait()
	for _, tel := range f.services {
		if err := tel.ForceFlush(t.Context()); err != nil {
			t.Errorf("the agent did not accept the spans: %v", err)
		}
	}
	return made
}

// talk makes one call of ten turns. Every tenth call has an error, an interruption or a slow answer,
// early or late.
func talk(ctx context.Context, tel *otelvoice.Telemetry, i int) call {
	why := ""
	if i%10 == 0 {
		why = []string{"error", "interrupted", "slow"}[i/10%3]
	}
	when := i / 10 % turns
	ctx, session := tel.StartSession(ctx)
	for n := range turns {
		_, turn := session.StartTurn(ctx)
		stt := must(turn.StartSTT(ctx, otelvoice.Model{Provider: "deepgram", Name: "nova-3"}))
		stt.Final()
		stt.End(nil)
		latency := 600 * time.Millisecond
		if n == when && why == "slow" {
			latency = 2500 * time.Millisecond
		}
		stopped := time.Now()
		turn.UserStopped(stopped, otelvoice.AnchorVAD)
		llm := must(turn.StartLLM(ctx, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"}))
		llm.FirstToken()
		if n == when && why == "error" {
			llm.End(errors.New("the model is overloaded"))
		}
		llm.End(nil)
		tts := must(turn.StartTTS(ctx, otelvoice.Model{Provider: "cartesia", Name: "sonic-3"}))
		tts.FirstByte()
		tts.End(nil)
		turn.MarkAt(otelvoice.AgentStarted, stopped.Add(latency))
		if n == when && why == "interrupted" {
			turn.Interrupt(otelvoice.AudioActivity)
		}
		turn.End()
		<-time.After(pause)
	}
	ended := time.Now()
	session.End()
	return call{strings.ReplaceAll(session.CorrelationID(), "-", ""), why, ended}
}

func must[S any](_ context.Context, stage S) S { return stage }

// verdict counts the calls that were kept, split and lost.
type verdict struct {
	kept, split, twice int
	lost               int         // Lost spans of split calls.
	missing            []call      // Calls that should have been kept.
	ends               []time.Time // End times of the lost spans.
}

// judge compares the spans of the backend with those that the services made.
func (f *fleet) judge(made []call) (v verdict) {
	have := make(map[string]map[string]int)
	for _, s := range f.kept.AllSpans() {
		id := hex.EncodeToString(s.GetTraceId())
		if have[id] == nil {
			have[id] = make(map[string]int)
		}
		have[id][hex.EncodeToString(s.GetSpanId())]++
	}
	f.made.mu.Lock()
	defer f.made.mu.Unlock()
	for _, c := range made {
		got := have[c.traceID]
		if got == nil {
			if c.why != "" {
				v.missing = append(v.missing, c)
			}
			continue
		}
		v.kept++
		lost := 0
		for id, ended := range f.made.trace[c.traceID] {
			switch got[id] {
			case 0:
				lost++
				v.ends = append(v.ends, ended)
			case 1:
			default:
				v.twice++
			}
		}
		if lost > 0 {
			v.split++
			v.lost += lost
		}
	}
	return v
}

// settled waits until no span arrives for longer than decisions take.
func (f *fleet) settled(t *testing.T) {
	t.Helper()
	before := -1
	for since := time.Now(); ; {
		if n := len(f.kept.AllSpans()); n != before {
			before, since = n, time.Now()
		}
		if time.Since(since) > 5*decisionAfterEnd {
			return
		}
		<-time.After(100 * time.Millisecond)
	}
}

// talkMeanwhile makes the calls and calls happens while all are in progress.
func (f *fleet) talkMeanwhile(t *testing.T, happens func()) (made []call) {
	t.Helper()
	var wg sync.WaitGroup
	wg.Go(func() { made = f.talk(t) })
	<-time.After(turns * pause * 4 / 5)
	happens()
	wg.Wait()
	f.settled(t)
	return made
}

// A gateway that is stopped and started again during calls loses nothing. The kept traces are complete.
func TestGatewayStopped(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	v := f.judge(f.talkMeanwhile(t, func() {
		f.gateways[0].Stop(t)
		<-time.After(7 * time.Second) // Longer than the default time limit of an exporter.
		f.gateways[0].Start(t, started())
	}))
	t.Logf("%d of %d calls were kept, %d of them incomplete, %d spans twice", v.kept, calls, v.split, v.twice)
	if v.split > 0 || v.twice > 0 || len(v.missing) > 0 {
		t.Errorf("%d kept traces are incomplete, %d spans arrived twice, not kept: %v", v.split, v.twice, v.missing)
	}
	if v.kept == calls {
		t.Error("all calls were kept, including uneventful ones")
	}
}

// A gateway that is killed loses only the spans that it held for a decision: those of calls in progress
// or just ended. Later spans are kept.
func TestGatewayKilled(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	var killed time.Time
	made := f.talkMeanwhile(t, func() {
		f.gateways[0].Kill(t)
		killed = time.Now()
		<-time.After(time.Second)
		f.gateways[0].Start(t, started())
	})
	v := f.judge(made)

	held := 0
	undecided := killed.Add(-2*decisionAfterEnd - time.Second) // The wait for a decision, its tick, and the network.
	for _, c := range made {
		if c.ended.Before(undecided) {
			continue
		}
		for _, ended := range f.made.trace[c.traceID] {
			if ended.Before(killed) {
				held++
			}
		}
	}
	t.Logf("%d of %d calls were kept; %d spans of %d of them were lost, of %d that the two gateways held; %d spans twice", v.kept, calls, v.lost, v.split, held, v.twice)
	if v.lost > held {
		t.Errorf("%d spans were lost, but the gateways held only %d", v.lost, held)
	}
	for _, ended := range v.ends {
		if ended.After(killed) {
			t.Errorf("a span that ended %v after the kill was lost", ended.Sub(killed))
		}
	}
	for _, c := range v.missing {
		if c.ended.Before(undecided) || c.ended.After(killed) {
			t.Errorf("a call with %s was not kept, but it was decided before or ended after the kill", c.why)
		}
	}
	if v.lost == 0 {
		t.Error("nothing was lost: the gateway held no spans when it was killed")
	}
}

// With a trace for each turn, the gateway decides on each turn when it has ended.
func TestTracePerTurn(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "KEEP_PERCENTAGE=0")
	tel := f.services[0]
	ctx, session := tel.StartSession(t.Context(), otelvoice.WithTracePerTurn())
	var failed string
	for n := range 10 {
		ctx, turn := session.StartTurn(ctx)
		llm := must(turn.StartLLM(ctx, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"}))
		if n == 7 {
			failed = trace.SpanContextFromContext(ctx).TraceID().String()
			llm.End(errors.New("the model is overloaded"))
		}
		llm.End(nil)
		turn.End()
	}
	if err := tel.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
	backend.Eventually(t, "the failed turn is kept", func() bool { return len(f.kept.AllSpans()) > 0 })
	f.settled(t)
	for _, s := range f.kept.AllSpans() {
		if id := hex.EncodeToString(s.GetTraceId()); id != failed {
			t.Errorf("%s of the uneventful trace %s was kept", s.GetName(), id)
		}
	}
	session.End()
}
