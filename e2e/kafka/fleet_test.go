// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package kafka_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/e2e/ledger"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

const (
	sessionTimeout   = 6 * time.Second // The least that a broker allows.
	decisionAfterEnd = time.Second
)

// fleet has services with an agent each, a broker, and gateways.
type fleet struct {
	broker   *broker
	agents   []*collector
	gateways []*collector
	services []*otelvoice.Telemetry
	made     *book
	kept     *otlptest.Receiver
	rest     *otlptest.Receiver // What the test does not read.
}

// newFleet starts services and their agents. The broker need not run.
func newFleet(tb testing.TB, b *broker, services int) *fleet {
	tb.Helper()
	f := &fleet{broker: b, made: newBook(tb), kept: otlptest.NewReceiver(tb), rest: otlptest.NewReceiver(tb)}
	for range services {
		agent := newCollector(tb, []string{"agent.yaml", "kafka-agent.yaml", "pii.yaml"},
			"KAFKA_BROKER="+b.address, "LOKI_OTLP_ENDPOINT="+f.rest.HTTPEndpoint())
		f.agents = append(f.agents, agent)
		env := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://" + agent.HTTP, "OTEL_BSP_SCHEDULE_DELAY": "200", "OTEL_BSP_MAX_QUEUE_SIZE": "20000"}
		tel, err := voicesdk.Setup(tb.Context(), voicesdk.WithServiceName("voiceagent"), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole(),
			voicesdk.WithSpanProcessor(f.made), voicesdk.WithLookupEnv(func(name string) (string, bool) { v, ok := env[name]; return v, ok }))
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = tel.Shutdown(context.Background()) })
		f.services = append(f.services, tel.Telemetry)
	}
	return f
}

// gateway starts one more gateway, which sends kept spans to the backend. The variables are for it.
func (f *fleet) gateway(tb testing.TB, to string, env ...string) *collector {
	tb.Helper()
	g := newCollector(tb, []string{"gateway.yaml", "kafka-gateway.yaml", "pii.yaml"}, append([]string{
		"KAFKA_BROKER=" + f.broker.address, "KAFKA_SESSION_TIMEOUT=" + sessionTimeout.String(), fmt.Sprint("HOSTNAME=gateway-", len(f.gateways)), started(),
		"DECISION_WAIT=2m", "DECISION_WAIT_AFTER_END=" + decisionAfterEnd.String(),
		"JAEGER_OTLP_ENDPOINT=" + to, "TEMPO_OTLP_ENDPOINT=" + f.rest.HTTPEndpoint(),
	}, env...)...)
	f.gateways = append(f.gateways, g)
	return g
}

// started returns the variable with which a gateway recognizes calls that began before it.
func started() string { return fmt.Sprint("GATEWAY_STARTED=", time.Now().UnixNano()) }

// collector is a collector that also writes its log to a file.
type collector struct {
	*backend.Collector
	log string
}

func newCollector(tb testing.TB, names []string, env ...string) *collector {
	tb.Helper()
	c := &collector{log: filepath.Join(tb.TempDir(), "log")}
	var configs []string
	for _, name := range names {
		configs = append(configs, backend.Config(tb, name))
	}
	extra := filepath.Join(tb.TempDir(), "log.yaml")
	if err := os.WriteFile(extra, fmt.Appendf(nil, "service: {telemetry: {logs: {output_paths: [stderr, %q]}}}\n", c.log), 0o600); err != nil {
		tb.Fatal(err)
	}
	c.Collector = backend.NewCollector(tb, append(configs, extra), env...)
	return c
}

// logs waits for a line with all the texts.
func (c *collector) logs(tb testing.TB, texts ...string) {
	tb.Helper()
	backend.Eventually(tb, "a line with "+strings.Join(texts, " and "), func() bool {
		log, err := os.ReadFile(c.log)
		if err != nil {
			return false
		}
		for line := range strings.Lines(string(log)) {
			if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) }) {
				return true
			}
		}
		return false
	})
}

// book is a processor that writes a ledger of the spans that services made.
type book struct {
	path string
	mu   sync.Mutex
	file *os.File
}

func newBook(tb testing.TB) *book {
	tb.Helper()
	b := &book{path: filepath.Join(tb.TempDir(), "ledger")}
	file, err := os.Create(b.path)
	if err != nil {
		tb.Fatal(err)
	}
	b.file = file
	tb.Cleanup(func() { _ = file.Close() })
	return b
}

