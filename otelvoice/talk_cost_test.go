// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// randomTurn marks speech at any times, often contradictory, and works in it.
func randomTurn(c *talkedCall, rng *rand.Rand) {
	from := float64(rng.IntN(58))
	turn := c.turn(from)
	for range rng.IntN(4) {
		turn.user(from+rng.Float64(), from+rng.Float64()*9)
	}
	for range rng.IntN(4) {
		turn.agent(from+rng.Float64()*4, from+rng.Float64()*30)
	}
	_, tool := turn.StartTool(c.ctx, fmt.Sprint("tool", rng.IntN(1000)))
	tool.End(nil)
	if rng.IntN(3) == 0 {
		turn.interrupted(from + rng.Float64()*9)
	}
	if rng.IntN(6) == 0 {
		turn.FalseInterruption()
	}
	if rng.IntN(8) > 0 {
		turn.End()
	}
}

// Whatever is marked, no value is negative or longer than the call, and the metrics have few series.
func TestConversationsOfAnyMarks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t, voicesdk.WithInstrumentation(otelvoice.WithoutStageLogs()))
		for call := range 300 {
			rng := rand.New(rand.NewPCG(1, uint64(call)))
			c := callOn(t, tel)
			passes(60)
			for range rng.IntN(5) {
				randomTurn(c, rng)
			}
			c.session.End()
		}
		for _, s := range rec.Spans() {
			longest := s.EndTime().Sub(s.StartTime()).Seconds()
			for _, kv := range s.Attributes() {
				key := string(kv.Key)
				if !strings.HasPrefix(key, "voice.talk.") && !strings.HasPrefix(key, "voice.dead_air.") && !strings.HasPrefix(key, "voice.interruption.") &&
					!strings.HasPrefix(key, "voice.agent_int") && !strings.HasPrefix(key, "voice.overlap") && !strings.HasPrefix(key, "voice.silence") {
					continue
				}
				if v := kv.Value.AsFloat64(); v < 0 || v > 2*longest && v > 60 {
					t.Errorf("%s is %v in a span of %v s", key, v, longest)
				}
			}
		}
		for _, m := range semconv.Metrics() {
			most := 1
			switch m.Name {
			case semconv.MetricVoiceTalkDuration().Name, semconv.MetricVoiceTalkLongest().Name, semconv.MetricVoiceTalkUnknownCount().Name:
				most = 2
			case semconv.MetricVoiceInterruptionRecoveryCount().Name, semconv.MetricVoiceFalseInterruptionCount().Name:
				most = 3
			case semconv.MetricVoiceDeadAirCount().Name, semconv.MetricVoiceDeadAirDuration().Name:
				most = 7
			case semconv.MetricVoiceInterruptionStopTime().Name, semconv.MetricVoiceInterruptionOverlap().Name,
				semconv.MetricVoiceOverlapDuration().Name, semconv.MetricVoiceSilenceDuration().Name, semconv.MetricVoiceTalkAgentRatio().Name,
				semconv.MetricVoiceAgentInterruptionCount().Name, semconv.MetricVoiceAgentInterruptionOverlap().Name,
				semconv.MetricVoiceBackchannelCount().Name, semconv.MetricVoiceDeadAirLongest().Name:
			default:
				continue
			}
			if got := points(rec, m.Name); got == "" || strings.Count(got, "\n") >= most {
				t.Errorf("%s: want 1 to %d series, got\n%s", m.Name, most, got)
			}
		}
	})
}

// Turns that end at the same time, while snapshots are taken.
func TestConversationConcurrentSafe(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context())
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			for range 20 {
				talkedTurnNow(ctx, session)
				session.Snapshot()
				session.Hold().End()
			}
		})
	}
	running.Wait()
	session.End()
	voicetest.Check(t, rec)
}

// talkedTurnNow is benchTurn with both ends of both voices, and an interruption.
func talkedTurnNow(ctx context.Context, session *otelvoice.Session) {
	ctx, turn := session.StartTurn(ctx)
	turn.Mark(otelvoice.UserStarted)
	_, stt := turn.StartSTT(ctx, nova3)
	turn.Mark(otelvoice.UserStopped)
	stt.SetConfidence(.9)
	stt.Final()
	stt.End(nil)
	turn.Mark(otelvoice.TurnCommitted)
	_, llm := turn.StartLLM(ctx, gpt)
	llm.FirstToken()
	llm.SetUsage(otelvoice.Usage{InputTokens: 80, OutputTokens: 4})
	llm.End(nil)
	_, tts := turn.StartTTS(ctx, sonic3)
	tts.AddText("We open at nine.")
	tts.FirstByte()
	turn.Mark(otelvoice.AgentStarted)
	tts.End(nil)
	turn.Mark(otelvoice.AgentStopped)
	turn.End()
}

// BenchmarkTalkedTurn measures a turn with both ends of both voices; see BenchmarkTurn.
func BenchmarkTalkedTurn(b *testing.B) {
	tel := benchTelemetry(b)
	ctx, session := tel.StartSession(b.Context())
	defer session.End()
	b.ReportAllocs()
	for b.Loop() {
		talkedTurnNow(ctx, session)
	}
}
