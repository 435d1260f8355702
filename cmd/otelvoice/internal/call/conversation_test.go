// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package call_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/testing/script"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/semconv"
)

func sleep(d time.Duration) { <-time.After(d) }

// say plays a turn: the user speaks for 2 s, a model and maybe a tool answer, the agent speaks.
func say(ctx context.Context, session *otelvoice.Session, text, reply string, tool, speech time.Duration, during func(*otelvoice.Turn)) {
	ctx, turn := session.StartTurn(ctx)
	defer turn.End()
	turn.Mark(otelvoice.UserStarted)
	_, stt := turn.StartSTT(ctx, otelvoice.Model{Provider: "deepgram", Name: "nova-3"})
	sleep(2 * time.Second)
	turn.UserStopped(time.Now(), otelvoice.AnchorVAD)
	sleep(100 * time.Millisecond)
	stt.SetTranscript(text)
	stt.Final()
	stt.End(nil)
	turn.Mark(otelvoice.TurnCommitted)
	lctx, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"})
	if tool > 0 {
		_, called := turn.StartTool(lctx, "find_table")
		sleep(tool)
		called.End(nil)
	}
	sleep(300 * time.Millisecond)
	llm.FirstToken()
	llm.SetReply(reply)
	llm.End(nil)
	_, tts := turn.StartTTS(ctx, otelvoice.Model{Provider: "cartesia", Name: "sonic-3"})
	tts.AddText(reply)
	sleep(200 * time.Millisecond)
	tts.FirstByte()
	turn.Mark(otelvoice.AgentStarted)
	tts.End(nil)
	sleep(speech / 2)
	if during != nil {
		during(turn)
	}
	sleep(speech / 2)
	turn.Mark(otelvoice.AgentStopped)
}

// conversation is a call with all that can happen between two people.
func conversation(ctx context.Context, tel *voicesdk.SDK) {
	ctx, session := tel.StartSession(ctx, otelvoice.WithSessionID("full"), otelvoice.WithAgent("concierge", "1.4.0"))
	session.Connected(time.Now())
	say(ctx, session, "A table for four.", "For which day?", 0, 3*time.Second, func(turn *otelvoice.Turn) {
		turn.Mark(otelvoice.UserStarted) // A cough.
		turn.Interrupt(otelvoice.AudioActivity)
		sleep(200 * time.Millisecond)
		turn.Mark(otelvoice.UserStopped)
		turn.FalseInterruption()
	})
	sleep(time.Second)
	say(ctx, session, "Tonight.", "Let me look.", 4*time.Second, 2*time.Second, func(turn *otelvoice.Turn) {
		turn.SetAttributes(
			semconv.VoicePlayoutQueued(2), semconv.VoicePlayoutPlayed(1.9), semconv.VoicePlayoutUnderrunCount(2), semconv.VoicePlayoutUnderrunDuration(0.18),
			semconv.VoiceMediaPacketCount(500), semconv.VoiceMediaPacketLost(12), semconv.VoiceMediaPacketOutOfOrder(1), semconv.VoiceMediaJitter(0.031),
			semconv.VoiceMediaRoundTripTime(0.08), semconv.VoiceMediaGapCount(3), semconv.VoiceMediaGapLongest(0.2), semconv.VoiceMediaGapTotal(0.5))
	})
	sleep(time.Second)
	hold := session.Hold()
	sleep(20 * time.Second)
	hold.End()
	sleep(5 * time.Second) // The user says nothing.
	session.IdlePrompt()
	say(ctx, session, "Thank you.", "Goodbye!", 0, time.Second, nil)
	session.SetOutcome("booked")
	session.End()
}

