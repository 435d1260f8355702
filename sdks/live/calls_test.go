// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package live_test

import (
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ended waits until the sessions have ended.
func (s *server) ended(tb testing.TB, sessions int) {
	tb.Helper()
	for deadline := time.Now().Add(time.Minute); len(s.rec.Named(semconv.SpanVoiceSession)) < sessions; runtime.Gosched() {
		if time.Now().After(deadline) {
			tb.Fatalf("%d sessions ended, want %d", len(s.rec.Named(semconv.SpanVoiceSession)), sessions)
		}
	}
}

// The frames of a test come faster than they are spoken. As a rule both utterances of a call began before the
// agent was heard, and are one turn. On a busy machine the second one may be later.

// A thousand calls are a thousand traces: no span is in the trace of another call, and nothing is left.
func TestThousandCalls(t *testing.T) {
	const calls, atOnce = 1000, 100
	s := serve(t)
	var all sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for n := range calls {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			c := s.call(t, fmt.Sprintf("CA%04d", n), "")
			if c == nil {
				return
			}
			c.speaks(20)
			c.hangsUp()
		})
	}
	all.Wait()
	s.ended(t, calls)
	byTrace := make(map[trace.TraceID]string)
	for _, span := range s.rec.Named(semconv.SpanVoiceSession) {
		byTrace[span.SpanContext().TraceID()] = value(span.Attributes(), semconv.SessionIDKey)
	}
	if len(byTrace) != calls {
		t.Errorf("%d calls are in %d traces", calls, len(byTrace))
	}
	counts := make(map[string]int)
	for _, span := range s.rec.Spans() {
		session := value(span.Attributes(), semconv.SessionIDKey)
		if of := byTrace[span.SpanContext().TraceID()]; of == "" || session != of {
			t.Fatalf("%s of session %q is in the trace of %q", span.Name(), session, of)
		}
		counts[span.Name()]++
	}
	for name, want := range map[string]int{
		"voice.session": calls, "voice.line": calls, "speech_to_text_stream nova-3": calls, "speech_to_text nova-3": 2 * calls,
	} {
		if counts[name] != want {
			t.Errorf("%d spans %s, want %d", counts[name], name, want)
		}
	}
	if n := counts["voice.turn"]; n < calls || n > 2*calls {
		t.Errorf("%d turns in %d calls of two utterances", n, calls)
	}
	if open := s.rec.Open(); len(open) > 0 {
		t.Errorf("%d spans are open", len(open))
	}
	voicetest.Check(t, s.rec)
	lines, err := s.rec.Lines()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if function, ok := line["function"]; ok { // It would be one of the WebSocket library.
			t.Fatalf("%q was written by %v", line["message"], function)
		}
	}
}

// The parameters of a call choose the trace.
func TestTraceFromParameters(t *testing.T) {
	s := serve(t)
	for _, tt := range []struct{ name, parameters, trace, correlation string }{
		{"a traceparent", `"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"`, "0af7651916cd43dd8448eb211c80319c", "0af76519-16cd-43dd-8448-eb211c80319c"},
		{"a correlation ID", `"X-Correlation-ID":"550e8400-e29b-41d4-a716-446655440000"`, "550e8400e29b41d4a716446655440000", "550e8400-e29b-41d4-a716-446655440000"},
		{"in another case", `"x-correlation-id":"6ba7b810-9dad-41d1-80b4-00c04fd430c8"`, "6ba7b8109dad41d180b400c04fd430c8", "6ba7b810-9dad-41d1-80b4-00c04fd430c8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := len(s.rec.Named(semconv.SpanVoiceSession))
			c := s.call(t, "CA1", tt.parameters)
			c.speaks(10)
			c.hangsUp()
			s.ended(t, before+1)
			span := s.rec.Named(semconv.SpanVoiceSession)[before]
			if got := span.SpanContext().TraceID().String(); got != tt.trace {
				t.Errorf("trace %s, want %s", got, tt.trace)
			}
			for _, turn := range s.rec.Named(semconv.SpanVoiceTurn) {
				if turn.SpanContext().TraceID() == span.SpanContext().TraceID() {
					if got := value(turn.Attributes(), semconv.VoiceCorrelationIDKey); got != tt.correlation {
						t.Errorf("correlation ID %s, want %s", got, tt.correlation)
					}
				}
			}
		})
	}
}

// Messages that are wrong do not touch the agent: its bytes pass, and the story has what is known.
func TestBadMessages(t *testing.T) {
	for name, messages := range map[string][]string{
		"an unknown message":       {`{"event":"something","streamSid":"MZ1"}`},
		"wrong JSON":               {`{"event":`},
		"no JSON":                  {`hello`},
		"audio that is not base64": {`{"event":"media","streamSid":"MZCA1","media":{"track":"inbound","chunk":"1","timestamp":"20","payload":"***"}}`},
		"media out of order":       {`{"event":"media","media":{"track":"inbound","chunk":"9","timestamp":"180","payload":""}}`, `{"event":"media","media":{"track":"inbound","chunk":"2","timestamp":"40","payload":""}}`},
		"a mark that was not sent": {`{"event":"mark","streamSid":"MZCA1","mark":{"name":"x"}}`},
		"a second start":           {`{"event":"start","streamSid":"MZ2","start":{"streamSid":"MZ2","callSid":"CA2"}}`},
		"a time that goes back":    {`{"event":"media","media":{"track":"inbound","chunk":"2","timestamp":"-40","payload":""}}`},
		"a key without a session":  {`{"event":"dtmf","streamSid":"MZCA1","dtmf":{"track":"inbound_track","digit":"1"}}`},
		"nested too deeply":        {strings.Repeat(`{"event":`, 300) + "1" + strings.Repeat("}", 300)},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			c := s.call(t, "CA1", "")
			c.speaks(10)
			for _, m := range messages {
				c.sends(m)
			}
			c.speaks(10)
			c.hangsUp()
			s.ended(t, 1)
			if heard := s.rec.Named(semconv.SpanSpeechToText("nova-3")); len(heard) != 2 {
				t.Errorf("%d utterances, want 2", len(heard))
			}
			voicetest.Check(t, s.rec)
		})
	}
}

// A connection that dies in the middle of a frame ends its call.
func TestConnectionDies(t *testing.T) {
	s := serve(t)
	c := s.call(t, "CA1", "")
	c.speaks(10)
	raw := c.conn.NetConn()
	if _, err := raw.Write([]byte{0x81, 0xfe, 0x01}); err != nil { // Half of a header.
		t.Fatal(err)
	}
	if tcp, ok := raw.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // Reset.
	}
	_ = raw.Close()
	s.ended(t, 1)
	voicetest.Check(t, s.rec)
}
