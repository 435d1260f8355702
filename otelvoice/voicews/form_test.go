// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
	"github.com/voice-agents/telemetry/semconv"
)

func TestAudioSocket(t *testing.T) {
	sdk, rec := voicetest.Setup(t)
	asterisk, ours := net.Pipe()
	_, call := voicews.NewCall(t.Context(), sdk.Telemetry)
	conn := call.AudioSocket(ours)
	sent := append([]byte{0x01, 0, 16}, bytes.Repeat([]byte{0xab}, 16)...)
	sent = append(sent, 0x10, 0x01, 0x40)
	sent = append(sent, make([]byte, 320)...)
	sent = append(sent, 0x00, 0, 0) // Hang-up.
	go func() {
		_, _ = asterisk.Write(sent)
		_ = asterisk.Close()
	}()
	got, err := io.ReadAll(conn)
	if err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("%v, %d bytes of %d", err, len(got), len(sent))
	}
	if err := errors.Join(conn.Close(), conn.Close()); err != nil {
		t.Error(err)
	}
	sessions := rec.Named(semconv.SpanVoiceSession)
	if len(sessions) != 1 || call.Session().ID() != "abababab-abab-abab-abab-abababababab" {
		t.Errorf("%d sessions, %q", len(sessions), call.Session().ID())
	}
	voicetest.Check(t, rec)
}

// A data channel of WebRTC has the messages of the provider's WebSocket.
func TestMessages(t *testing.T) {
	sdk, rec := voicetest.Setup(t)
	_, call := voicews.NewCall(t.Context(), sdk.Telemetry)
	m := call.Messages("wss://api.openai.com/v1/realtime?model=gpt-realtime")
	m.Received(false, []byte(`{"type":"session.created","session":{"id":"sess_1","model":"gpt-realtime"}}`))
	m.Sent(false, []byte(`{"type":"response.create"}`))
	m.Received(false, []byte(`{"type":"response.created","response":{"id":"resp_1"}}`))
	m.Received(false, []byte(`{"type":"response.done","response":{"id":"resp_1","status":"completed"}}`))
	m.Closed(nil)
	m.Received(false, []byte(`{"type":"response.created","response":{"id":"resp_2"}}`))
	call.End()
	if got := len(rec.Named(semconv.SpanRealtimeInference("gpt-realtime"))); got != 1 {
		t.Errorf("%d responses\n%s", got, rec.Shape())
	}
	voicetest.Check(t, rec)
	for _, address := range []string{"", "://", "wss://example.com/v1/chat"} {
		if call.Messages(address) != nil {
			t.Errorf("%q is known", address)
		}
	}
}

func TestNil(t *testing.T) {
	ctx, call := voicews.NewCall(t.Context(), nil)
	if call != nil || ctx != t.Context() {
		t.Error("a nil Telemetry makes a call")
	}
	call.End()
	call.Messages("wss://api.openai.com/v1/realtime").Sent(false, nil)
	if call.Session() != nil || call.Context() == nil || call.AudioSocket(nil) != nil {
		t.Error("a nil call does something")
	}
	call.Dialer().HTTPClient(nil)
	voicews.NewDialer(nil, nil).WrapConn(nil)
}

// A call whose upgrade is refused ends with the request.
func TestAcceptRefused(t *testing.T) {
	sdk, rec := voicetest.Setup(t)
	accept := voicews.Accept(sdk.Telemetry)
	handler := accept(accept(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		voicews.CallFromContext(r.Context()).Messages("wss://api.deepgram.com/v1/listen?model=nova-3").Closed(nil) //nolint:contextcheck // The call has a context of its own.
		w.WriteHeader(http.StatusForbidden)
	})))
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/media", nil)
	for name, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="} {
		request.Header.Set(name, value)
	}
	response := httptest.NewRecorder()
	handler.ServeHTTP(response, request)
	if sessions := rec.Named(semconv.SpanVoiceSession); len(sessions) != 1 || response.Code != http.StatusForbidden {
		t.Errorf("%d sessions, status %d\n%s", len(sessions), response.Code, rec.Shape())
	}
	voicetest.Check(t, rec)
}

// An observer of turns may use the connection whose message started the turn.
func TestObserverUsesItsConnection(t *testing.T) {
	sdk, rec := voicetest.Setup(t)
	_, call := voicews.NewCall(t.Context(), sdk.Telemetry)
	m := call.Messages("wss://api.deepgram.com/v1/listen?model=nova-3&encoding=mulaw&sample_rate=8000")
	call.Session().OnTurn(func(*otelvoice.Turn) func() {
		m.Sent(false, []byte(`{"type":"KeepAlive"}`))
		return nil
	})
	m.Sent(true, make([]byte, 8000))
	m.Received(false, []byte(`{"type":"Results","is_final":true,"speech_final":true,"channel":{"alternatives":[{"transcript":"hello","words":[{"start":0.1,"end":0.5}]}]}}`))
	m.Closed(nil)
	call.End()
	if turns := rec.Named(semconv.SpanVoiceTurn); len(turns) != 1 {
		t.Errorf("%d turns", len(turns))
	}
}
