// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews

import (
	"io"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/internal/conn"
	"github.com/voice-agents/telemetry/internal/wire/line"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// An observer of turns that blocks holds up the connections of its call once, and not each message. What passes
// meanwhile is counted as not recorded.
func TestBlockedObserver(t *testing.T) {
	const spoken = `{"type":"Results","is_final":true,"speech_final":true,"channel":{"alternatives":[{"transcript":"hello","words":[{"start":0.1,"end":0.5}]}]}}`
	media := masked([]byte(`{"event":"media","sequenceNumber":"4","media":{"track":"inbound","chunk":"2","timestamp":"20","payload":"////"},"streamSid":"MZ1"}`))
	for name, own := range map[string]bool{"by a message of the line": true, "by a message of another connection": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sdk, rec := voicetest.Setup(t)
				c := newCall(t.Context(), sdk.Telemetry, newConfig(sdk.Telemetry, nil), nil)
				a := new(answered)
				s := &socket{call: c.call, accepted: c.call, find: line.Connection}
				a.conn = conn.Wrap(replay{of: a}, conn.Accepted, time.Now(), s.observer(t.Context()))
				buffer := make([]byte, 4096)
				reads := func(message []byte) {
					a.next = message
					_, _ = a.conn.Read(buffer)
				}
				reads([]byte(shake))
				_, _ = io.WriteString(a.conn, agreed+"\r\n")
				reads(masked([]byte(begins)))
				recogniser := c.Messages("wss://api.deepgram.com/v1/listen?model=nova-3&encoding=mulaw&sample_rate=8000")

				blocked, free, passed := make(chan struct{}), make(chan struct{}), make(chan struct{})
				c.Session().OnTurn(func(*otelvoice.Turn) func() {
					close(blocked)
					<-free
					return nil
				})
				go func() {
					defer close(passed)
					if own { // The agent speaks first.
						_, _ = a.conn.Write(unmasked(`{"event":"media","streamSid":"MZ1","media":{"payload":"AAAA"}}`))
					} else {
						recogniser.Received(false, []byte(spoken))
					}
				}()
				<-blocked
				began := time.Now()
				for range 100 {
					reads(media)
					recogniser.Sent(true, []byte{1, 2, 3})
					recogniser.Received(false, []byte(`{"type":"SpeechStarted","timestamp":0.1}`))
				}
				if waited := time.Since(began); waited > 110*time.Millisecond {
					t.Errorf("the messages waited for %v in all", waited)
				}
				close(free)
				<-passed
				began = time.Now()
				reads(media)
				recogniser.Sent(true, []byte{1, 2, 3})
				if waited := time.Since(began); waited > 0 {
					t.Errorf("messages waited for %v after the observer returned", waited)
				}
				recogniser.Closed(nil)
				_ = a.conn.Close()
				for _, span := range rec.Spans() {
					if span.Name() != semconv.SpanVoiceLine && span.Name() != semconv.SpanSpeechToTextStream("nova-3") {
						continue
					}
					n := 0
					for _, kv := range span.Attributes() {
						if kv.Key == semconv.VoiceStreamNotUnderstoodCountKey {
							n, _ = strconv.Atoi(kv.Value.String())
						}
					}
					if n < 50 {
						t.Errorf("%s has %d messages that are not recorded", span.Name(), n)
					}
				}
			})
		})
	}
}

// unmasked returns the frame in which a server sends a text of less than 126 bytes.
func unmasked(text string) []byte { return append([]byte{0x81, byte(len(text))}, text...) }
