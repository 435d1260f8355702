// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package oteldeepgram_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/deepgram/deepgram-go-sdk/v3/pkg/client/interfaces"
	listenv1 "github.com/deepgram/deepgram-go-sdk/v3/pkg/client/listen"
	listenws "github.com/deepgram/deepgram-go-sdk/v3/pkg/client/listen/v1/websocket"

	"github.com/voice-agents/telemetry/oteldeepgram"
)

// A script is what the server does with one connection. It may read audio and write messages.
type script func(ctx context.Context, conn *websocket.Conn) error

// A server speaks Deepgram's live transcription on loopback.
type server struct{ *httptest.Server }

func serve(t *testing.T, scripts ...script) *server {
	t.Helper()
	s := new(server)
	next := make(chan script, len(scripts))
	for _, script := range scripts {
		next <- script
	}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		conn.SetReadLimit(1 << 20)
		if err := (<-next)(r.Context(), conn); err != nil {
			return
		}
		for { // Until the client closes the connection.
			if _, _, err := conn.Read(r.Context()); err != nil {
				return
			}
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// hear reads audio until it has size bytes.
func hear(size int) script {
	return func(ctx context.Context, conn *websocket.Conn) error {
		for size > 0 {
			kind, data, err := conn.Read(ctx)
			if err != nil {
				return err
			}
			if kind == websocket.MessageBinary {
				size -= len(data)
			}
		}
		return nil
	}
}

// say sends messages.
func say(messages ...string) script {
	return func(ctx context.Context, conn *websocket.Conn) error {
		for _, message := range messages {
			if err := conn.Write(ctx, websocket.MessageText, []byte(message)); err != nil {
				return err
			}
		}
		return nil
	}
}

// closeWith closes the connection with a code.
func closeWith(code websocket.StatusCode, reason string) script {
	return func(_ context.Context, conn *websocket.Conn) error { return conn.Close(code, reason) }
}

// steps runs scripts one after the other.
func steps(scripts ...script) script {
	return func(ctx context.Context, conn *websocket.Conn) error {
		for _, s := range scripts {
			if err := s(ctx, conn); err != nil {
				return err
			}
		}
		return nil
	}
}

// dial returns a client of the SDK that is connected to the server.
func (s *server) dial(t *testing.T, recognizer *oteldeepgram.Recognizer) *listenws.WSCallback {
	t.Helper()
	client, err := listenv1.NewWSUsingCallback(t.Context(), "key",
		&interfaces.ClientOptions{Host: "ws" + strings.TrimPrefix(s.URL, "http")}, options(), recognizer)
	if err != nil {
		t.Fatal(err)
	}
	if !client.Connect() {
		t.Fatal("the SDK did not connect")
	}
	return client
}

func options() *interfaces.LiveTranscriptionOptions {
	return &interfaces.LiveTranscriptionOptions{
		Model: "nova-3", Language: "en", Encoding: "linear16", SampleRate: 16000, Channels: 1,
		InterimResults: true, VadEvents: true, UtteranceEndMs: "1000",
	}
}
