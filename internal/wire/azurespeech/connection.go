// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package azurespeech

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
)

// Connection returns the decoder of a WebSocket, or nil if its path is none that the decoder reads:
// the protocol of the Speech SDK for recognition and synthesis. Its messages have headers, of which
// Path says what the message is, and X-RequestId what it belongs to.
func Connection(target *wire.Target, report wire.Report) wire.Connection {
	switch path := strings.TrimSuffix(target.Path, "/"); {
	case strings.HasSuffix(path, "/cognitiveservices/websocket/v1"), strings.HasSuffix(path, "/cognitiveservices/websocket/v2"),
		strings.HasSuffix(path, "/speech/synthesize/readaloud/edge/v1"):
		return newSpeechStream(target, report)
	case strings.Contains(path, "/speech/universal/v"), strings.Contains(path, "/speech/recognition/") && strings.HasSuffix(path, "/cognitiveservices/v1"),
		strings.HasSuffix(path, "/speech/translation/cognitiveservices/v1"):
		return newRecognitionStream(target, report)
	}
	return nil
}

func newBase(target *wire.Target, stage wire.Stage, report wire.Report) wire.Base {
	b := wire.NewBase(target, stage, report)
	if b.Request.Provider == "" {
		b.Request.Provider = "azure"
	}
	return b
}

// A frame is a message: its headers and what follows them.
type frame struct {
	path, request, contentType []byte
	body                       []byte
}

// newFrame reads the headers of a message. It reports false if they are not whole. The headers of
// a binary message are behind two bytes with their size.
func newFrame(m wire.Message) (f frame, ok bool) {
	head, body := m.Data, []byte(nil)
	if m.Binary {
		if len(m.Data) < 2 {
			return f, false
		}
		size := int(binary.BigEndian.Uint16(m.Data))
		if len(m.Data) < 2+size {
			return f, false
		}
		head, body = m.Data[2:2+size], m.Data[2+size:]
	} else if i := bytes.Index(head, []byte("\r\n\r\n")); i >= 0 {
		head, body = head[:i], head[i+4:]
	}
	f.body = body
	for len(head) > 0 {
		line := head
		if i := bytes.IndexByte(head, '\n'); i >= 0 {
			line, head = head[:i], head[i+1:]
		} else {
			head = nil
		}
		i := bytes.IndexByte(line, ':')
		if i < 0 {
			continue
		}
		value := bytes.TrimSpace(line[i+1:])
		switch name := bytes.TrimSpace(line[:i]); {
		case bytes.EqualFold(name, []byte("Path")):
			f.path = value
		case bytes.EqualFold(name, []byte("X-RequestId")):
			f.request = value[:min(len(value), maxRequestID)]
		case bytes.EqualFold(name, []byte("Content-Type")):
			f.contentType = value
		}
	}
	return f, len(f.path) > 0
}

// maxRequestID is how many bytes of a request's ID are kept. It is a UUID.
const maxRequestID = 64

// is reports whether the message has a path. The service writes paths in mixed case, the SDKs compare
// them in lower case.
func (f *frame) is(path string) bool {
	return len(f.path) == len(path) && strings.EqualFold(string(f.path), path)
}
