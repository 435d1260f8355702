// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/semconv"
)

// ledger is a span processor that counts the spans that start and end.
type ledger struct {
	onStart func(sdktrace.ReadWriteSpan) // Nil is ignored.
	late    atomic.Bool                  // Set when Shutdown was called; later spans start late.

	mu    sync.Mutex
	spans map[trace.SpanID]*entry
}

type entry struct {
	name   string
	parent trace.SpanID
	index  int // The turn's index.
	turns  int // The number of turns of a session that has ended.
	late   bool
	ends   int
}

func newLedger() *ledger { return &ledger{spans: make(map[trace.SpanID]*entry)} }

func (l *ledger) OnStart(_ context.Context, s sdktrace.ReadWriteSpan) {
	e := &entry{name: s.Name(), parent: s.Parent().SpanID(), late: l.late.Load()}
	for _, kv := range s.Attributes() {
		if kv.Key == semconv.VoiceTurnIndexKey {
			e.index = int(kv.Value.AsInt64())
		}
	}
	l.mu.Lock()
	l.spans[s.SpanContext().SpanID()] = e
	l.mu.Unlock()
	if l.onStart != nil {
		l.onStart(s)
	}
}

func (l *ledger) OnEnd(s sdktrace.ReadOnlySpan) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.spans[s.SpanContext().SpanID()]
	e.ends++
	for _, kv := range s.Attributes() {
		if kv.Key == semconv.VoiceSessionTurnCountKey {
			e.turns = int(kv.Value.AsInt64())
		}
	}
}

func (*ledger) ForceFlush(context.Context) error { return nil }
func (*ledger) Shutdown(context.Context) error   { return nil }

// check checks that spans that were started before Shutdown have ended once, and that a session
// has as many turns as its turn count, numbered from 1.
func (l *ledger) check(t *testing.T, ended map[trace.SpanID]bool) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	turns := make(map[trace.SpanID][]int)
	for id, e := range l.spans {
		session := l.spans[e.parent]
		switch {
		case e.ends > 1:
			t.Errorf("%s ended %d times", e.name, e.ends)
		case e.ends == 1 || e.late:
		case e.name == semconv.SpanVoiceSession, e.name == semconv.SpanVoiceTurn && e.index <= session.turns, ended[id]:
			t.Errorf("%s %d was started before Shutdown and is lost", e.name, e.index)
		}
		if e.name == semconv.SpanVoiceTurn && e.index <= session.turns {
			turns[e.parent] = append(turns[e.parent], e.index)
		}
	}
	for id, e := range l.spans {
		if e.name != semconv.SpanVoiceSession || e.late {
			continue
		}
		indexes := turns[id]
		slices.Sort(indexes)
		for i, index := range indexes {
			if index != i+1 {
				t.Errorf("turns are numbered %v", indexes)
				break
			}
		}
		if len(indexes) != e.turns {
			t.Errorf("the session says that it had %d turns, and has %v", e.turns, indexes)
		}
	}
}

// caller makes random calls of the API.
type caller struct {
	tel    *voicesdk.SDK
	random *rand.Rand
	books  *ledger
	ended  map[trace.SpanID]bool // The spans whose End returned before Shutdown was called.
}

func newCaller(tel *voicesdk.SDK, books *ledger, seed, stream uint64) *caller {
	return &caller{tel: tel, random: rand.New(rand.NewPCG(seed, stream)), books: books, ended: make(map[trace.SpanID]bool)}
}

func (c *caller) hasEnded(ctx context.Context) {
	if !c.books.late.Load() {
		c.ended[trace.SpanContextFromContext(ctx).SpanID()] = true
	}
}

func (c *caller) one(n int) bool { return c.random.IntN(n) == 0 }

// turn records a turn in a session that other callers share.
func (c *caller) turn(ctx context.Context, session *otelvoice.Session) {
	ctx, turn := session.StartTurn(ctx)
	turn.Mark(otelvoice.UserStarted)
	if turn.ID() == "" || turn.Index() == 0 || otelvoice.TurnFromContext(ctx) != turn {
		panic("a turn that is not whole")
	}
	sctx, stt := turn.StartSTT(ctx, nova3)
	turn.VADStopped(time.Time{}, time.Millisecond)
	stt.Final()
	if !c.one(4) { // Otherwise the turn ends it.
		stt.End(nil)
		c.hasEnded(sctx)
	}
	_, llm := turn.StartLLM(ctx, gpt)
	llm.FirstToken()
	_, tool := turn.StartTool(ctx, "book")
	switch c.random.IntN(6) {
	case 0:
		turn.Interrupt(otelvoice.AudioActivity)
		turn.FalseInterruption()
	case 1:
		turn.Fail(errGone)
	case 2:
		turn.SetOutcome(otelvoice.Completed)
	case 3:
		session.End()
	}
	tool.End(nil)
	llm.End(errGone)
	_, tts := turn.StartTTS(ctx, sonic3)
	tts.AddAudio([]byte{1, 2})
	turn.Mark(otelvoice.AgentStarted)
	tts.End(nil)
	if !c.one(4) { // Otherwise the session ends it.
		turn.End()
		c.hasEnded(ctx)
	}
	turn.Latency()
	turn.Stages()
}

// call makes a random call.
func (c *caller) call(ctx context.Context, session *otelvoice.Session) {
	switch c.random.IntN(12) {
	case 0:
		own, s := c.tel.StartSession(ctx)
		c.turn(own, s)
		if c.one(2) {
			s.End()
		}
	case 1:
		session.Fail(errGone)
	case 2:
		_ = c.tel.SetLevel(slog.LevelDebug + slog.Level(4*c.random.IntN(3)))
	case 3:
		_ = c.tel.ForceFlush(ctx)
	case 4:
		session.OnTurn(func(*otelvoice.Turn) func() { return func() {} })
	case 5:
		_, operation := c.tel.StartOperation(ctx, "look up")
		operation.End(nil)
	case 6:
		c.tel.Health()
		session.Connected(time.Time{})
		session.SetAttributes(semconv.VoiceChannel("web"))
	default:
		c.turn(ctx, session)
	}
}

