// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
)

// taps are the connections of an agent, which is on a telephone line of Twilio's and uses Deepgram's
// recogniser, and what their taps record: without a handle. The providers behind the connections are
// those of the world.
type taps struct {
	t      *testing.T
	tel    *otelvoice.Telemetry
	rec    *voicetest.Recorder
	ctx    context.Context //nolint:containedctx // Of the call, which has no handle.
	caller *websocket.Conn
	agent  *websocket.Conn
	server *http.Server
	quiet  chan struct{} // Closed when the caller sends no more audio.
	hung   chan struct{} // Closed afterwards.
	run    sync.WaitGroup

	mu         sync.Mutex
	recogniser *voicews.Messages
	connected  time.Time
	begun      time.Duration // The user's speech in the recogniser's audio.
	over       time.Duration
}

// ring answers a call.
func ring(t *testing.T) *taps {
	t.Helper()
	sdk, rec := voicetest.Setup(t)
	c := &taps{t: t, tel: sdk.Telemetry, rec: rec, quiet: make(chan struct{}), hung: make(chan struct{})}
	answered := make(chan struct{})
	c.server = &http.Server{
		ReadHeaderTimeout: time.Second,
		Handler: voicews.Accept(c.tel)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c.run.Add(1)
			defer c.run.Done()
			var err error
			if c.agent, err = websocket.Accept(w, r, nil); err != nil {
				t.Error(err)
			}
			c.ctx = r.Context()
			close(answered)
			for err == nil {
				_, _, err = c.agent.Read(r.Context())
			}
			_ = c.agent.CloseNow()
		})),
	}
	lines := make(listener, 1)
	c.run.Go(func() { _ = c.server.Serve(lines) })
	network := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		caller, agent := net.Pipe()
		lines <- agent
		return caller, nil
	}}
	var err error
	c.caller, _, err = websocket.Dial(t.Context(), "ws://agent.example/media", &websocket.DialOptions{HTTPClient: &http.Client{Transport: network}})
	if err != nil {
		t.Fatal(err)
	}
	<-answered
	c.run.Go(func() {
		for err := error(nil); err == nil; {
			_, _, err = c.caller.Read(t.Context())
		}
	})
	c.fromLine(`{"event":"start","start":{"streamSid":"MZ1","callSid":"CA1","mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}},"streamSid":"MZ1"}`)
	synctest.Wait() // The agent reads it before it dials.
	c.connect()
	c.run.Go(c.hear)
	return c
}

// hear sends the caller's audio, which the agent sends on to the recogniser.
func (c *taps) hear() {
	const frame = 20 * ms
	defer close(c.hung)
	tick := time.NewTicker(frame)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			c.fromLine("%s", media(frame))
			c.mu.Lock()
			c.recogniser.Sent(true, make([]byte, frame*8000/time.Second))
			c.mu.Unlock()
		case <-c.quiet:
			return
		}
	}
}

// connect connects the recogniser.
func (c *taps) connect() {
	c.recogniser = voicews.CallFromContext(c.ctx).Messages("wss://api.deepgram.com/v1/listen?model=nova-3&encoding=mulaw&sample_rate=8000&vad_events=true")
	c.connected = time.Now()
}

// hangUp is the caller who hangs up.
func (c *taps) hangUp() {
	close(c.quiet)
	<-c.hung
	c.fromLine(`{"event":"stop","stop":{"callSid":"CA1"},"streamSid":"MZ1"}`)
	_ = c.caller.CloseNow()
	_ = c.server.Close()
	c.recogniser.Closed(nil)
	c.run.Wait()
}

func (c *taps) fromLine(format string, args ...any) { c.write(c.caller, format, args...) }
func (c *taps) toLine(format string, args ...any)   { c.write(c.agent, format, args...) }

func (c *taps) write(line *websocket.Conn, format string, args ...any) {
	if err := line.Write(c.t.Context(), websocket.MessageText, fmt.Appendf(nil, format, args...)); err != nil {
		c.t.Error(err)
	}
}

