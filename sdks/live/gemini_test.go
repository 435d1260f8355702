// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package live_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
	"github.com/voice-agents/telemetry/semconv"
)

// play exchanges messages over a connection. It sends those of one direction, and compares those of the
// other.
func play(ctx context.Context, t *testing.T, conn *websocket.Conn, messages []wire.Message, isProgram bool) {
	t.Helper()
	for _, m := range messages {
		var err error
		if m.Sent == isProgram {
			err = conn.Write(ctx, kind(m.Binary), m.Data)
		} else {
			var got []byte
			if _, got, err = conn.Read(ctx); err == nil && !bytes.Equal(got, m.Data) {
				t.Errorf("received %q, want %q", got, m.Data)
			}
		}
		if err != nil {
			t.Error(err)
			return
		}
	}
}

// Each recorded session with Gemini is played over a connection that coder/websocket dials. The bytes
// pass, and each session is a call, whose responses have turns.
func TestRecordedGeminiSessions(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join("..", "..", "testdata", "wire", "gemini", "*", "messages.txt"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("%d sessions, %v", len(dirs), err)
	}
	for _, path := range dirs {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			sdk, rec := voicetest.Setup(t)
			recorded := wiretest.ReadConversation(t, dir)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				conn, err := websocket.Accept(w, r, nil)
				if err != nil {
					t.Error(err)
					return
				}
				play(r.Context(), t, conn, recorded.Messages, false)
				conn.CloseRead(r.Context())
				_ = conn.Close(websocket.StatusNormalClosure, "")
			}))
			defer server.Close()
			conn, response, err := websocket.Dial(t.Context(), strings.Replace(server.URL, "http:", "ws:", 1)+recorded.Target.Path,
				&websocket.DialOptions{HTTPClient: voicews.NewDialer(sdk.Telemetry).HTTPClient(nil)})
			if err != nil {
				t.Fatal(err)
			}
			if response.Body != nil {
				_ = response.Body.Close()
			}
			play(t.Context(), t, conn, recorded.Messages, true)
			<-conn.CloseRead(t.Context()).Done() // It answers the close of the server.
			_ = conn.CloseNow()
			if n := len(rec.Named(semconv.SpanVoiceSession)); n != 1 {
				t.Fatalf("%d sessions\n%s", n, rec.Shape())
			}
			if len(rec.Named(semconv.SpanVoiceTurn)) == 0 {
				t.Errorf("there are no turns\n%s", rec.Shape())
			}
			if open := rec.Open(); len(open) > 0 {
				t.Errorf("%d spans are open", len(open))
			}
			voicetest.Check(t, rec)
			t.Logf("\n%s", rec.Timeline())
		})
	}
}