// The document of a call says what its spans say.
func TestConversation(t *testing.T) {
	batch := script.Record(t, conversation, otelvoice.WithContentCapture(), otelvoice.WithSegmentBudget(otelvoice.SegmentGeneration, time.Second)).Batch()
	c := call.New("full", batch.Spans, batch.Records)
	session := only(t, batch, semconv.SpanVoiceSession)[0]
	for _, tt := range []struct {
		key attribute.Key
		got *float64
	}{
		{semconv.VoiceTalkUserDurationKey, c.Talk.User},
		{semconv.VoiceTalkAgentDurationKey, c.Talk.Agent},
		{semconv.VoiceOverlapDurationKey, c.Talk.Overlap},
		{semconv.VoiceSilenceDurationKey, c.Talk.Silence},
	} {
		if want, ok := session.Float(tt.key); !ok || tt.got == nil || *tt.got != want {
			t.Errorf("%s is %v, want %v", tt.key, tt.got, want)
		}
	}
	count, _ := session.Int(semconv.VoiceDeadAirCountKey)
	total, _ := session.Float(semconv.VoiceDeadAirDurationKey)
	var activities []string
	sum := 0.0
	for _, d := range c.DeadAir {
		activities = append(activities, d.Activity)
		sum += *d.Duration
	}
	if count != 2 || !slices.Equal(activities, []string{semconv.VoiceDeadAirActivityTool, semconv.VoiceDeadAirActivityListening}) || math.Abs(sum-total) > 1e-9 {
		t.Errorf("dead air %v of %v s, want %d of %v s", activities, sum, count, total)
	}
	if n, _ := session.Int(semconv.VoiceFalseInterruptionCountKey); n != 1 || c.FalseInterruptions != 1 || !c.Turns[0].FalseInterruption || c.Turns[1].FalseInterruption {
		t.Errorf("%d false interruptions, want %d", c.FalseInterruptions, n)
	}
	for i, want := range []struct{ transcript, reply string }{{"A table for four.", "For which day?"}, {"Tonight.", "Let me look."}, {"Thank you.", "Goodbye!"}} {
		if got := c.Turns[i]; got.Transcript != want.transcript || got.Reply != want.reply {
			t.Errorf("turn %d: %q, %q, want %q, %q", i+1, got.Transcript, got.Reply, want.transcript, want.reply)
		}
	}
	slow := c.Turns[1]
	if want := []string{semconv.VoiceBudgetResponse, semconv.VoiceBudgetGeneration}; !slices.Equal(slow.OverBudget, want) || slow.SlowestSegment != semconv.VoiceSegmentGeneration {
		t.Errorf("over budget %v, %s, want %v", slow.OverBudget, slow.SlowestSegment, want)
	}
	if slow.Playout == nil || slow.Playout.Underruns != 2 || *slow.Playout.Underrun != 0.18 || *slow.Playout.Queued != 2 || *slow.Playout.Played != 1.9 {
		t.Errorf("playout %+v", slow.Playout)
	}
	media, err := json.Marshal(slow.Media)
	if want := `{"packets":500,"lost":12,"out_of_order":1,"jitter":0.031,"round_trip_time":0.08,"gaps":3,"longest_gap":0.2,"gap_time":0.5}`; err != nil || string(media) != want {
		t.Errorf("media %s, want %s", media, want)
	}
	for i, attrs := range only(t, batch, semconv.SpanVoiceTurn) {
		for side, key := range []attribute.Key{semconv.VoiceTalkUserDurationKey, semconv.VoiceTalkAgentDurationKey} {
			spoke := [][]call.Speech{c.Turns[i].User, c.Turns[i].Agent}[side]
			sum := 0.0
			for _, s := range spoke {
				sum += *s.Duration
			}
			if want, ok := attrs.Float(key); !ok || math.Abs(sum-want) > 1e-9 {
				t.Errorf("turn %d: %s is %v, want %v", i+1, key, sum, want)
			}
		}
	}
	if n, _ := only(t, batch, semconv.GenAIOperationNameTextToSpeech+" sonic-3")[0].Int(semconv.VoiceTTSCharactersKey); n == 0 || !slices.ContainsFunc(c.Turns[0].Stages, func(s *call.Stage) bool { return s.Characters != nil && *s.Characters == n }) {
		t.Errorf("no stage has %d characters", n)
	}
}

