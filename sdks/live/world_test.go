// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package live_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
)

// frame is 20 ms of µ-law.
var frame = bytes.Repeat([]byte{0x55}, 160)

// recogniser speaks Deepgram's protocol: each 10 frames are an utterance.
func recogniser(w http.ResponseWriter, r *http.Request) {
	conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	for frames := 0; ; {
		kind, _, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if kind != websocket.BinaryMessage {
			continue
		}
		frames++
		if frames%10 != 0 {
			continue
		}
		end := 0.02 * float64(frames)
		message := fmt.Sprintf(`{"type":"Results","channel_index":[0,1],"start":%.2f,"duration":0.2,"is_final":true,"speech_final":true,"channel":{"alternatives":[{"transcript":"a table for two","confidence":0.9,"words":[{"word":"a","start":%.2f,"end":%.2f}]}]}}`, end-0.2, end-0.2, end)
		if conn.WriteMessage(websocket.TextMessage, []byte(message)) != nil {
			return
		}
	}
}

// agent answers a call: it sends the caller's audio to the recogniser, and says something after each
// transcript.
type agent struct {
	recogniser string
	dial       func(ctx context.Context, url string) (*websocket.Conn, error)
}

func (a *agent) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	if !started(conn) {
		return
	}
	ear, err := a.dial(r.Context(), a.recogniser)
	if err != nil {
		return
	}
	defer func() { _ = ear.Close() }()
	go func() {
		answer := `{"event":"media","streamSid":"MZ1","media":{"payload":"` + base64.StdEncoding.EncodeToString(frame) + `"}}`
		for {
			if _, _, err := ear.ReadMessage(); err != nil {
				return
			}
			if conn.WriteMessage(websocket.TextMessage, []byte(answer)) != nil {
				return
			}
		}
	}()
	for {
		var m struct {
			Event string
			Media struct{ Payload string }
		}
		_, data, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if json.Unmarshal(data, &m) != nil {
			continue
		}
		if m.Event == "stop" {
			return
		}
		if m.Event == "media" {
			audio, _ := base64.StdEncoding.DecodeString(m.Media.Payload)
			if ear.WriteMessage(websocket.BinaryMessage, audio) != nil {
				return
			}
		}
	}
}

// started reads the messages before the audio.
func started(conn *websocket.Conn) bool {
	for {
		var m struct{ Event string }
		if conn.ReadJSON(&m) != nil {
			return false
		}
		if m.Event == "start" {
			return true
		}
	}
}

// A server is an agent with taps, and its recogniser.
type server struct {
	*httptest.Server

	rec *voicetest.Recorder
	sdk *voicesdk.SDK
}

func serve(tb testing.TB) *server {
	tb.Helper()
	sdk, rec := voicetest.Setup(tb)
	dialer := voicews.NewDialer(sdk.Telemetry)
	gorilla := websocket.Dialer{NetDialContext: dialer.DialContext, NetDialTLSContext: dialer.DialTLSContext}
	mux := http.NewServeMux()
	s := &server{rec: rec, sdk: sdk}
	a := &agent{dial: func(ctx context.Context, url string) (*websocket.Conn, error) {
		conn, res, err := gorilla.DialContext(ctx, url, nil)
		if res != nil {
			_ = res.Body.Close()
		}
		return conn, err
	}}
	mux.Handle("/media", voicews.Accept(sdk.Telemetry)(a))
	mux.HandleFunc("/v1/listen", recogniser)
	s.Server = httptest.NewServer(mux)
	a.recogniser = s.address("/v1/listen?model=nova-3&encoding=mulaw&sample_rate=8000")
	tb.Cleanup(s.Close)
	return s
}

func (s *server) address(path string) string { return strings.Replace(s.URL, "http:", "ws:", 1) + path }

// caller is Twilio's side of a call.
type caller struct {
	tb   testing.TB
	conn *websocket.Conn
	id   string
}

func (s *server) call(tb testing.TB, id, parameters string) *caller {
	tb.Helper()
	conn, res, err := websocket.DefaultDialer.Dial(s.address("/media"), nil)
	if err != nil {
		tb.Error(err)
		return nil
	}
	_ = res.Body.Close()
	c := &caller{tb, conn, id}
	c.sends(`{"event":"connected","protocol":"Call","version":"1.0.0"}`)
	c.sends(`{"event":"start","sequenceNumber":"1","streamSid":"MZ` + id + `","start":{"accountSid":"AC0","streamSid":"MZ` + id + `","callSid":"` + id +
		`","tracks":["inbound"],"customParameters":{` + parameters + `},"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}}`)
	return c
}

func (c *caller) sends(message string) {
	if err := c.conn.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
		c.tb.Errorf("call %s: %v", c.id, err)
	}
}

// speaks sends frames, and hears an answer after each 10.
func (c *caller) speaks(frames int) {
	for n := 1; n <= frames; n++ {
		c.sends(fmt.Sprintf(`{"event":"media","sequenceNumber":"%d","media":{"track":"inbound","chunk":"%d","timestamp":"%d","payload":%q},"streamSid":%q}`,
			n+1, n, n*20, base64.StdEncoding.EncodeToString(frame), "MZ"+c.id))
		if n%10 == 0 {
			if _, _, err := c.conn.ReadMessage(); err != nil {
				c.tb.Errorf("call %s: %v", c.id, err)
				return
			}
		}
	}
}

// hangsUp ends the call, and waits until the agent has closed the connection.
func (c *caller) hangsUp() {
	c.sends(`{"event":"stop","streamSid":"MZ` + c.id + `","stop":{"accountSid":"AC0","callSid":"` + c.id + `"}}`)
	for {
		if _, _, err := c.conn.ReadMessage(); err != nil {
			_ = c.conn.Close()
			return
		}
	}
}