// media is a message of audio in μ-law, of which a second has 8,000 bytes. All of them are quiet.
func media(d time.Duration) string { return mediaOf(d, 0xff) }

func mediaOf(d time.Duration, sample byte) string {
	audio, _ := json.Marshal(bytes.Repeat([]byte{sample}, int(d*8000/time.Second)))
	return fmt.Sprintf(`{"event":"media","streamSid":"MZ1","media":{"track":"inbound","payload":%s}}`, audio)
}

// play sends audio of the agent.
func (c *taps) play(f voiceprovider.Frame) {
	if !f.Format.Audible(f.Data) {
		c.toLine("%s", media(f.Duration()))
		return
	}
	c.toLine("%s", mediaOf(f.Duration(), 0))
}

// clear drops the audio that the line has not played.
func (c *taps) clear() { c.toLine(`{"event":"clear","streamSid":"MZ1"}`) }

// sent is what the agent's detector hears on the line. The recogniser hears the same.
func (c *taps) sent(e voicepipe.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e.Kind {
	case voicepipe.Audio:
	case voicepipe.SpeechStarted:
		c.begun = time.Since(c.connected)
		c.recognised(`{"type":"SpeechStarted","channel":[0],"timestamp":%f}`, c.begun.Seconds())
	case voicepipe.SpeechStopped:
		c.over = time.Since(c.connected) - e.Hangover
	}
}

func (c *taps) recognised(format string, args ...any) {
	c.recogniser.Received(false, fmt.Appendf(nil, format, args...))
}

// tappedSTT is the recogniser. Its connection serves the call.
type tappedSTT struct {
	*taps

	next voiceprovider.Transcriber
}

func (s *tappedSTT) Transcribe(ctx context.Context, audio iter.Seq[voiceprovider.Frame]) iter.Seq2[voiceprovider.Transcript, error] {
	return func(yield func(voiceprovider.Transcript, error) bool) {
		for transcript, err := range s.next.Transcribe(ctx, audio) {
			if ctx.Err() == nil {
				s.heard(transcript, err) //nolint:contextcheck // The context is that of the call.
			}
			if !yield(transcript, err) {
				return
			}
		}
	}
}

// heard is what the recogniser sends.
func (s *tappedSTT) heard(transcript voiceprovider.Transcript, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.recogniser.Closed(err)
		s.connect()
		return
	}
	begun, over := s.begun.Seconds(), s.over.Seconds()
	s.recognised(`{"type":"Results","start":%f,"duration":%f,"is_final":%t,"channel":{"alternatives":[{"transcript":%q,"confidence":0.9,"words":[{"word":"table","start":%f,"end":%f}]}]}}`,
		begun, over-begun, transcript.Final, transcript.Text, begun, over)
}

// tappedTTS is the synthesizer, over HTTP.
type tappedTTS struct {
	*taps

	next voiceprovider.Synthesizer
}

func (s *tappedTTS) Synthesize(ctx context.Context, text iter.Seq[string]) iter.Seq2[voiceprovider.Frame, error] {
	return func(yield func(voiceprovider.Frame, error) bool) {
		var said strings.Builder
		for piece := range text {
			said.WriteString(piece)
		}
		body := fmt.Sprintf(`{"model_id":"sonic-3","transcript":%q,"output_format":{"container":"raw","encoding":"pcm_s16le","sample_rate":16000}}`, said.String())
		response := func(ctx context.Context) iter.Seq2[[]byte, error] {
			all := func(yield func(string) bool) { yield(said.String()) }
			return encoded(s.next.Synthesize(ctx, all), func(f voiceprovider.Frame) []byte { return f.Data })
		}
		for data, err := range s.post(ctx, "https://api.cartesia.ai/tts/bytes", body, "audio/pcm", response) {
			if !yield(voiceprovider.Frame{Format: pcm, Data: data}, err) {
				return
			}
		}
	}
}
