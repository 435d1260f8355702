// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

var mulaw = otelvoice.AudioFormat{Codec: otelvoice.CodecMuLaw, SampleRate: 8000, Channels: 1}

// hear sends audio in real time: a frame at the end of each 20 ms.
func hear(stream *otelvoice.STTStream, ms int) {
	for range ms / 20 {
		wait(20)
		stream.AddAudio(make([]byte, 160))
	}
}

// answer marks the agent's start a given time after the transcript and ends the turn. It returns
// the response latency in milliseconds.
func answer(turn *otelvoice.Turn, ms int) int64 {
	wait(ms)
	turn.Mark(otelvoice.AgentStarted)
	turn.End()
	l, _ := turn.Latency()
	return l.Response.Milliseconds()
}

// The user speaks until 2.0 s of the audio. The audio stalls for 508 ms on the way, and the
// answer comes 390 ms after the last word. Connection time plus offset would give 390 + 508 = 898
// ms.
func TestSTTStreamAfterAStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		ctx, session := tel.StartSession(t.Context())
		ctx, stream := session.StartSTTStream(ctx, nova3)
		stream.SetAudio(mulaw)
		wait(180)
		stream.Connected()
		opened := time.Now()

		hear(stream, 1000)
		_, turn := session.StartTurn(ctx)
		_, stt := stream.Utterance(ctx, turn)
		wait(508) // No audio arrives.
		hear(stream, 1000)
		ended := time.Now() // 2.0 s of audio, at the end of the last word.
		hear(stream, 240)
		stt.SpeechStarted(600 * time.Millisecond)
		at, ok := stt.SpeechStopped(2 * time.Second)
		stt.Final()
		stt.End(nil)
		if !ok || !at.Equal(ended) {
			t.Errorf("the end of speech is %v after the connection, want %v", at.Sub(opened), ended.Sub(opened))
		}
		if got := answer(turn, 150); got != 390 {
			t.Errorf("response latency %d ms, want 240 + 150 = 390", got)
		}
		stream.End(nil)
		session.End()
		voicetest.Check(t, rec)

		got := span(t, rec, "speech_to_text nova-3")
		if d := got[semconv.VoiceSTTAudioDurationKey].AsFloat64(); d != 1.4 {
			t.Errorf("the utterance is %v s long, want 2.0 - 0.6 = 1.4", d)
		}
		if l := got[semconv.VoiceSTTFinalLatencyKey].AsFloat64(); l != .24 {
			t.Errorf("final latency %v, want 0.24", l)
		}
		if a := span(t, rec, semconv.SpanVoiceTurn)[semconv.VoiceTurnAnchorKey].AsString(); a != "stt" {
			t.Errorf("anchor %q, want stt", a)
		}
	})
}

