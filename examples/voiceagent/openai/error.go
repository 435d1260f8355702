// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// An Error reports a rejected request or an aborted answer.
type Error struct {
	// Status is the status of the HTTP response, or of an error in the stream; 0 is unknown.
	Status int
	// Code is the provider's error code, or "".
	Code string
	// Message is the provider's message. It may contain parts of the request.
	Message string

	kind string // A group of codes.
}

// Error returns the status, the code and the message.
func (e *Error) Error() string {
	text := "openai: the answer broke off"
	if e.Status != 0 {
		text = fmt.Sprintf("openai: %d %s", e.Status, http.StatusText(e.Status))
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// ErrorType returns the value of error.type: the provider's code, or else the status.
func (e *Error) ErrorType() string {
	switch {
	case e.Code != "":
		return e.Code
	case e.Status != 0:
		return strconv.Itoa(e.Status)
	case e.kind != "":
		return e.kind
	}
	return "_OTHER"
}

// Temporary reports whether the same request may succeed later.
func (e *Error) Temporary() bool {
	return e.Status == 0 && e.kind != "invalid_request_error" || e.Status == http.StatusTooManyRequests || e.Status >= http.StatusInternalServerError
}

// maxRefusal bounds the error body that is read, because a proxy may send a page.
const maxRefusal = 16 << 10

func refusal(res *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxRefusal))
	e, _ := parseError(body)
	e.Status = res.StatusCode
	return &e
}

// reported returns the error in an event of a stream, or nil.
func reported(ev event) error {
	if ev.name == "error" {
		if e, ok := parseError(ev.data); ok {
			return &e
		}
		return &Error{Message: string(bytes.TrimSpace(ev.data))}
	}
	if e, ok := parseError(ev.data); ok {
		return &e
	}
	return nil
}

// parseError reads an error in the formats of all providers: under "error", at the top level, in a list,
// or as a string. The error of a choice is at the top level, too.
func parseError(data []byte) (e Error, ok bool) {
	data = bytes.TrimSpace(data)
	if bytes.HasPrefix(data, []byte("[")) {
		var list []json.RawMessage
		if json.Unmarshal(data, &list) != nil || len(list) == 0 {
			return e, false
		}
		data = list[0]
	}
	var wire struct {
		Error   json.RawMessage `json:"error"`
		Object  string          `json:"object"`
		Type    string          `json:"type"`
		Code    json.RawMessage `json:"code"`
		Message json.RawMessage `json:"message"`
		Choices json.RawMessage `json:"choices"`
		Detail  json.RawMessage `json:"detail"`
		Status  json.RawMessage `json:"status"`
		Number  json.RawMessage `json:"status_code"`
		MiniMax struct {
			Code    int    `json:"status_code"`
			Message string `json:"status_msg"`
		} `json:"base_resp"`
	}
	if json.Unmarshal(data, &wire) != nil {
		return e, false
	}
	if status := wire.MiniMax; status.Code != 0 {
		return Error{Code: strconv.Itoa(status.Code), Message: status.Message}, true
	}
	if known := given(wire.Error); known != "" {
		if e, ok := parseError(wire.Error); ok {
			return e, true
		}
		return Error{Message: known}, true
	}
	if wire.Choices != nil || wire.Object != "error" && wire.Type != "error" && given(wire.Code) == "" && given(wire.Message) == "" && given(wire.Detail) == "" {
		return e, false
	}
	e = Error{Message: given(wire.Message), Code: given(wire.Code)}
	if wire.Type != "error" {
		e.kind = wire.Type
	}
	if e.Message == "" {
		e.Message = given(wire.Detail)
	}
	for _, number := range [...]string{given(wire.Status), given(wire.Number), e.Code} {
		if status, err := strconv.Atoi(number); err == nil && status >= 400 && status < 600 {
			e.Status = status
		}
	}
	if _, err := strconv.Atoi(e.Code); err == nil { // A number is a status.
		e.Code = ""
	}
	return e, true
}

// given returns a JSON string's value, or the text of any other value; "" if it is absent or empty.
func given(value json.RawMessage) string {
	var s string
	switch text := string(bytes.TrimSpace(value)); text {
	case "", "null", "false", "{}", "[]", `""`:
		return ""
	default:
		if json.Unmarshal(value, &s) == nil {
			return s
		}
		return text
	}
}
