// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assistant

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// maxMessage is the longest line that is read. It is less than what the package mcp takes.
const maxMessage = 8 << 20

// withBatches are the versions of the protocol in which a line may have several messages.
var withBatches = []string{"2024-11-05", "2025-03-26"} //nolint:gochecknoglobals // It does not change.

// Lines returns the transport on standard input and output: each line is a message. A line that is none is answered with
// an error, and the conversation goes on.
func Lines(in io.ReadCloser, out io.Writer) mcp.Transport {
	writer := &lockedWriter{out: out, answered: make(chan struct{}, 1)}
	return &mcp.IOTransport{Reader: &messageReader{Closer: in, in: bufio.NewReaderSize(in, 64<<10), out: writer}, Writer: writer}
}

// lastAnswers is how long answers are waited for after the last line.
const lastAnswers = 30 * time.Second

// lockedWriter writes each message as a whole, and counts the requests that are not answered yet.
type lockedWriter struct {
	mu       sync.Mutex
	out      io.Writer
	open     int
	answered chan struct{} // It has a value after an answer.
}

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := w.out.Write(p)
	if answers := answersIn(p); answers > 0 {
		w.open -= answers
		select {
		case w.answered <- struct{}{}:
		default:
		}
	}
	return n, err
}

func (w *lockedWriter) Close() error { return nil }

// refuse writes the answer to a line that is no message, which is not among the requests.
func (w *lockedWriter) refuse(text []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := w.out.Write(text)
	return err
}

func (w *lockedWriter) count(requests int) (open int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open += requests
	return w.open
}

// messagesOf returns the message of a line, or those of a batch.
func messagesOf(line []byte) (messages []json.RawMessage) {
	if !bytes.HasPrefix(line, []byte("[")) {
		return []json.RawMessage{line}
	}
	if json.Unmarshal(line, &messages) != nil {
		return nil
	}
	return messages
}

// answersIn returns how many answers a line has.
func answersIn(line []byte) (n int) {
	for _, text := range messagesOf(line) {
		if message, err := jsonrpc.DecodeMessage(text); err == nil {
			if _, ok := message.(*jsonrpc.Response); ok {
				n++
			}
		}
	}
	return n
}

// messageReader gives the lines that are messages.
type messageReader struct {
	io.Closer

	in      *bufio.Reader
	out     *lockedWriter
	rest    []byte // Of the line that is given.
	batches bool   // The client's version of the protocol has batches.
}

func (m *messageReader) Read(p []byte) (int, error) {
	for len(m.rest) == 0 {
		line, err := m.next()
		if err != nil {
			m.wait() // The end of the lines would end the requests before it.
			return 0, err
		}
		m.rest = line
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

// wait waits until all requests are answered.
func (m *messageReader) wait() {
	late := time.After(lastAnswers)
	for m.out.count(0) > 0 {
		select {
		case <-m.out.answered:
		case <-late:
			return
		}
	}
}

// next returns a line that is a message, or nothing for one that is not.
func (m *messageReader) next() ([]byte, error) {
	var line []byte
	isLong := false
	for {
		part, err := m.in.ReadSlice('\n')
		if isLong = isLong || len(line)+len(part) > maxMessage; !isLong {
			line = append(line, part...)
		}
		if err == nil || err == io.EOF && len(part)+len(line) > 0 {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
	}
	line = bytes.TrimSpace(line)
	if isLong {
		return nil, m.refuse(nil, jsonrpc.CodeInvalidRequest, "the message is longer than 8 MB")
	}
	if len(line) == 0 {
		return nil, nil
	}
	if !json.Valid(line) {
		return nil, m.refuse(nil, jsonrpc.CodeParseError, "the line is not JSON: each message is one line")
	}
	messages := messagesOf(line)
	switch {
	case line[0] == '[' && !m.batches:
		return nil, m.refuse(nil, jsonrpc.CodeInvalidRequest, "this version of the protocol has no batches")
	case len(messages) == 0:
		return nil, m.refuse(nil, jsonrpc.CodeInvalidRequest, "the batch has no message")
	}
	requests := make(map[any]bool)
	for _, text := range messages {
		message, err := jsonrpc.DecodeMessage(text)
		if err != nil {
			return nil, m.refuse(line, jsonrpc.CodeInvalidRequest, err.Error())
		}
		request, ok := message.(*jsonrpc.Request)
		if !ok {
			continue
		}
		if id := request.ID.Raw(); id != nil {
			if requests[id] {
				return nil, m.refuse(line, jsonrpc.CodeInvalidRequest, "two requests of the batch have the same ID")
			}
			requests[id] = true
		}
		m.note(request)
	}
	m.out.count(len(requests))
	return append(line, '\n'), nil
}

// note notes whether the version of the protocol has batches.
func (m *messageReader) note(request *jsonrpc.Request) {
	var params struct {
		ProtocolVersion string `json:"protocolVersion"`
	}
	if request.Method == "initialize" && json.Unmarshal(request.Params, &params) == nil {
		m.batches = slices.Contains(withBatches, params.ProtocolVersion)
	}
}

// refuse answers a line with an error. The answer has the line's ID, if it has one.
func (m *messageReader) refuse(line []byte, code int64, why string) error {
	var request struct {
		ID json.RawMessage `json:"id"` // As it was sent: a float64 does not hold all whole numbers.
	}
	if json.Unmarshal(line, &request) != nil || !bytes.ContainsAny(request.ID[:min(1, len(request.ID))], `"-0123456789`) {
		request.ID = nil
	}
	text, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": request.ID, "error": map[string]any{"code": code, "message": why}})
	if err != nil {
		return err
	}
	return m.out.refuse(append(text, '\n'))
}
