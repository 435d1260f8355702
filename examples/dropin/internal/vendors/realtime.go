// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendors

import (
	"encoding/base64"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// The realtime model's pace, in bytes of PCM of 24 kHz.
const (
	pcmPerMS      = 48
	silenceMS     = 400
	responseDelay = 100 * time.Millisecond
	chunkMS       = 100
)

// realtime is a speech-to-speech model over a WebSocket.
func (s *Server) realtime(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(w, r, http.Header{"x-request-id": {s.id("req_rt")}})
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	m := realtimeModel{server: s, conn: conn}
	m.send(object{"type": "session.created", "session": object{
		"type": "realtime", "id": s.id("sess"), "model": "gpt-realtime-2025-08-28",
		"audio": object{
			"input":  object{"format": object{"type": "audio/pcm", "rate": 24000}, "turn_detection": object{"type": "server_vad", "silence_duration_ms": silenceMS, "prefix_padding_ms": 0}},
			"output": object{"format": object{"type": "audio/pcm", "rate": 24000}, "voice": "marin"},
		},
	}})
	for {
		var e struct{ Type, Audio string }
		if err := conn.ReadJSON(&e); err != nil {
			m.cancel()
			m.responding.Wait()
			return
		}
		switch e.Type {
		case "input_audio_buffer.append":
			audio, _ := base64.StdEncoding.DecodeString(e.Audio)
			m.hear(audio)
		case "response.create":
			m.respond()
		}
	}
}

// realtimeModel is the state of a connection. Lengths are in milliseconds.
type realtimeModel struct {
	server     *Server
	conn       *websocket.Conn
	responding sync.WaitGroup

	mu   sync.Mutex // Of the writes.
	stop chan struct{}

	total, voice, silence int
}

func (m *realtimeModel) hear(audio []byte) {
	length := len(audio) / pcmPerMS
	m.total += length
	spoken := false
	for _, b := range audio {
		spoken = spoken || b != 0
	}
	switch {
	case spoken:
		if m.voice == 0 {
			m.send(object{"type": "input_audio_buffer.speech_started", "audio_start_ms": m.total - length, "item_id": "item_user"})
			m.cancel()
		}
		m.voice += length
		m.silence = 0
	case m.voice > 0:
		if m.silence += length; m.silence >= silenceMS {
			m.voice, m.silence = 0, 0
			m.send(object{"type": "input_audio_buffer.speech_stopped", "audio_end_ms": m.total, "item_id": "item_user"})
			m.send(object{"type": "input_audio_buffer.committed", "item_id": "item_user"})
			m.respond()
		}
	}
}

// cancel stops the response, if there is one.
func (m *realtimeModel) cancel() {
	if m.stop != nil {
		close(m.stop)
		m.stop = nil
	}
}

func (m *realtimeModel) respond() {
	n := m.server.next("response")
	if n >= len(m.server.script.Responses) {
		return
	}
	m.cancel()
	m.responding.Wait() // One response at a time.
	m.stop = make(chan struct{})
	stop, answer, id := m.stop, m.server.script.Responses[n], m.server.id("resp")
	m.responding.Go(func() { m.answer(id, answer, stop) })
}

func (m *realtimeModel) answer(id string, answer Response, stop chan struct{}) {
	usage := object{
		"total_tokens": answer.In + answer.Out, "input_tokens": answer.In, "output_tokens": answer.Out,
		"input_token_details":  object{"text_tokens": answer.In - answer.In/2, "audio_tokens": answer.In / 2, "cached_tokens": 0},
		"output_token_details": object{"text_tokens": answer.Out - answer.Out/2, "audio_tokens": answer.Out / 2},
	}
	m.send(object{"type": "response.created", "response": object{"id": id, "status": "in_progress"}})
	status := "completed"
	if !pause(responseDelay, stop) {
		status = "cancelled"
	}
	if answer.Tool != "" {
		m.send(object{"type": "response.output_item.added", "response_id": id, "item": object{"id": "item_tool", "type": "function_call", "call_id": "call_1", "name": answer.Tool}})
		m.send(object{"type": "response.function_call_arguments.done", "response_id": id, "item_id": "item_tool", "call_id": "call_1", "name": answer.Tool, "arguments": `{"guests":4}`})
	}
	sound := base64.StdEncoding.EncodeToString(hum(chunkMS * pcmPerMS))
	for played := time.Duration(0); played < answer.Audio && status == "completed"; played += chunkMS * time.Millisecond {
		m.send(object{"type": "response.output_audio.delta", "response_id": id, "item_id": "item_" + id, "content_index": 0, "delta": sound})
		if !pause(m.server.script.Pace, stop) {
			status = "cancelled"
		}
	}
	done := object{"id": id, "status": status, "usage": usage}
	if status == "cancelled" {
		done["status_details"] = object{"type": "cancelled", "reason": "turn_detected"}
	}
	m.send(object{"type": "response.done", "response": done})
}

// pause waits, and reports false if the response was stopped.
func pause(d time.Duration, stop chan struct{}) bool {
	select {
	case <-time.After(d):
		return true
	case <-stop:
		return false
	}
}

// hum is audio that is not silent.
func hum(size int) []byte {
	audio := make([]byte, size)
	for i := range audio {
		audio[i] = byte(1 + i%50)
	}
	return audio
}

func (m *realtimeModel) send(message object) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_ = m.conn.WriteJSON(message) // If the client is gone, the next read fails.
}
