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

	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
)

var tel, _ = voicesdk.Setup(context.Background(), voicesdk.WithShutdownOnSignal())

type object = map[string]any

// event is a message of the model, as far as the agent reads it.
type event struct {
	Type   string
	Delta  string
	ItemID string `json:"item_id"`
	CallID string `json:"call_id"`
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
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPClient: voicews.NewDialer(tel.Telemetry).HTTPClient(nil), HTTPHeader: http.Header{"Authorization": {"Bearer " + os.Getenv("OPENAI_API_KEY")}}}) //nolint:bodyclose // It is the connection.
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(websocket.StatusNormalClosure, "") }()
	conn.SetReadLimit(1 << 22)
	if err := wsjson.Write(ctx, conn, object{"type": "session.update", "session": object{"type": "realtime", "instructions": "You take bookings."}}); err != nil {
		return err
	}
	c := &call{ctx: ctx, conn: conn}
	go c.listen()
	return c.talk()
}

// call is a call in progress.
type call struct {
	ctx  context.Context //nolint:containedctx // One call, one context.
	conn *websocket.Conn

	mu      sync.Mutex
	item    string // Of the answer that is played.
	started time.Time
	queued  time.Duration
}

// listen receives the model's messages.
func (c *call) listen() {
	for {
		var e event
		_, data, err := c.conn.Read(c.ctx)
		if err != nil || json.Unmarshal(data, &e) != nil {
			return
		}
		switch e.Type {
		case "response.output_audio.delta":
			audio, _ := base64.StdEncoding.DecodeString(e.Delta)
			c.play(e.ItemID, time.Duration(len(audio))*time.Second/48000)
		case "input_audio_buffer.speech_started":
			c.interrupt()
		case "response.function_call_arguments.done":
			c.send(object{"type": "conversation.item.create", "item": object{"type": "function_call_output", "call_id": e.CallID, "output": findTable()}})
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
			if err := wsjson.Write(c.ctx, c.conn, object{"type": "input_audio_buffer.append", "audio": frame}); err != nil {
				return err
			}
		}
	}
	return nil
}
