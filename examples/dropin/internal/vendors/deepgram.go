// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendors

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// The recogniser's pace, in bytes of µ-law of 8 kHz: an interim transcript for each 200 ms of
// voice, and the final one after 300 ms of silence.
const (
	bytesPerSecond = 8000
	interimBytes   = bytesPerSecond / 5
	endpointBytes  = bytesPerSecond * 3 / 10
)

// listen recognises speech over a WebSocket.
func (s *Server) listen(w http.ResponseWriter, r *http.Request) {
	id := s.id("dg")
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(w, r, http.Header{"dg-request-id": {id}})
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	rec := recogniser{server: s, conn: conn, id: id}
	for {
		kind, data, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if kind == websocket.BinaryMessage {
			rec.hear(data)
			continue
		}
		var control struct {
			Type string `json:"type"`
		}
		if json.Unmarshal(data, &control) == nil && control.Type == "CloseStream" {
			rec.send(object{"type": "Metadata", "request_id": id, "duration": seconds(rec.total), "channels": 1})
			_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
			return
		}
	}
}

// recogniser is the state of a connection. Lengths are in bytes.
type recogniser struct {
	server *Server
	conn   *websocket.Conn
	id     string

	total   int // Of the connection.
	start   int // Where the utterance began.
	voice   int // The voice in the utterance.
	silence int // The silence since the voice.
	interim int // The voice at the newest interim transcript.
}

func (rec *recogniser) hear(audio []byte) {
	rec.total += len(audio)
	spoken := false
	for _, sample := range audio {
		spoken = spoken || sample != quiet
	}
	switch {
	case spoken && rec.voice == 0:
		rec.start = rec.total - len(audio)
		rec.voice = len(audio)
		rec.send(object{"type": "SpeechStarted", "channel": []int{0, 1}, "timestamp": seconds(rec.start)})
	case spoken:
		rec.voice += len(audio)
		rec.silence = 0
		if rec.voice-rec.interim >= interimBytes {
			rec.interim = rec.voice
			rec.result(false)
		}
	case rec.voice > 0:
		rec.silence += len(audio)
		if rec.silence >= endpointBytes {
			rec.result(true)
			rec.send(object{"type": "UtteranceEnd", "channel": []int{0, 1}, "last_word_end": seconds(rec.total - rec.silence)})
			rec.server.next("utterance")
			rec.voice, rec.silence, rec.interim = 0, 0, 0
		}
	}
}

// result sends a transcript: all words if it is final, else as many as were spoken.
func (rec *recogniser) result(final bool) {
	rec.server.mu.Lock()
	n := rec.server.counts["utterance"]
	rec.server.mu.Unlock()
	var all []string
	if n < len(rec.server.script.Transcripts) {
		all = strings.Fields(rec.server.script.Transcripts[n])
	}
	if !final {
		all = all[:min(len(all), rec.voice/interimBytes)]
	}
	words := make([]object, len(all))
	for i, word := range all {
		at := seconds(rec.start) + seconds(rec.voice)*float64(i)/float64(len(all))
		end := seconds(rec.start) + seconds(rec.voice)*float64(i+1)/float64(len(all))
		words[i] = object{"word": word, "start": at, "end": end, "confidence": 0.98}
	}
	rec.send(object{
		"type": "Results", "channel_index": []int{0, 1}, "start": seconds(rec.start), "duration": seconds(rec.total - rec.start),
		"is_final": final, "speech_final": final,
		"channel": object{"alternatives": []object{{"transcript": strings.Join(all, " "), "confidence": 0.98, "words": words}}},
		"metadata": object{
			"request_id": rec.id, "model_uuid": "c0d1a568-ce81-4fea-97e7-bd45cb1fdf3c",
			"model_info": object{"name": "general-nova-3", "version": "2025-04-17.21547", "arch": "nova-3"},
		},
	})
}

func (rec *recogniser) send(message object) {
	_ = rec.conn.WriteJSON(message) // If the client is gone, the next read fails.
}

func seconds(bytes int) float64 { return float64(bytes) / bytesPerSecond }
