// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendorserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// A Reply is the answer of a language model, in no vendor's protocol.
type Reply struct {
	Model string   // That answers.
	Text  []string // In the pieces in which it is streamed.
	Tool  *Tool    // Nil if the model asks for none.
	// Input counts the tokens of the prompt, with Cached. Output counts those of the answer,
	// with Reasoning.
	Input, Cached, Output, Reasoning int
}

// A Tool is a call of a tool.
type Tool struct {
	ID, Name string
	// Arguments is a JSON object, in the pieces in which it is streamed.
	Arguments []string
}

// A Dialect writes answers in the protocol of a vendor.
type Dialect struct {
	// Plain writes the whole reply as one JSON object.
	Plain func(Reply) Answer
	// Stream writes the reply as a stream.
	Stream func(Reply) Answer
	// Broken writes a stream that ends with the vendor's error after the text of the reply.
	Broken func(Reply) Answer
	// Refused writes the vendor's answer of a status of 400 and above.
	Refused func(status int) Answer
}

// RetryAfter is the header Retry-After of refused requests, in seconds. It is short, so that tests
// do not wait.
const RetryAfter = "0.01"

func join(pieces []string) string { return strings.Join(pieces, "") }

// quote returns a text as a JSON string.
func quote(text string) string {
	data, err := json.Marshal(text)
	if err != nil {
		panic(err) // A string can always be marshalled.
	}
	return string(data)
}

func header(pairs ...string) http.Header {
	h := make(http.Header, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// refused returns the answer of a status with a JSON body.
func refused(status int, body string, pairs ...string) Answer {
	h := header(append(pairs, "Content-Type", "application/json")...)
	if status == http.StatusTooManyRequests || status >= http.StatusInternalServerError {
		h.Set("Retry-After", RetryAfter)
	}
	return Answer{Status: status, Header: h, Body: body}
}

// data returns a server-sent event without a name.
func data(format string, args ...any) Chunk {
	return Chunk{Data: "data: " + fmt.Sprintf(format, args...) + "\n\n"}
}

// event returns a server-sent event whose name is the type of its data.
func event(name, format string, args ...any) Chunk {
	return Chunk{Data: "event: " + name + "\ndata: " + fmt.Sprintf(format, args...) + "\n\n"}
}

// withText marks a chunk that has text.
func withText(c Chunk) Chunk {
	c.HasText = true
	return c
}