// The connection is lost and replaced during the call; offsets start at 0 again.
func TestSTTStreamAfterAReconnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		ctx, session := tel.StartSession(t.Context())
		ctx, stream := session.StartSTTStream(ctx, nova3)
		stream.SetAudio(mulaw)
		wait(180)
		stream.Connected()
		hear(stream, 1520)
		stream.Reconnecting(errors.New("close 1011"))
		wait(100)
		stream.Reconnecting(errors.New("refused")) // Another attempt failed.
		stream.AddAudio(make([]byte, 1600))        // Not sent: there is no connection.
		wait(300)
		stream.Dropped(2)
		stream.Dropped(1)
		stream.Dropped(-1)
		stream.Reconnected()
		stream.Dropped(4)
		stream.SetBilled(800 * time.Millisecond)

		_, turn := session.StartTurn(ctx)
		_, stt := stream.Utterance(ctx, turn)
		hear(stream, 800)
		hear(stream, 240)
		stt.SpeechStopped(800 * time.Millisecond)
		stt.Final()
		stt.End(nil)
		if got := answer(turn, 150); got != 390 { // Not 1520 + 400 + 390 = 2310.
			t.Errorf("response latency %d ms, want 390", got)
		}
		stream.SetBilled(1200 * time.Millisecond)
		stream.End(nil)
		session.End()
		voicetest.Check(t, rec)

		got := span(t, rec, "speech_to_text_stream nova-3")
		for key, want := range map[string]float64{
			"voice.stream.connect.duration": .18,
			"voice.stream.outage":           .4,
			"voice.stream.audio.sent":       2.56, // 1.52 + 0.8 + 0.24
			"voice.stream.audio.billed":     1.2,
		} {
			if v := got[attribute.Key(key)].AsFloat64(); math.Abs(v-want) > 1e-9 {
				t.Errorf("%s is %v, want %v", key, v, want)
			}
		}
		if n := got[semconv.VoiceStreamReconnectCountKey].AsInt64(); n != 1 {
			t.Errorf("%d reconnects, want 1", n)
		}
		if n := got[semconv.VoiceStreamDropCountKey].AsInt64(); n != 7 {
			t.Errorf("%d frames dropped, want 7", n)
		}
		warned := 0
		for _, r := range rec.Logs() {
			if strings.HasPrefix(r.Body().AsString(), "stt stream drops audio") {
				warned++
			}
		}
		if warned != 2 {
			t.Errorf("%d warnings, want one for each connection", warned)
		}
		const model = "gen_ai.provider.name=deepgram gen_ai.request.model=nova-3 voice.stage=stt "
		for name, want := range map[string]string{
			"voice.stream.connect.duration":   model + "n=1 sum=0.180",
			"voice.stream.reconnect.duration": model + "n=1 sum=0.400",
			"voice.stream.reconnect.count":    model + "1",
			"voice.stream.audio.sent":         model + "2.560",
			"voice.stream.audio.billed":       model + "1.200",
			"voice.stream.drop.count":         model + "7",                                            // 2 + 1 + 4
			"voice.stream.duration":           model + "voice.stream.outcome=completed n=1 sum=3.290", // 0.18 + 1.52 + 0.4 + 1.04 + 0.15
		} {
			if got := points(rec, name); got != want {
				t.Errorf("%s\ngot  %s\nwant %s", name, got, want)
			}
		}
	})
}

// All audio that is sent while the stream is open is counted, including silence.
func TestSTTStreamCountsWhatIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		ctx, session := tel.StartSession(t.Context())
		ctx, stream := session.StartSTTStream(ctx, nova3)
		stream.Connected()
		stream.AddAudio(make([]byte, 160)) // The format is set afterwards.
		stream.SetAudio(mulaw)
		hear(stream, 11_980)
		_, turn := session.StartTurn(ctx)
		_, stt := stream.Utterance(ctx, turn)
		stt.SpeechStarted(9300 * time.Millisecond)
		stt.SpeechStopped(12 * time.Second)
		stt.End(nil)
		turn.End()
		if got := points(rec, "voice.stream.audio.sent"); !strings.HasSuffix(got, " 10.000") {
			t.Errorf("during the call: %s, want 10", got)
		}
		hear(stream, 2700)
		stream.End(nil)
		session.End()
		voicetest.Check(t, rec)
		if got := points(rec, "voice.stream.audio.sent"); !strings.HasSuffix(got, " 14.700") {
			t.Errorf("sent: %s, want 14.7", got)
		}
		if got := points(rec, "voice.stt.audio.duration"); !strings.HasSuffix(got, " 2.700") {
			t.Errorf("recognised: %s, want 2.7", got)
		}
		if got := points(rec, "voice.stt.real_time_factor"); got != "" {
			t.Errorf("a live recogniser has a real-time factor: %s", got)
		}
		got := span(t, rec, "speech_to_text_stream nova-3")
		if n := got[semconv.VoiceStreamUtteranceCountKey].AsInt64(); n != 1 {
			t.Errorf("%d utterances, want 1", n)
		}
		if size := got[semconv.VoiceAudioSizeKey].AsInt64(); size != 117_600 {
			t.Errorf("%d bytes, want 14.7 s of 8000", size)
		}
	})
}

