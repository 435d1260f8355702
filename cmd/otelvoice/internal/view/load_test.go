// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package view_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/api"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/testing/viewer"
	"github.com/voice-agents/telemetry/otelvoice"
)

// The load of TestLoad. A thousand calls send about 1,700 spans and as many log records a second:
//
//	go test ./internal/view -run Load -v -args -load 1m -calls 1000
var (
	load        = flag.Duration("load", 3*time.Second, "how long the calls of TestLoad last")
	callsAtOnce = flag.Int("calls", 200, "how many calls TestLoad has at once")
)

// Of many calls at once nothing is lost, and pages are answered meanwhile.
func TestLoad(t *testing.T) {
	a := start(t, anywhere())
	sdk := agent(t, "http://"+a.OTLPHTTP, "http/protobuf")
	ctx, hangUp := context.WithTimeout(t.Context(), *load)
	defer hangUp()
	var calls sync.WaitGroup
	var turns sync.Map
	for range *callsAtOnce {
		calls.Go(func() {
			callCtx, session := sdk.StartSession(context.WithoutCancel(ctx), otelvoice.WithAgent("concierge", "1.4.0"))
			defer session.End()
			n := 0
			defer func() { turns.Store(session.ID(), n) }()
			for pause := time.NewTicker(3 * time.Second); ; n++ {
				exchange(callCtx, session)
				select {
				case <-pause.C:
				case <-ctx.Done():
					pause.Stop()
					n++
					return
				}
			}
		})
	}
	var waits []time.Duration
	var most uint64
	for ctx.Err() == nil {
		began := time.Now()
		if code := get(t, a.Pages, "/api/calls", nil); code != http.StatusOK {
			t.Errorf("status %d", code)
		}
		waits = append(waits, time.Since(began))
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.Sys-m.HeapReleased)
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	calls.Wait()
	if err := sdk.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	var health api.Health
	viewer.Eventually(t, a.Pages, "all is stored", func() bool {
		get(t, a.Pages, "/api/health", &health)
		return health.Received.Spans == health.Stored.Spans && health.Stored.Sessions == int64(*callsAtOnce)
	})
	if health.Received.Refused+health.Received.Malformed != 0 || len(health.Dropped) > 0 || health.Error != "" {
		t.Errorf("%+v %+v %s", health.Received, health.Dropped, health.Error)
	}
	want := int64(*callsAtOnce)
	turns.Range(func(_, n any) bool {
		want += int64(n.(int)) * spansOfExchange
		return true
	})
	if health.Stored.Spans != want {
		t.Errorf("stored %d spans, want %d", health.Stored.Spans, want)
	}
	var list api.List
	viewer.Eventually(t, a.Pages, "the lists have all calls", func() bool {
		get(t, a.Pages, "/api/calls?outcome=booked&limit=1", &list)
		return list.Total == *callsAtOnce
	})
	began := time.Now()
	get(t, a.Pages, "/api/calls", &list)
	listed := time.Since(began)
	var id string
	turns.Range(func(key, _ any) bool { id = key.(string); return false })
	began = time.Now()
	get(t, a.Pages, "/api/calls/"+id, nil)
	slices.Sort(waits)
	t.Logf("%d spans, %d log records; the list took %v in the median and %v at most under load, then %v; a call %v; %d MB with the agent",
		health.Stored.Spans, health.Stored.Records, waits[len(waits)/2], waits[len(waits)-1], listed, time.Since(began), most>>20)
}

// spansOfExchange is how many spans a turn of exchange has.
const spansOfExchange = 5

// exchange is a turn of a recogniser, a model that calls a tool, and a synthesizer.
func exchange(ctx context.Context, session *otelvoice.Session) {
	session.SetOutcome("booked")
	ctx, turn := session.StartTurn(ctx)
	defer turn.End()
	_, stt := turn.StartSTT(ctx, otelvoice.Model{Provider: "deepgram", Name: "nova-3"})
	stt.End(nil)
	_, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"})
	llm.SetUsage(otelvoice.Usage{InputTokens: 100, OutputTokens: 10})
	llm.End(nil)
	_, tool := turn.StartTool(ctx, "find_table")
	tool.End(nil)
	_, tts := turn.StartTTS(ctx, otelvoice.Model{Provider: "elevenlabs", Name: "eleven_flash_v2_5"})
	tts.End(fmt.Errorf("no voice: %w", context.Canceled))
}
