// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Speech is an agent with a speech-to-speech model: OpenAI's Realtime API, with a tool. Its microphone
// and its loudspeaker are simulated. It makes one call, and then waits to be stopped.
//
// It reads OPENAI_REALTIME_URL and OPENAI_API_KEY.
package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"log"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

var tel, _ = voicesdk.Setup(context.Background(), voicesdk.WithShutdownOnSignal())

var (
	model = otelvoice.Model{Provider: "openai", Name: "gpt-realtime"}
	pcm   = otelvoice.AudioFormat{Codec: otelvoice.CodecPCM16, SampleRate: 24000, Channels: 1}
)

type object = map[string]any

// event is a message of the model, as far as the agent reads it.
type event struct {
	Type   string
	Delta  string
	ItemID string `json:"item_id"`
	CallID string `json:"call_id"`
	Name   string

	Session struct{ ID, Model string }
	Start   int `json:"audio_start_ms"`
	End     int `json:"audio_end_ms"`

	Response struct {
		ID, Status string
		Usage      json.RawMessage
	}
}

func main() {
	slog.Info("listening", "address", "127.0.0.1:0")
	if err := run(context.Background(), os.Getenv("OPENAI_REALTIME_URL")+"?model=gpt-realtime"); err != nil {
		log.Fatal(err)
	}
	<-time.After(time.Minute) // Until it is stopped.
}

// run talks until the microphone ends.
func run(ctx context.Context, url string) error {
	ctx, session := tel.StartSession(ctx)
	defer session.End()
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + os.Getenv("OPENAI_API_KEY")}}}) //nolint:bodyclose // It is the connection.
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(websocket.StatusNormalClosure, "") }()
	conn.SetReadLimit(1 << 22)
	if err := wsjson.Write(ctx, conn, object{"type": "session.update", "session": object{"type": "realtime", "instructions": "You take bookings."}}); err != nil {
		return err
	}
	c := &call{ctx: ctx, conn: conn, session: session, silent: make(chan struct{})}
	go c.listen()
	err = c.talk()
	_ = conn.Close(websocket.StatusNormalClosure, "")
	<-c.silent
	c.turn.End()
	return err
}

// call is a call in progress.
type call struct {
	ctx  context.Context //nolint:containedctx // One call, one context.
	conn *websocket.Conn

	mu      sync.Mutex
	item    string // Of the answer that is played.
	started time.Time
	queued  time.Duration

	session  *otelvoice.Session
	silent   chan struct{} // Closed when the model's last message was read.
	opened   time.Time     // When the first audio was sent.
	id, name string        // Of the model's session.
	speech   time.Time     // When the user's speech began.
	spoken   time.Duration
	turn     *otelvoice.Turn
	response *otelvoice.Realtime
	tool     *otelvoice.Tool
}

// at returns when audio was sent.
func (c *call) at(ms int) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.opened.Add(time.Duration(ms) * time.Millisecond)
}

// listen receives the model's messages.
func (c *call) listen() {
	defer close(c.silent)
	for {
		var e event
		_, data, err := c.conn.Read(c.ctx)
		if err != nil || json.Unmarshal(data, &e) != nil {
			return
		}
		switch e.Type {
		case "session.created":
			c.id, c.name = e.Session.ID, e.Session.Model
		case "input_audio_buffer.speech_stopped":
			stopped := c.at(e.End - 400) // The detector's silence.
			c.turn.End()
			_, c.turn = c.session.StartTurn(c.ctx, otelvoice.WithStartTime(c.speech))
			c.turn.MarkAt(otelvoice.UserStarted, c.speech)
			c.turn.UserStopped(stopped, otelvoice.AnchorVAD)
			c.spoken = stopped.Sub(c.speech)
		case "input_audio_buffer.committed":
			c.turn.Mark(otelvoice.TurnCommitted)
		case "response.created":
			_, c.response = c.turn.StartRealtime(c.ctx, model)
			c.response.SetSessionID(c.id)
			c.response.SetVoice("marin")
			c.response.SetAudio(pcm)
			c.response.SetUserAudioDuration(c.spoken)
			c.spoken = 0
		case "response.done":
			c.response.SetResponse(e.Response.ID, c.name, e.Response.Status)
			c.response.SetUsage(otelvoice.UsageOpenAI(e.Response.Usage))
			c.response.End(nil)
		case "response.output_audio.delta":
			audio, _ := base64.StdEncoding.DecodeString(e.Delta)
			c.response.AddAudio(audio)
			c.play(e.ItemID, time.Duration(len(audio))*time.Second/48000)
		case "input_audio_buffer.speech_started":
			c.speech = c.at(e.Start)
			c.interrupt()
		case "response.function_call_arguments.done":
			_, c.tool = c.turn.StartTool(c.ctx, e.Name)
			c.tool.SetCallID(e.CallID)
			result := findTable()
			c.tool.End(nil)
			c.send(object{"type": "conversation.item.create", "item": object{"type": "function_call_output", "call_id": e.CallID, "output": result}})
			c.send(object{"type": "response.create"})
		}
	}
}

// findTable is a tool.
func findTable() string {
	<-time.After(30 * time.Millisecond)
	return `{"free":true}`
}

// play queues audio.
func (c *call) play(item string, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.item != item {
		c.item, c.started, c.queued = item, time.Now(), 0
		c.turn.Mark(otelvoice.AgentStarted)
	}
	c.queued += d
}

// interrupt stops the answer, and tells the model how much of it was played.
func (c *call) interrupt() {
	c.mu.Lock()
	item, played, queued := c.item, time.Since(c.started), c.queued
	c.item = ""
	c.mu.Unlock()
	if item != "" && played < queued {
		c.turn.Interrupt(otelvoice.AudioActivity, otelvoice.PlayedFor(played))
		c.turn.MarkAt(otelvoice.AgentStopped, time.Now())
		c.turn.End()
		c.send(object{"type": "conversation.item.truncate", "item_id": item, "content_index": 0, "audio_end_ms": played.Milliseconds()})
		slog.Info("caller interrupts")
	}
}

func (c *call) send(message object) {
	if err := wsjson.Write(c.ctx, c.conn, message); err != nil {
		slog.Warn("no answer to the model", "error", err)
	}
}

// talk is the microphone: a question, a pause in which the agent answers, an interruption, a pause.
func (c *call) talk() error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for _, part := range []struct {
		voice  byte
		length time.Duration
	}{{1, 600 * time.Millisecond}, {0, 1400 * time.Millisecond}, {1, 500 * time.Millisecond}, {0, 1500 * time.Millisecond}} {
		frame := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{part.voice}, 960))
		for sent := time.Duration(0); sent < part.length; sent += 20 * time.Millisecond {
			<-tick.C
			c.mu.Lock()
			if c.opened.IsZero() {
				c.opened = time.Now().Add(-20 * time.Millisecond)
			}
			c.mu.Unlock()
			if err := wsjson.Write(c.ctx, c.conn, object{"type": "input_audio_buffer.append", "audio": frame}); err != nil {
				return err
			}
		}
	}
	return nil
}
