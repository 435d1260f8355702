// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package geminilive_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A request is a message of the client.
type request struct {
	Setup         *struct{ Model string }
	RealtimeInput *struct {
		Audio       *struct{ Data, MimeType string }
		ActivityEnd *struct{}
	}
	ClientContent *struct{ TurnComplete bool }
	ToolResponse  *struct{}
}

// frames are how many of the user's are an utterance, if the client does not say when the user speaks.
const frames = 10

// serve speaks the protocol of the Live API: it answers each utterance, calls a tool for each text, and
// closes a connection for a model that it does not know. It sends JSON in binary frames, as Google does.
func serve(w http.ResponseWriter, r *http.Request) {
	conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	send := func(messages ...string) {
		for _, m := range messages {
			_ = conn.WriteMessage(websocket.BinaryMessage, []byte(m))
		}
	}
	for heard := 0; ; {
		var m request
		_, data, err := conn.ReadMessage()
		if err != nil || json.Unmarshal(data, &m) != nil {
			return
		}
		in := m.RealtimeInput
		switch {
		case m.Setup != nil && m.Setup.Model == "models/unknown":
			_ = conn.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.ClosePolicyViolation, "models/unknown is not found"))
			return
		case m.Setup != nil:
			send(`{"setupComplete":{"sessionId":"sess-1"}}`)
		case in != nil && in.Audio != nil:
			heard++
			if heard%frames == 0 {
				send(`{"serverContent":{"inputTranscription":{"text":"A table for two."}}}`)
				send(answer("We have one.", 100)...)
			}
		case in != nil && in.ActivityEnd != nil:
			send(answer("All right.", 130)...)
		case m.ClientContent != nil:
			send(`{"toolCall":{"functionCalls":[{"id":"call-1","name":"book","args":{"guests":2}}]}}`)
		case m.ToolResponse != nil:
			send(answer("It is booked.", 160)...)
		}
	}
}

// answer returns the messages of an answer.
func answer(text string, tokens int) []string {
	audio := base64.StdEncoding.EncodeToString(make([]byte, 4800)) // 100 ms.
	return []string{
		fmt.Sprintf(`{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":%q}}]}}}`, audio),
		fmt.Sprintf(`{"serverContent":{"outputTranscription":{"text":%q}}}`, text),
		`{"serverContent":{"generationComplete":true}}`,
		fmt.Sprintf(`{"serverContent":{"turnComplete":true},"usageMetadata":{"promptTokenCount":%d,"responseTokenCount":20,"totalTokenCount":%d,`+
			`"promptTokensDetails":[{"modality":"AUDIO","tokenCount":50}],"responseTokensDetails":[{"modality":"AUDIO","tokenCount":20}]}}`, tokens, tokens+20),
	}
}