// Wrong reports of recognisers and clients set no mark and are counted as dropped.
func TestSTTStreamBadInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		ctx, session := tel.StartSession(t.Context())
		ctx, stream := session.StartSTTStream(ctx, nova3)
		stream.SetAudio(mulaw)
		stream.Connected()
		_, turn := session.StartTurn(ctx)
		_, plain := turn.StartSTT(ctx, nova3)
		_, stt := stream.Utterance(ctx, turn)
		stream.AddAudio(nil)
		stream.AddAudioAt(make([]byte, 160), time.Now().Add(time.Hour)) // Of another clock: now.
		stream.AddAudioAt(make([]byte, 160), time.Unix(0, 0))           // The same.
		stream.AddFrame(-time.Second, time.Time{})
		stream.SetBilled(-time.Second)
		_, _ = stream.At(-time.Second)
		for name, mark := range map[string]func() (time.Time, bool){
			"negative":                  func() (time.Time, bool) { return stt.SpeechStopped(-1) },
			"not sent yet":              func() (time.Time, bool) { return stt.SpeechStopped(time.Minute) },
			"the greatest there is":     func() (time.Time, bool) { return stt.SpeechStopped(math.MaxInt64) },
			"of a stage without stream": func() (time.Time, bool) { return plain.SpeechStopped(20 * time.Millisecond) },
		} {
			if at, ok := mark(); ok {
				t.Errorf("%s: heard at %v", name, at)
			}
		}
		stt.SpeechStarted(30 * time.Millisecond)
		if _, ok := stt.SpeechStopped(20 * time.Millisecond); ok {
			t.Error("speech ended before it began")
		}
		if at, ok := stream.At(40 * time.Millisecond); !ok || !at.Equal(time.Now()) {
			t.Errorf("the end of what was sent was heard %v ago", time.Since(at))
		}
		stt.End(nil)
		plain.End(nil)
		turn.Mark(otelvoice.AgentStarted)
		turn.End()
		stream.End(nil)
		stream.End(errors.New("twice"))
		stream.AddAudio(make([]byte, 160)) // Late: neither sent nor counted.
		stream.Connected()
		stream.Reconnecting(nil)
		stream.Reconnected()
		session.End()
		voicetest.Check(t, rec)
		want := strings.Join([]string{
			"voice.drop.reason=negative voice.measurement=voice.stream.audio.billed 1",
			"voice.drop.reason=negative voice.measurement=voice.stream.audio.sent 2", // A capture in the future, a frame.
			"voice.drop.reason=negative voice.measurement=voice.stt.speech.end 2",
			"voice.drop.reason=out_of_range voice.measurement=voice.stt.speech.end 3",
			"voice.drop.reason=too_long voice.measurement=voice.stream.audio.sent 1",
		}, "\n")
		if got := points(rec, "voice.measurements.dropped"); got != want {
			t.Errorf("dropped\n%s\nwant\n%s", got, want)
		}
		if _, known := turn.Latency(); known {
			t.Error("an implausible offset gave a latency")
		}
		if got := points(rec, "voice.stream.reconnect.count"); got != "" {
			t.Errorf("reconnects after the end: %s", got)
		}
	})
}

