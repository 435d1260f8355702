// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package caller calls a phone agent as Twilio Media Streams does.
package caller

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// frame is the length of the frames that the caller sends.
const frame = 20 * time.Millisecond

// A Step of the call: the caller speaks, and then listens until the agent has sent Until.
type Step struct {
	Speak time.Duration
	// Until is how much audio the agent sends before the next step. With 0 the step ends with a
	// mark: the agent has sent all of an answer.
	Until time.Duration
	// Marks is the number of marks to wait for if Until is 0.
	Marks int
}

// Heard is what the caller received. Marks are those that it sent back.
type Heard struct {
	Audio         time.Duration
	Marks, Clears int
}

// call is a call in progress.
type call struct {
	conn      *websocket.Conn
	streamSid string
	sequence  int
	closed    chan struct{} // By the agent.

	mu    sync.Mutex
	heard Heard
	marks []string // To be sent back.
}

// Call calls the agent at a URL, takes the steps and hangs up.
func Call(ctx context.Context, url, callSID string, steps ...Step) (Heard, error) {
	conn, response, err := websocket.DefaultDialer.DialContext(ctx, url, http.Header{})
	if err != nil {
		return Heard{}, fmt.Errorf("call %s: %w", url, err)
	}
	_ = response.Body.Close()
	defer func() { _ = conn.Close() }()
	c := &call{conn: conn, streamSid: "MZ" + callSID, closed: make(chan struct{})}
	if err := c.begin(callSID); err != nil {
		return Heard{}, err
	}
	go c.listen()
	ticks := time.NewTicker(frame)
	defer ticks.Stop()
	// The agent connects to its recogniser meanwhile.
	if err := c.send(ctx, ticks, false, func(_ Heard, sent time.Duration) bool { return sent >= 10*frame }); err != nil {
		return c.state(), err
	}
	for i, step := range steps {
		before := c.state()
		if err := c.send(ctx, ticks, true, func(_ Heard, sent time.Duration) bool { return sent >= step.Speak }); err != nil {
			return c.state(), fmt.Errorf("step %d: speak: %w", i+1, err)
		}
		if err := c.send(ctx, ticks, false, func(now Heard, _ time.Duration) bool {
			if step.Until > 0 {
				return now.Audio-before.Audio >= step.Until
			}
			return now.Marks-before.Marks >= step.Marks
		}); err != nil {
			return c.state(), fmt.Errorf("step %d: wait for the agent: %w", i+1, err)
		}
	}
	return c.state(), c.end(callSID)
}

func (c *call) begin(callSID string) error {
	if err := c.write(map[string]any{"event": "connected", "protocol": "Call", "version": "1.0.0"}); err != nil {
		return err
	}
	return c.write(map[string]any{"event": "start", "start": map[string]any{
		"accountSid": "AC00", "streamSid": c.streamSid, "callSid": callSID, "tracks": []string{"inbound"},
		"customParameters": map[string]string{},
		"mediaFormat":      map[string]any{"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
	}})
}

// end hangs up, and waits until the agent has closed the connection.
func (c *call) end(callSID string) error {
	if err := c.write(map[string]any{"event": "stop", "stop": map[string]any{"accountSid": "AC00", "callSid": callSID}}); err != nil {
		return err
	}
	select {
	case <-c.closed:
		return nil
	case <-time.After(10 * time.Second):
		return errors.New("the agent did not hang up")
	}
}

// send sends a frame for each tick until done.
func (c *call) send(ctx context.Context, ticks *time.Ticker, voice bool, done func(now Heard, sent time.Duration) bool) error {
	audio := bytes.Repeat([]byte{0xff}, int(8000*frame/time.Second))
	if voice {
		for i := range audio {
			audio[i] = byte(0x30 + i%50)
		}
	}
	payload := base64.StdEncoding.EncodeToString(audio)
	for sent := time.Duration(0); !done(c.state(), sent); sent += frame {
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		for _, mark := range c.played() {
			if err := c.write(map[string]any{"event": "mark", "mark": map[string]string{"name": mark}}); err != nil {
				return err
			}
		}
		if err := c.write(map[string]any{"event": "media", "media": map[string]string{"track": "inbound", "payload": payload}}); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) write(message map[string]any) error {
	c.sequence++
	message["sequenceNumber"], message["streamSid"] = strconv.Itoa(c.sequence), c.streamSid
	return c.conn.WriteJSON(message)
}

// listen receives what the agent says. A mark is sent back at once, as if its audio was played.
func (c *call) listen() {
	defer close(c.closed)
	for {
		var message struct {
			Event string
			Media struct{ Payload string }
			Mark  struct{ Name string }
		}
		_, data, err := c.conn.ReadMessage()
		if err != nil || json.Unmarshal(data, &message) != nil {
			return
		}
		c.mu.Lock()
		switch message.Event {
		case "media":
			audio, _ := base64.StdEncoding.DecodeString(message.Media.Payload)
			c.heard.Audio += time.Duration(len(audio)) * time.Second / 8000
		case "mark":
			c.marks = append(c.marks, message.Mark.Name)
		case "clear":
			c.heard.Clears++
		}
		c.mu.Unlock()
	}
}

func (c *call) state() Heard {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.heard
}

// played returns the marks to send back. A mark counts as heard only then, so that the caller does not hang
// up before the agent has it.
func (c *call) played() (marks []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	marks, c.marks = c.marks, nil
	c.heard.Marks += len(marks)
	return marks
}