// only returns the attributes of the spans with a name, in order.
func only(t *testing.T, batch *signal.Batch, name string) (list []signal.Attributes) {
	t.Helper()
	slices.SortFunc(batch.Spans, func(x, y *signal.Span) int { return x.Start.Compare(y.Start) })
	for _, s := range batch.Spans {
		if s.Name == name {
			list = append(list, s.Attributes)
		}
	}
	if len(list) == 0 {
		t.Fatalf("no span %s", name)
	}
	return list
}

// What is not known is absent.
func TestUnknownConversation(t *testing.T) {
	for _, tt := range []struct {
		name    string
		program func(context.Context, *voicesdk.SDK)
		options []otelvoice.Option
		lost    string // Spans with this name do not come.
		dead    int
		silence bool
		said    bool
	}{
		{"all is known", conversation, []otelvoice.Option{otelvoice.WithContentCapture()}, "", 2, true, true},
		{"no content was recorded", conversation, nil, "", 2, true, false},
		{"there is no bound of dead air", conversation, []otelvoice.Option{otelvoice.WithoutDeadAir()}, "", 0, true, false},
		{"the turns are lost", conversation, nil, semconv.SpanVoiceTurn, 0, true, false},
		{"the call goes on", conversation, nil, semconv.SpanVoiceSession, 2, true, false},
		{"a speech has no end", func(ctx context.Context, tel *voicesdk.SDK) {
			ctx, session := tel.StartSession(ctx, otelvoice.WithSessionID("full"))
			_, turn := session.StartTurn(ctx)
			turn.Mark(otelvoice.UserStarted)
			sleep(time.Second)
			turn.Fail(errors.New("no answer"))
			turn.End()
			sleep(10 * time.Second)
			say(ctx, session, "Hello?", "Yes?", 0, time.Second, nil)
			session.End()
		}, nil, "", 0, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			batch := script.Record(t, tt.program, tt.options...).Batch()
			batch.Spans = slices.DeleteFunc(batch.Spans, func(s *signal.Span) bool { return s.Name == tt.lost })
			if tt.lost != "" {
				batch.Records = nil
			}
			c := call.New("full", batch.Spans, batch.Records)
			if len(c.DeadAir) != tt.dead || (c.Talk.Silence != nil) != tt.silence {
				t.Errorf("%d dead airs, silence %v", len(c.DeadAir), c.Talk.Silence)
			}
			for _, turn := range c.Turns {
				if (turn.Transcript+turn.Reply != "") != tt.said {
					t.Errorf("%q, %q", turn.Transcript, turn.Reply)
				}
			}
		})
	}
}

// Who still speaks in an open call does so until now: that is no silence.
func TestOpenConversation(t *testing.T) {
	batch := script.Record(t, func(ctx context.Context, tel *voicesdk.SDK) {
		ctx, session := tel.StartSession(ctx, otelvoice.WithSessionID("open"))
		say(ctx, session, "Hello.", "Good morning.", 0, time.Second, nil)
		sleep(4 * time.Second)
		say(ctx, session, "A table, please.", "For which day?", 0, time.Second, nil)
	}).Batch()
	c := call.New("open", batch.Spans, nil)
	if !c.Open || len(c.DeadAir) != 1 || *c.DeadAir[0].Duration != 4 || c.DeadAir[0].Activity != semconv.VoiceDeadAirActivityListening {
		t.Errorf("dead air %+v", c.DeadAir)
	}
	want := call.Talk{User: new(4.0), Agent: new(2.0), Overlap: new(0.0), Silence: new(5.2)}
	if !reflect.DeepEqual(c.Talk, want) {
		text, _ := json.Marshal(c.Talk)
		t.Errorf("talk %s", text)
	}
}
