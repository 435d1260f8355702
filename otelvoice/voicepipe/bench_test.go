// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import (
	"context"
	"io"
	"iter"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// instant is a provider of all kinds that needs no time: what is measured is the
// pipeline and its telemetry.
type instant struct{ frames []voiceprovider.Frame }

func (instant) Transcribe(_ context.Context, audio iter.Seq[voiceprovider.Frame]) iter.Seq2[voiceprovider.Transcript, error] {
	return func(yield func(voiceprovider.Transcript, error) bool) {
		for range audio {
		}
		yield(voiceprovider.Transcript{Text: "a table for two", Final: true}, nil)
	}
}

func (instant) Respond(context.Context, voiceprovider.Request) iter.Seq2[voiceprovider.Chunk, error] {
	return func(yield func(voiceprovider.Chunk, error) bool) {
		for _, word := range [...]string{"With", " pleasure", ".", " At", " seven", "?"} {
			if !yield(voiceprovider.Chunk{Text: word}, nil) {
				return
			}
		}
	}
}

func (i instant) Synthesize(_ context.Context, text iter.Seq[string]) iter.Seq2[voiceprovider.Frame, error] {
	return func(yield func(voiceprovider.Frame, error) bool) {
		for range text {
		}
		for _, f := range i.frames {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// dropped is a span processor and an exporter at its cheapest: what it costs to send
// is not the pipeline's.
type dropped struct{}

func (dropped) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (dropped) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (dropped) Shutdown(context.Context) error                  { return nil }
func (dropped) ForceFlush(context.Context) error                { return nil }

func newInstant(tb testing.TB, tel *otelvoice.Telemetry) *voicepipe.Pipeline {
	tb.Helper()
	provider := instant{slices.Repeat([]voiceprovider.Frame{sound(20 * time.Millisecond)}, 50)}
	p, err := voicepipe.New(voicepipe.Config{
		Telemetry: tel,
		STT:       []voiceprovider.Transcriber{voicepipe.InstrumentSTT(provider, otelvoice.Model{Provider: "deepgram", Name: "nova-3"})},
		LLM:       []voiceprovider.Responder{voicepipe.InstrumentLLM(provider, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"})},
		TTS:       []voiceprovider.Synthesizer{voicepipe.InstrumentTTS(provider, otelvoice.Model{Provider: "cartesia", Name: "sonic-3"})},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func newTelemetry(tb testing.TB) *otelvoice.Telemetry {
	tb.Helper()
	tel, err := voicesdk.Setup(tb.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(io.Discard),
		voicesdk.WithSpanProcessor(dropped{}), voicesdk.WithMetricReader(metric.NewManualReader()))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = tel.Shutdown(context.Background()) })
	return tel.Telemetry
}

// turns holds calls at the same time, each of so many turns.
func turns(ctx context.Context, tel *otelvoice.Telemetry, p *voicepipe.Pipeline, calls, turns int) error {
	utterance := slices.Values(slices.Repeat([]voiceprovider.Frame{sound(20 * time.Millisecond)}, 100))
	errs := make(chan error, calls)
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			ctx, session := tel.StartSession(ctx)
			defer session.End()
			for range turns {
				if _, err := p.Process(ctx, utterance, nil, silent{}); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(errs)
	return <-errs
}

// silent is a line that takes all at once.
type silent struct{}

func (silent) Play(context.Context, voiceprovider.Frame) error { return nil }

// BenchmarkCalls is 500 calls at once with instant providers; an operation is one
// turn in each. The telemetry's share of the CPU is what is missing from the second to
// the first.
func BenchmarkCalls(b *testing.B) {
	const calls = 500
	for _, tt := range []struct {
		name string
		tel  *otelvoice.Telemetry
	}{{"telemetry", newTelemetry(b)}, {"none", nil}} {
		b.Run(tt.name, func(b *testing.B) {
			p := newInstant(b, tt.tel)
			b.ReportAllocs()
			for b.Loop() {
				if err := turns(b.Context(), tt.tel, p, calls, 1); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())*float64(runtime.GOMAXPROCS(0))/float64(b.N)/calls, "cpu-µs/turn")
		})
	}
}

// However many calls there were, nothing of them is left.
func TestNothingIsLeftOfCalls(t *testing.T) {
	if testing.Short() {
		t.Skip("500 calls, six times over")
	}
	tel := newTelemetry(t)
	p := newInstant(t, tel)
	var first uint64
	before := runtime.NumGoroutine()
	for round := range 6 {
		if err := turns(t.Context(), tel, p, 500, 1); err != nil {
			t.Fatal(err)
		}
		runtime.GC()
		runtime.GC() // What is in pools goes the second time.
		var mem runtime.MemStats
		runtime.ReadMemStats(&mem)
		if round == 2 {
			first = mem.HeapAlloc
		}
		if round > 2 && mem.HeapAlloc > first+4<<20 {
			t.Errorf("round %d: %d kB in use, %d kB after round 3", round+1, mem.HeapAlloc>>10, first>>10)
		}
	}
	for range 100_000 { // Those that are about to end, end.
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines, %d before", n, before)
	}
}
