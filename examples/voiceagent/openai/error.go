// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// Error is a request that the provider refused.
type Error struct {
	// Status is that of the HTTP response.
	Status int
	// Code is the provider's word for it, or empty.
	Code string
	// Message is the provider's explanation. It may repeat what was asked.
	Message string
}

// Error says what the provider said.
func (e *Error) Error() string {
	text := fmt.Sprintf("openai: %d %s", e.Status, http.StatusText(e.Status))
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// ErrorType is what telemetry counts the error as: the provider's code or, with
// none, the status.
func (e *Error) ErrorType() string {
	if e.Code != "" {
		return e.Code
	}
	return strconv.Itoa(e.Status)
}

// Temporary reports whether the same request may be granted a moment later.
func (e *Error) Temporary() bool {
	return e.Status == http.StatusTooManyRequests || e.Status >= http.StatusInternalServerError
}

// maxRefusal bounds what is read of a refusal: a proxy may answer with a page.
const maxRefusal = 16 << 10

func refusal(res *http.Response) error {
	e := &Error{Status: res.StatusCode}
	var body struct {
		Error struct {
			Message string `json:"message"`
			Code    string `json:"code"`
		} `json:"error"`
	}
	if json.NewDecoder(io.LimitReader(res.Body, maxRefusal)).Decode(&body) == nil {
		e.Code, e.Message = body.Error.Code, body.Error.Message
	}
	return e
}
