// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendors

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

// The models that answer.
const (
	chatModel    = "gpt-4o-mini-2024-07-18"
	messageModel = "claude-haiku-4-5-20251001"
)

// chat answers with a stream of chunks: a chunk for the role, one for each word, one for the
// finish reason and one for the usage.
func (s *Server) chat(w http.ResponseWriter, r *http.Request) {
	s.received(r.URL.Path)
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("X-Request-Id", s.id("req_chat"))
	if s.next("failed chat") < s.script.FailedChats {
		busy(w, http.StatusServiceUnavailable, object{"error": object{
			"message": "The server is overloaded", "type": "server_error", "param": nil, "code": "overloaded",
		}})
		return
	}
	n := s.next("chat")
	if n >= len(s.script.Chats) {
		answer(w, http.StatusBadRequest, object{"error": object{"message": "the script has no more chats", "type": "invalid_request_error"}})
		return
	}
	chat, id := s.script.Chats[n], s.id("chatcmpl")
	send := events(w)
	chunk := func(delta object, finish any) object {
		return object{
			"id": id, "object": "chat.completion.chunk", "created": 1700000000, "model": chatModel,
			"choices": []object{{"index": 0, "delta": delta, "finish_reason": finish}},
		}
	}
	if !wait(r, s.script.FirstDelay) {
		return
	}
	finish := "stop"
	if chat.Tool != "" {
		finish = "tool_calls"
		send("", chunk(object{"role": "assistant", "content": nil, "tool_calls": []object{
			{"index": 0, "id": s.id("call"), "type": "function", "function": object{"name": chat.Tool, "arguments": ""}},
		}}, nil))
		for _, piece := range chat.Arguments {
			if !wait(r, s.script.Pace) {
				return
			}
			send("", chunk(object{"tool_calls": []object{{"index": 0, "function": object{"arguments": piece}}}}, nil))
		}
	} else {
		send("", chunk(object{"role": "assistant", "content": ""}, nil))
		for word := range strings.SplitAfterSeq(chat.Text, " ") {
			if !wait(r, s.script.Pace) {
				return
			}
			send("", chunk(object{"content": word}, nil))
		}
	}
	send("", chunk(object{}, finish))
	usage := chunk(nil, nil)
	usage["choices"] = []object{}
	usage["usage"] = object{
		"prompt_tokens": chat.In, "completion_tokens": chat.Out, "total_tokens": chat.In + chat.Out,
		"prompt_tokens_details": object{"cached_tokens": chat.In / 2, "audio_tokens": 0},
	}
	send("", usage)
	send("", "[DONE]")
}

// transcription answers with the text of an utterance.
func (s *Server) transcription(w http.ResponseWriter, r *http.Request) {
	s.received(r.URL.Path)
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("X-Request-Id", s.id("req_transcription"))
	if !wait(r, s.script.FirstDelay) {
		return
	}
	answer(w, http.StatusOK, object{
		"text": s.script.Transcript,
		"usage": object{
			"type": "tokens", "input_tokens": 14, "output_tokens": 11, "total_tokens": 25,
			"input_token_details": object{"text_tokens": 0, "audio_tokens": 14},
		},
	})
}

// speech answers with PCM of 24 kHz, in pieces of 100 ms.
func (s *Server) speech(w http.ResponseWriter, r *http.Request) {
	s.received(r.URL.Path)
	var request struct {
		Input string `json:"input"`
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil || request.Input == "" {
		answer(w, http.StatusBadRequest, object{"error": object{"message": "no input", "type": "invalid_request_error"}})
		return
	}
	w.Header().Set("X-Request-Id", s.id("req_speech"))
	w.Header().Set("Content-Type", "audio/pcm")
	if !wait(r, s.script.FirstDelay) {
		return
	}
	const piece = 100 * time.Millisecond
	for range s.script.Speech / piece {
		if _, err := w.Write(tone(24000, piece)); err != nil {
			return
		}
		flush(w)
		if !wait(r, s.script.Pace) {
			return
		}
	}
}