func (*book) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

func (b *book) OnEnd(span sdktrace.ReadOnlySpan) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = ledger.Write(b.file, "span", span.SpanContext().SpanID().String(), span.SpanContext().TraceID().String()) // A missing entry is a foreign span.
}

func (*book) Shutdown(context.Context) error   { return nil }
func (*book) ForceFlush(context.Context) error { return nil }

// entries returns the entries of the ledger.
func (b *book) entries(tb testing.TB) []ledger.Entry {
	tb.Helper()
	entries, err := ledger.Read(b.path)
	if err != nil {
		tb.Fatal(err)
	}
	return entries
}

// talk makes calls of ten turns, with starts spread over the duration of one call, and returns the
// trace IDs of those that must be kept: every tenth call has an error.
func (f *fleet) talk(tb testing.TB, calls int, pause time.Duration) (keep []string) {
	tb.Helper()
	const turns = 10
	failed := make([]string, calls)
	var wg sync.WaitGroup
	for i := range calls {
		wg.Go(func() {
			<-time.After(time.Duration(i) * turns * pause / time.Duration(calls))
			fails := -1
			if i%10 == 0 {
				fails = i / 10 % turns
			}
			id := talk(tb.Context(), f.services[i%len(f.services)], turns, fails, pause)
			if fails >= 0 {
				failed[i] = id
			}
		})
	}
	wg.Wait()
	for _, tel := range f.services {
		if err := tel.ForceFlush(tb.Context()); err != nil {
			tb.Errorf("the agent did not accept the spans: %v", err)
		}
	}
	return slices.DeleteFunc(failed, func(id string) bool { return id == "" })
}

// talk makes one call and returns its trace ID. The turn with the index fails has an error.
func talk(ctx context.Context, tel *otelvoice.Telemetry, turns, fails int, pause time.Duration) string {
	ctx, session := tel.StartSession(ctx)
	defer session.End()
	for n := range turns {
		_, turn := session.StartTurn(ctx)
		stt := must(turn.StartSTT(ctx, otelvoice.Model{Provider: "deepgram", Name: "nova-3"}))
		stt.Final()
		stt.End(nil)
		stopped := time.Now()
		turn.UserStopped(stopped, otelvoice.AnchorVAD)
		llm := must(turn.StartLLM(ctx, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"}))
		llm.FirstToken()
		if n == fails {
			llm.End(errors.New("the model is overloaded"))
		}
		llm.End(nil)
		tts := must(turn.StartTTS(ctx, otelvoice.Model{Provider: "cartesia", Name: "sonic-3"}))
		tts.FirstByte()
		tts.End(nil)
		turn.MarkAt(otelvoice.AgentStarted, stopped.Add(600*time.Millisecond))
		turn.End()
		<-time.After(pause)
	}
	return strings.ReplaceAll(session.CorrelationID(), "-", "")
}

func must[S any](_ context.Context, stage S) S { return stage }

// settled waits until no span arrives for longer than a takeover and decisions take.
func (f *fleet) settled(tb testing.TB) {
	tb.Helper()
	before := -1
	for since := time.Now(); ; <-time.After(100 * time.Millisecond) {
		if n := len(f.kept.AllSpans()); n != before {
			before, since = n, time.Now()
		}
		if time.Since(since) > 2*sessionTimeout+5*decisionAfterEnd {
			return
		}
	}
}

// verdict compares the spans of the kept traces with the ledger, and returns also the number of kept
// traces and those that should have been kept.
func (f *fleet) verdict(tb testing.TB, keep []string) (v ledger.Verdict, kept int, missing []string) {
	tb.Helper()
	traces := make(map[string]bool)
	var ids []string
	for _, s := range f.kept.AllSpans() {
		traces[hex.EncodeToString(s.GetTraceId())] = true
		ids = append(ids, hex.EncodeToString(s.GetSpanId()))
	}
	entries := slices.DeleteFunc(f.made.entries(tb), func(e ledger.Entry) bool { return !traces[e.Group] })
	for _, id := range keep {
		if !traces[id] {
			missing = append(missing, id)
		}
	}
	return ledger.Judge(entries, map[string][]string{"span": ids}), len(traces), missing
}
