// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Phone is an agent that answers the telephone: Twilio Media Streams, Deepgram, OpenAI with a tool,
// ElevenLabs.
//
// It reads OPENAI_BASE_URL, OPENAI_API_KEY, DEEPGRAM_HOST, DEEPGRAM_API_KEY, ELEVENLABS_BASE_URL,
// ELEVENLABS_API_KEY and LISTEN.
package main

import (
	"context"
	"encoding/base64"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/deepgram/deepgram-go-sdk/v3/pkg/client/interfaces"
	"github.com/deepgram/deepgram-go-sdk/v3/pkg/client/listen"
	"github.com/gorilla/websocket"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/voice-agents/telemetry/oteldeepgram"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
)

// errBargeIn is the cause of answers that the caller interrupts.
var errBargeIn = errors.New("the caller speaks")

var tel, _ = voicesdk.Setup(context.Background(), voicesdk.WithShutdownOnSignal())

// agent has what all calls use.
type agent struct {
	http   *http.Client
	openai openai.Client
}

// call is a call in progress.
type call struct {
	agent   *agent
	ctx     context.Context //nolint:containedctx // Deepgram's callbacks have no context.
	conn    *websocket.Conn
	stream  string // Twilio's id of the media stream.
	heard   []string
	history []openai.ChatCompletionMessageParamUnion

	mu        sync.Mutex
	interrupt context.CancelCauseFunc // Nil if no answer is being given.
	answers   int
	playing   bool // Audio of the newest answer was sent, and not all of it was played.
}

func main() {
	client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, nil)}
	a := &agent{http: client, openai: openai.NewClient(option.WithHTTPClient(client))}
	mux := http.NewServeMux()
	mux.Handle("GET /media", voicews.Accept(tel.Telemetry)(http.HandlerFunc(a.media)))
	listener, err := net.Listen("tcp", os.Getenv("LISTEN")) //nolint:noctx // For as long as the program runs.
	if err != nil {
		log.Fatal(err)
	}
	slog.Info("listening", "address", listener.Addr().String())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.Serve(listener))
}

// media serves the media stream of a call.
func (a *agent) media(w http.ResponseWriter, r *http.Request) {
	conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		slog.Error("no media stream", "error", err)
		return
	}
	defer func() { _ = conn.Close() }()
	start, err := begin(conn)
	if err != nil {
		slog.Error("no call", "error", err)
		return
	}
	ctx, hangUp := context.WithCancel(r.Context())
	defer hangUp()
	c := &call{agent: a, ctx: ctx, conn: conn, stream: start.StreamSid}
	ear, err := listen.NewWSUsingCallback(ctx, "", &interfaces.ClientOptions{}, hearing(), oteldeepgram.WrapContext(ctx, hearing(), c))
	if err != nil || !ear.Connect() {
		slog.Error("no recogniser", "error", err)
		return
	}
	defer ear.Stop()
	slog.Info("call answered", "call", start.CallSid)
	for {
		var m message
		if err := conn.ReadJSON(&m); err != nil {
			slog.Warn("media stream broke", "error", err)
			return
		}
		switch m.Event {
		case "media":
			audio, err := base64.StdEncoding.DecodeString(m.Media.Payload)
			if err != nil {
				slog.Warn("bad media", "error", err)
				continue
			}
			if _, err := ear.Write(audio); err != nil {
				slog.Error("recogniser does not listen", "error", err)
			}
		case "mark":
			c.played(m.Mark.Name)
		case "stop":
			return
		}
	}
}

// message is a message of Twilio.
type message struct {
	Event string
	Start start
	Media struct{ Payload string }
	Mark  struct{ Name string }
}

type start struct{ CallSid, StreamSid string }

// begin reads the messages before the audio.
func begin(conn *websocket.Conn) (start, error) {
	for {
		var m message
		if err := conn.ReadJSON(&m); err != nil {
			return start{}, err
		}
		if m.Event == "start" {
			return m.Start, nil
		}
	}
}

// hearing is what Deepgram is asked for.
func hearing() *interfaces.LiveTranscriptionOptions {
	return &interfaces.LiveTranscriptionOptions{
		Model: "nova-3", Encoding: "mulaw", SampleRate: 8000, Channels: 1,
		InterimResults: true, VadEvents: true, Endpointing: "300", UtteranceEndMs: "1000",
	}
}

// send sends a message to Twilio. The caller holds the mutex.
func (c *call) send(message map[string]any) {
	message["streamSid"] = c.stream
	if err := c.conn.WriteJSON(message); err != nil {
		slog.Warn("no answer to the media stream", "error", err)
	}
}
