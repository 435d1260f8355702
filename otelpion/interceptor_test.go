// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelpion_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/otelpion"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// value returns an attribute of a span.
func value(s sdktrace.ReadOnlySpan, key attribute.Key) (attribute.Value, bool) {
	for _, kv := range s.Attributes() {
		if kv.Key == key {
			return kv.Value, true
		}
	}
	return attribute.Value{}, false
}

// events counts the events of a span.
func events(s sdktrace.ReadOnlySpan, name string) (n int) {
	for _, e := range s.Events() {
		if e.Name == name {
			n++
		}
	}
	return n
}

var opus = bytes.Repeat([]byte{0x78}, 60)

// The turn and the metrics have the packets that the network lost.
func TestLossOfTheUsersAudio(t *testing.T) {
	for _, codec := range []string{webrtc.MimeTypeOpus, webrtc.MimeTypePCMU, webrtc.MimeTypePCMA} {
		t.Run(codec, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			ctx, session := tel.StartSession(t.Context())
			lossy := chain{&dropper{drop: func(n int64) bool { return n > 20 && n <= 27 }}}
			p := newPair(t, codec, []interceptor.Factory{otelpion.Interceptor(session)}, []interceptor.Factory{lossy})
			for range 10 {
				p.write(p.voice, opus)
			}
			p.wait(p.arrived, 10)
			_, turn := session.StartTurn(ctx)
			for range 20 {
				p.write(p.voice, opus)
			}
			p.wait(p.arrived, 13)
			<-time.After(150 * time.Millisecond) // A gap: the next timestamp is 20 ms later.
			for range 20 {
				p.write(p.voice, opus)
			}
			p.wait(p.arrived, 20)
			turn.End()
			if err := p.agent.GracefulClose(); err != nil {
				t.Error(err)
			}
			_, last := session.StartTurn(ctx) // What was known is known after the end of the stream.
			last.End()
			session.End()
			turns := rec.Named(semconv.SpanVoiceTurn)
			for i, want := range [][2]int64{{33, 7}, {0, 0}} {
				received, _ := value(turns[i], semconv.VoiceMediaPacketCountKey)
				lost, _ := value(turns[i], semconv.VoiceMediaPacketLostKey)
				if received.AsInt64() != want[0] || lost.AsInt64() != want[1] {
					t.Errorf("turn %d received %d and lost %d, want %v", i+1, received.AsInt64(), lost.AsInt64(), want)
				}
			}
			if j, ok := value(turns[0], semconv.VoiceMediaJitterKey); !ok || j.AsFloat64() <= 0 {
				t.Errorf("the jitter is %v", j.AsFloat64())
			}
			if n, _ := value(turns[0], semconv.VoiceMediaGapCountKey); n.AsInt64() < 1 {
				t.Errorf("the turn has %d gaps", n.AsInt64())
			}
			for name, want := range map[string]int64{semconv.MetricVoiceMediaPacketCount().Name: 43, semconv.MetricVoiceMediaPacketLost().Name: 7} {
				data, _ := rec.Metric(name)
				if sum, ok := data.(metricdata.Sum[int64]); !ok || len(sum.DataPoints) != 1 || sum.DataPoints[0].Value != want {
					t.Errorf("%s is %v, want %d", name, data, want)
				}
			}
			voicetest.Check(t, rec)
		})
	}
}

// delay delays the RTCP packets of an agent.
type delay struct {
	interceptor.NoOp

	by time.Duration
}

func (d *delay) BindRTCPReader(r interceptor.RTCPReader) interceptor.RTCPReader {
	return interceptor.RTCPReaderFunc(func(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		n, attrs, err := r.Read(b, a)
		<-time.After(d.by)
		return n, attrs, err
	})
}