// meetAtRandom lets callers share sessions while several goroutines call Shutdown.
func meetAtRandom(t *testing.T, seed uint64) {
	t.Helper()
	books := newLedger()
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(), voicesdk.WithSpanProcessor(books),
		voicesdk.WithLogWriter(io.Discard), voicesdk.WithShutdownTimeout(time.Minute), variables())
	if err != nil {
		t.Fatal(err)
	}
	shared := make([]*otelvoice.Session, 2)
	for i := range shared {
		_, shared[i] = tel.StartSession(t.Context())
	}
	var wg sync.WaitGroup
	callers := make([]*caller, 3)
	for i := range callers {
		c := newCaller(tel, books, seed, uint64(i))
		callers[i] = c
		wg.Go(func() {
			for range 1 + c.random.IntN(4) {
				c.call(t.Context(), shared[c.random.IntN(len(shared))])
			}
		})
	}
	own := newCaller(tel, books, seed, uint64(len(callers)))
	for range own.random.IntN(4) { // Shutdown then comes at different points of the calls.
		own.call(t.Context(), shared[0])
	}
	books.late.Store(true)
	for range 2 {
		wg.Go(func() {
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
		})
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Errorf("seed %d: %v", seed, err)
	}
	wg.Wait()
	ended := make(map[trace.SpanID]bool)
	for _, c := range callers {
		for id := range c.ended {
			ended[id] = true
		}
	}
	books.check(t, ended)
	if t.Failed() {
		t.Fatalf("seed %d", seed)
	}
	if h := tel.Health(); h.Panics > 0 {
		t.Fatalf("seed %d: %d panics", seed, h.Panics)
	}
}

// A process that is shut down during calls does not crash, ends each span once, and exports all
// spans that were started before.
func TestCallsAndShutdownMeetAtRandom(t *testing.T) {
	const rounds, budget = 1000, 8 * time.Second // All rounds fit into the budget on two idle cores.
	begin := time.Now()
	for seed := range uint64(rounds) {
		meetAtRandom(t, seed)
		if time.Since(begin) > budget {
			t.Logf("%d rounds in %s", seed+1, budget)
			break
		}
	}
}

// A turn that starts while its session ends, or a stage that starts while its turn ends, is
// complete and ends with its parent.
func TestWhatStartsWhileItsParentEnds(t *testing.T) {
	for _, tt := range []struct {
		name string
		on   string // The end coincides with the start of this.
		end  func(*voicesdk.SDK, *otelvoice.Session, *otelvoice.Turn)
	}{
		{"turn, hang-up", semconv.SpanVoiceTurn, func(_ *voicesdk.SDK, s *otelvoice.Session, _ *otelvoice.Turn) { s.End() }},
		{"stage, end of the turn", "speech_to_text nova-3", func(_ *voicesdk.SDK, _ *otelvoice.Session, turn *otelvoice.Turn) { turn.End() }},
		{"stage, hang-up", "chat gpt-4o-mini", func(_ *voicesdk.SDK, s *otelvoice.Session, _ *otelvoice.Turn) { s.End() }},
		{"tool, hang-up", "execute_tool book", func(_ *voicesdk.SDK, s *otelvoice.Session, _ *otelvoice.Turn) { s.End() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			books := newLedger()
			tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(), voicesdk.WithSpanProcessor(books),
				voicesdk.WithLogWriter(io.Discard), variables())
			if err != nil {
				t.Fatal(err)
			}
			ctx, session := tel.StartSession(t.Context())
			var turn *otelvoice.Turn
			books.onStart = func(s sdktrace.ReadWriteSpan) {
				if s.Name() == tt.on {
					tt.end(tel, session, turn)
				}
			}
			observed := 0
			session.OnTurn(func(*otelvoice.Turn) func() { return func() { observed++ } })
			ctx, turn = session.StartTurn(ctx)
			turn.StartSTT(ctx, nova3)
			turn.StartLLM(ctx, gpt)
			turn.StartTool(ctx, "book")
			if outcome, ended := turn.Outcome(); !ended || observed != 1 {
				t.Errorf("the turn is %q, ended %v, and %d observers were called", outcome, ended, observed)
			}
			for _, e := range books.spans {
				if e.ends != 1 && e.name == tt.on {
					t.Errorf("%s ended %d times", e.name, e.ends)
				}
			}
			books.onStart = nil
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// A session that starts during Shutdown is ended by it, and sessions that start later do not
// accumulate in memory.
func TestSessionThatStartsDuringShutdown(t *testing.T) {
	books := newLedger()
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(), voicesdk.WithSpanProcessor(books),
		voicesdk.WithLogWriter(io.Discard), variables())
	if err != nil {
		t.Fatal(err)
	}
	starting, release := make(chan struct{}), make(chan struct{})
	books.onStart = func(sdktrace.ReadWriteSpan) {
		close(starting)
		<-release
	}
	started := make(chan struct{})
	go func() {
		defer close(started)
		tel.StartSession(t.Context())
	}()
	<-starting
	stopped := make(chan error)
	go func() { stopped <- tel.Shutdown(context.Background()) }()
	for !tel.ShuttingDown() {
	}
	close(release)
	<-started
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	books.onStart = nil
	books.check(t, nil)
	for range 100 {
		tel.StartSession(t.Context())
	}
	if n := tel.OpenSessions(); n != 0 {
		t.Errorf("%d sessions are kept after Shutdown", n)
	}
}