func TestSTTStreamEnds(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(session *otelvoice.Session, stream *otelvoice.STTStream)
		want string
	}{
		{"in order", func(_ *otelvoice.Session, s *otelvoice.STTStream) { s.Connected(); s.End(nil) }, "completed"},
		{"never connected", func(_ *otelvoice.Session, s *otelvoice.STTStream) { s.End(errors.New("refused")) }, "failed"},
		{"with its session", func(session *otelvoice.Session, _ *otelvoice.STTStream) { session.End() }, "abandoned"},
		{"cancelled", func(_ *otelvoice.Session, s *otelvoice.STTStream) { s.End(context.Canceled) }, "abandoned"},
		{"never connected, but for a client that says so afterwards", func(_ *otelvoice.Session, s *otelvoice.STTStream) {
			s.End(errors.New("refused"))
			s.Connected()
		}, "failed"},
		{"before its format was known", func(_ *otelvoice.Session, s *otelvoice.STTStream) {
			s.Connected()
			s.AddAudio(make([]byte, 160_000)) // 20 s.
			s.End(nil)
			s.SetAudio(mulaw)
		}, "completed"},
		{"in a panic", func(_ *otelvoice.Session, s *otelvoice.STTStream) {
			defer func() { _ = recover() }()
			defer s.End(nil)
			panic("oh")
		}, "failed"},
		{"lost, and never back", func(_ *otelvoice.Session, s *otelvoice.STTStream) {
			s.Connected()
			s.Reconnecting(errors.New("reset"))
			s.End(errors.New("gave up"))
		}, "failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			ctx, session := tel.StartSession(t.Context())
			_, stream := session.StartSTTStream(ctx, nova3)
			tt.end(session, stream)
			session.End()
			voicetest.Check(t, rec)
			if got := span(t, rec, "speech_to_text_stream nova-3")[semconv.VoiceStreamOutcomeKey].AsString(); got != tt.want {
				t.Errorf("outcome %s, want %s", got, tt.want)
			}
			connects := points(rec, "voice.stream.connect.duration")
			failed := strings.Contains(connects, "error.type")
			if want := strings.HasPrefix(tt.name, "never connected") || tt.name == "in a panic"; failed != want {
				t.Errorf("counted as an attempt that failed: %v, want %v", failed, want)
			}
			if n := strings.Count(connects, "n="); n > 1 {
				t.Errorf("%d results of one attempt: %s", n, connects)
			}
			if sent := points(rec, "voice.stream.audio.sent"); sent != "" {
				t.Errorf("sent after the end: %s", sent)
			}
		})
	}
}

// The end of speech of a voice activity detector takes precedence over the recogniser's.
func TestSTTStreamLeavesTheDetectorsAnchor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, _ := voicetest.Setup(t)
		ctx, session := tel.StartSession(t.Context())
		ctx, stream := session.StartSTTStream(ctx, nova3)
		stream.SetAudio(mulaw)
		_, turn := session.StartTurn(ctx)
		_, stt := stream.Utterance(ctx, turn)
		hear(stream, 400)
		turn.VADStopped(time.Now(), 0)
		hear(stream, 200)
		stt.SpeechStopped(500 * time.Millisecond)
		stt.End(nil)
		if got := answer(turn, 100); got != 300 {
			t.Errorf("response latency %d ms, want 300", got)
		}
		session.End()
	})
}

func TestNilSTTStream(t *testing.T) {
	var session *otelvoice.Session
	_, stream := session.StartSTTStream(t.Context(), nova3)
	stream.Connected()
	stream.Reconnecting(nil)
	stream.Reconnected()
	stream.SetAudio(mulaw)
	stream.AddAudio([]byte{1})
	stream.AddFrame(time.Second, time.Time{})
	stream.Dropped(1)
	stream.SetBilled(time.Second)
	stream.AddRequestID("r")
	stream.SetAttributes()
	_, stt := stream.Utterance(t.Context(), nil)
	stt.SpeechStarted(0)
	stt.SpeechStopped(0)
	if _, ok := stream.At(0); ok || stream != nil || stt != nil {
		t.Error("nothing knows the time")
	}
	stream.End(nil)
}

func TestSTTStreamAllocatesNothingForAFrame(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context())
	defer session.End()
	_, stream := session.StartSTTStream(ctx, nova3)
	stream.SetAudio(mulaw)
	data := make([]byte, 160)
	if n := testing.AllocsPerRun(1000, func() { stream.AddAudio(data) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