// The round-trip time comes from the reports of the remote end, wherever the interceptor is in the
// registry.
func TestRoundTrip(t *testing.T) {
	for _, first := range []bool{true, false} {
		t.Run(map[bool]string{true: "first in the registry", false: "last in the registry"}[first], func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			ctx, session := tel.StartSession(t.Context())
			held := 30 * time.Millisecond
			agent := append([]interceptor.Factory{chain{&delay{by: held}}}, reports(t)...)
			ours := otelpion.Interceptor(session)
			if first {
				agent = append([]interceptor.Factory{agent[0], ours}, agent[1:]...)
			} else {
				agent = append(agent, ours)
			}
			p := newPair(t, webrtc.MimeTypeOpus, agent, reports(t))
			known := func() bool {
				data, _ := rec.Metric(semconv.MetricVoiceMediaRoundTripTime().Name)
				h, ok := data.(metricdata.Histogram[float64])
				return ok && len(h.DataPoints) > 0
			}
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			for deadline := time.Now().Add(20 * time.Second); !known(); <-tick.C {
				if time.Now().After(deadline) {
					t.Fatal("no round trip is known")
				}
				p.write(p.speech, opus)
			}
			_, turn := session.StartTurn(ctx)
			turn.End()
			session.End()
			rtt, ok := value(rec.Named(semconv.SpanVoiceTurn)[0], semconv.VoiceMediaRoundTripTimeKey)
			if !ok || rtt.AsFloat64() < held.Seconds()-0.002 || rtt.AsFloat64() > 10 {
				t.Errorf("the round trip is %v (known: %v), want at least %v", rtt.AsFloat64(), ok, held)
			}
			voicetest.Check(t, rec)
		})
	}
}

// The first audible packet after a pause starts the answer, for a track that sends only speech and
// for one that always sends.
func TestAgentStarted(t *testing.T) {
	pcmu := bytes.Repeat([]byte{0x80, 0x00}, 80) // The loudest samples.
	for _, tt := range []struct {
		name             string
		codec            string
		speech, silence  []byte
		isSilenceWritten bool
	}{
		{"Opus with gaps", webrtc.MimeTypeOpus, opus, nil, false},
		{"Opus with digital silence", webrtc.MimeTypeOpus, opus, []byte{0xf8, 0xff, 0xfe}, true},
		{"PCMU with silence", webrtc.MimeTypePCMU, pcmu, bytes.Repeat([]byte{0xff}, 160), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			ctx, session := tel.StartSession(t.Context())
			pause := 60 * time.Millisecond
			p := newPair(t, tt.codec, []interceptor.Factory{otelpion.Interceptor(session, otelpion.WithPause(pause), nil)}, nil)
			silence := func(n int) {
				for range n {
					if tt.isSilenceWritten {
						p.write(p.speech, tt.silence)
					}
					<-time.After(20 * time.Millisecond)
				}
			}
			speak := func() {
				for range 5 {
					p.write(p.speech, tt.speech)
				}
			}
			_, first := session.StartTurn(ctx)
			silence(2)
			before := time.Now()
			speak()
			after := time.Now()
			_, second := session.StartTurn(ctx) // A barge-in. The answer that plays is that of the first turn.
			speak()
			silence(10)
			first.End()
			speak()
			silence(10)
			second.End()
			_, silent := session.StartTurn(ctx)
			silence(5)
			silent.End()
			speak() // Outside of a turn.
			session.End()

			turns := rec.Named(semconv.SpanVoiceTurn)
			for i, want := range []int{1, 1, 0} {
				if n := events(turns[i], semconv.EventVoiceAgentStarted); n != want {
					t.Errorf("turn %d started to speak %d times, want %d", i+1, n, want)
				}
				if n := events(turns[i], semconv.EventVoiceAgentStopped); n != want {
					t.Errorf("turn %d stopped speaking %d times, want %d", i+1, n, want)
				}
			}
			for _, e := range turns[0].Events() {
				if e.Name == semconv.EventVoiceAgentStarted && (e.Time.Before(before) || e.Time.After(after)) {
					t.Errorf("the agent started at %v, want between %v and %v", e.Time, before, after)
				}
			}
			voicetest.Check(t, rec)
		})
	}
}

func TestWithoutAgentMarks(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context())
	p := newPair(t, webrtc.MimeTypeOpus, []interceptor.Factory{otelpion.FromContext(ctx, otelpion.WithoutAgentMarks())}, nil)
	_, turn := session.StartTurn(ctx)
	p.write(p.speech, opus)
	p.write(p.voice, opus)
	p.wait(p.arrived, 1)
	turn.End()
	session.End()
	span := rec.Named(semconv.SpanVoiceTurn)[0]
	if events(span, semconv.EventVoiceAgentStarted) != 0 {
		t.Error("the interceptor marked AgentStarted")
	}
	if n, _ := value(span, semconv.VoiceMediaPacketCountKey); n.AsInt64() != 1 {
		t.Errorf("the turn received %d packets, want 1", n.AsInt64())
	}
}

// Without a session, the interceptor does nothing.
func TestWithoutSession(t *testing.T) {
	p := newPair(t, webrtc.MimeTypeOpus, []interceptor.Factory{otelpion.FromContext(t.Context())}, nil)
	p.write(p.voice, opus)
	p.wait(p.arrived, 1)
}
