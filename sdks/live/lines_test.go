// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package live_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
	"github.com/voice-agents/telemetry/semconv"
)

// kind is the type of a message.
func kind(isBinary bool) websocket.MessageType {
	if isBinary {
		return websocket.MessageBinary
	}
	return websocket.MessageText
}

// Each recorded call of each line is played over a connection that coder/websocket accepts. The bytes
// pass, and a call that has begun is a session in the trace of its parameters.
func TestRecordedLines(t *testing.T) {
	var dirs []string
	for _, provider := range []string{"twilio", "exotel", "telnyx", "plivo", "vonage"} {
		found, err := filepath.Glob(filepath.Join("..", "..", "testdata", "wire", provider, "*", "messages.txt"))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d calls, %v", provider, len(found), err)
		}
		dirs = append(dirs, found...)
	}
	for _, path := range dirs {
		dir := filepath.Dir(path)
		name := filepath.Base(filepath.Dir(dir)) + "/" + filepath.Base(dir)
		t.Run(name, func(t *testing.T) {
			sdk, rec := voicetest.Setup(t)
			messages := wiretest.ReadConversation(t, dir).Messages
			done := make(chan struct{})
			server := httptest.NewServer(voicews.Accept(sdk.Telemetry)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer close(done)
				conn, err := websocket.Accept(w, r, nil)
				if err != nil {
					t.Error(err)
					return
				}
				defer func() { _ = conn.Close(websocket.StatusNormalClosure, "") }()
				for _, m := range messages {
					if m.Sent {
						err = conn.Write(r.Context(), kind(m.Binary), m.Data)
					} else {
						var got []byte
						if _, got, err = conn.Read(r.Context()); !bytes.Equal(got, m.Data) {
							t.Errorf("received %q, want %q", got, m.Data)
						}
					}
					if err != nil {
						t.Error(err)
						return
					}
				}
			})))
			defer server.Close()
			conn, response, err := websocket.Dial(t.Context(), strings.Replace(server.URL, "http:", "ws:", 1), nil)
			if err != nil {
				t.Fatal(err)
			}
			if response.Body != nil {
				_ = response.Body.Close()
			}
			began, traced := false, false
			isLine := !messages[0].Binary // Audio before all else is that of no line.
			for _, m := range messages {
				if m.Sent {
					var got []byte
					if _, got, err = conn.Read(t.Context()); err != nil || !bytes.Equal(got, m.Data) {
						t.Fatalf("the line received %q (%v), want %q", got, err, m.Data)
					}
					continue
				}
				began = began || isLine && (bytes.Contains(m.Data, []byte(`"start"`)) || bytes.Contains(m.Data, []byte("websocket:connected")))
				traced = traced || bytes.Contains(m.Data, []byte("4bf92f3577b34da6a3ce929d0e0e4736"))
				if err := conn.Write(t.Context(), kind(m.Binary), m.Data); err != nil {
					t.Fatal(err)
				}
			}
			conn.CloseRead(t.Context()) // It answers the close of the agent.
			<-done
			_ = conn.CloseNow()
			sessions := rec.Named(semconv.SpanVoiceSession)
			if began && len(sessions) != 1 {
				t.Fatalf("%d sessions\n%s", len(sessions), rec.Shape())
			}
			if id := "4bf92f3577b34da6a3ce929d0e0e4736"; began && traced && sessions[0].SpanContext().TraceID().String() != id {
				t.Errorf("the trace is %s, want %s", sessions[0].SpanContext().TraceID(), id)
			}
			if open := rec.Open(); len(open) > 0 {
				t.Errorf("%d spans are open", len(open))
			}
			voicetest.Check(t, rec)
			t.Logf("\n%s", rec.Timeline())
		})
	}
}
