// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package oteldeepgram

import "strings"

// An Error is an error that Deepgram or its SDK reported to the callback.
type Error struct {
	Code        string // Of Deepgram: "NET-0001".
	Variant     string // The close code of the connection, as a text: "1011".
	Message     string
	Description string
}

// unknown is what the SDK reports for a part that it does not know.
const unknown = "Unknown Error"

// Error returns the message and the description.
func (e *Error) Error() string {
	text := strings.TrimSpace(e.Code + " " + e.Message)
	if e.Description != "" {
		text += ": " + e.Description
	}
	return "deepgram: " + text
}

// ErrorType returns the code, for the attribute error.type, or the code by which the connection was
// closed.
func (e *Error) ErrorType() string {
	switch {
	case e.Code != "":
		return e.Code
	case e.Variant != "" && !strings.EqualFold(e.Variant, unknown):
		return e.Variant
	}
	return "_OTHER"
}
