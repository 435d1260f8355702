// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
)

// A ToolCall is the model wanting a tool to be run.
type ToolCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function FunctionCall `json:"function"`

	index int // By which the pieces of its arguments come.
}

// A FunctionCall names a function and its arguments, in JSON.
type FunctionCall struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// UnmarshalJSON takes arguments as a string, as null, and as the object that they are.
func (f *FunctionCall) UnmarshalJSON(b []byte) error {
	var wire struct {
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
	}
	if err := json.Unmarshal(b, &wire); err != nil {
		return err
	}
	f.Name, f.Arguments = wire.Name, ""
	if bytes.HasPrefix(wire.Arguments, []byte("{")) {
		f.Arguments = string(wire.Arguments)
		return nil
	}
	if len(wire.Arguments) == 0 {
		return nil
	}
	return json.Unmarshal(wire.Arguments, &f.Arguments)
}

// A Tool is offered to the model.
type Tool struct {
	Type     string   `json:"type"`
	Function Function `json:"function"`
}

// A Function describes a tool; its parameters are a JSON schema. Without one it takes
// none.
type Function struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Parameters  json.RawMessage `json:"parameters"`
}

// MarshalJSON writes the schema of no parameters, which not all providers take for
// granted.
func (f Function) MarshalJSON() ([]byte, error) {
	type plain Function
	if len(bytes.TrimSpace(f.Parameters)) == 0 {
		f.Parameters = json.RawMessage(`{"type":"object","properties":{}}`)
	}
	return json.Marshal(plain(f))
}

// A ToolCallDelta is a piece of the tool call at an index: the first has the id
// and the name, each one a part of the arguments.
type ToolCallDelta struct {
	Index int `json:"index"`
	ToolCall
}

// AppendDeltas puts the pieces of tool calls together. Pieces that belong to no
// call are passed over.
//
// Indices may begin anywhere, and be the same for all calls: an id that is new is a
// new call, and what comes without one belongs to the latest call of its index. Some
// providers repeat the id and the name with each piece, others give no ids.
func AppendDeltas(calls []ToolCall, deltas []ToolCallDelta) []ToolCall {
	for _, d := range deltas {
		call := find(calls, d)
		if call == nil {
			if d.ID == "" && d.Function.Name == "" {
				continue
			}
			calls = append(calls, ToolCall{Type: "function", index: d.Index})
			call = &calls[len(calls)-1]
		}
		if d.ID != "" {
			call.ID = d.ID
		}
		if d.Type != "" {
			call.Type = d.Type
		}
		if f := &call.Function; f.Name != d.Function.Name && f.Arguments == "" {
			f.Name += d.Function.Name // Names may come in pieces, too.
		}
		call.Function.Arguments += d.Function.Arguments
	}
	return calls
}

// find returns the call that a piece belongs to, or nil if it begins one.
func find(calls []ToolCall, d ToolCallDelta) *ToolCall {
	for i, call := range slices.Backward(calls) {
		switch {
		case d.ID != "" && call.ID == d.ID:
			return &calls[i]
		case call.index != d.Index, d.ID != "" && call.ID != "":
			continue
		case d.ID == "" && d.Function.Name != "" && json.Valid([]byte(call.Function.Arguments)):
			return nil // The one before is whole.
		}
		return &calls[i]
	}
	return nil
}

// identified gives the calls without an id one: their results need it.
func identified(calls []ToolCall) []ToolCall {
	for i := range calls {
		if calls[i].ID == "" {
			calls[i].ID = "call_" + strconv.Itoa(i+1)
		}
	}
	return calls
}
