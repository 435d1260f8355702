// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendors

import (
	"io"
	"net/http"
	"strings"
)

// messages answers with a stream of events. The usage is that of a prompt with a cached part.
func (s *Server) messages(w http.ResponseWriter, r *http.Request) {
	s.received(r.URL.Path)
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Request-Id", s.id("req_message"))
	if s.next("failed message") < s.script.FailedMessages {
		const overloaded = 529
		busy(w, overloaded, object{"type": "error", "error": object{"type": "overloaded_error", "message": "Overloaded"}})
		return
	}
	send := events(w)
	if !wait(r, s.script.FirstDelay) {
		return
	}
	send("message_start", object{"type": "message_start", "message": object{
		"id": s.id("msg"), "type": "message", "role": "assistant", "content": []object{}, "model": messageModel,
		"stop_reason": nil, "stop_sequence": nil,
		"usage": object{"input_tokens": 95, "cache_read_input_tokens": 40, "cache_creation_input_tokens": 12, "output_tokens": 1},
	}})
	send("content_block_start", object{"type": "content_block_start", "index": 0, "content_block": object{"type": "text", "text": ""}})
	send("ping", object{"type": "ping"})
	for word := range strings.SplitAfterSeq(s.script.Message, " ") {
		if !wait(r, s.script.Pace) {
			return
		}
		send("content_block_delta", object{"type": "content_block_delta", "index": 0, "delta": object{"type": "text_delta", "text": word}})
	}
	send("content_block_stop", object{"type": "content_block_stop", "index": 0})
	send("message_delta", object{
		"type": "message_delta", "delta": object{"stop_reason": "end_turn", "stop_sequence": nil},
		"usage": object{"output_tokens": 17},
	})
	send("message_stop", object{"type": "message_stop"})
}
