// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// A ToolCall is a model's request to run a tool.
type ToolCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function FunctionCall `json:"function"`

	index int // The index of the parts of its arguments.
}

// A FunctionCall names a function and its arguments, in JSON.
type FunctionCall struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// UnmarshalJSON accepts arguments as a string, as null, and as a JSON value.
func (f *FunctionCall) UnmarshalJSON(b []byte) error {
	var wire struct {
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
	}
	if err := json.Unmarshal(b, &wire); err != nil {
		return err
	}
	f.Name, f.Arguments = wire.Name, ""
	switch {
	case len(wire.Arguments) == 0:
		return nil
	case wire.Arguments[0] == '"', string(wire.Arguments) == "null":
		return json.Unmarshal(wire.Arguments, &f.Arguments)
	}
	f.Arguments = string(wire.Arguments)
	return nil
}

// A Tool is a tool that the model may call.
type Tool struct {
	Type     string   `json:"type"`
	Function Function `json:"function"`
}

// A Function describes a tool. Its parameters are a JSON schema; without one there are none.
type Function struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Parameters  json.RawMessage `json:"parameters"`
}

// MarshalJSON writes a schema without parameters if there is none, because some providers
// require one.
func (f Function) MarshalJSON() ([]byte, error) {
	type plain Function
	if len(bytes.TrimSpace(f.Parameters)) == 0 {
		f.Parameters = json.RawMessage(`{"type":"object","properties":{}}`)
	}
	return json.Marshal(plain(f))
}

// A ToolCallDelta is a part of the tool call at an index. The first part has the ID and the
// name; each has a part of the arguments.
type ToolCallDelta struct {
	Index int `json:"index"`
	ToolCall
}

// AppendDeltas joins the parts of tool calls. It ignores parts that belong to no call.
//
// Indices may start anywhere and may be the same for all calls. A new ID starts a new call, and
// a part without an ID belongs to the last call of its index. Some providers repeat the ID
// and the name with each part, or the whole call; others have no IDs, or the same ID for
// several calls.
func AppendDeltas(calls []ToolCall, deltas []ToolCallDelta) []ToolCall {
	before := len(calls)
	for _, d := range deltas {
		call := find(calls, before, d)
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
		call.Function.add(d.Function.Arguments)
	}
	return calls
}

// add appends a part to the arguments, unless it repeats all of them.
func (f *FunctionCall) add(piece string) {
	if f.Arguments != "" && strings.HasPrefix(piece, f.Arguments) && json.Valid([]byte(piece)) {
		f.Arguments = ""
	}
	f.Arguments += piece
}

// find returns the call that a part belongs to, or nil if it starts one. The calls from
// before on came in the same chunk: no provider cuts a name there.
func find(calls []ToolCall, before int, d ToolCallDelta) *ToolCall {
	for i, call := range slices.Backward(calls) {
		switch {
		case d.ID != "" && call.ID == d.ID:
			if call.index != d.Index && d.Function.Name != "" && json.Valid([]byte(call.Function.Arguments)) {
				continue
			}
			return &calls[i]
		case call.index != d.Index, d.ID != "" && call.ID != "":
			continue
		case d.ID == "" && d.Function.Name != "" && (i >= before || json.Valid([]byte(call.Function.Arguments))):
			return nil // The previous call is complete.
		}
		return &calls[i]
	}
	return nil
}

// complete gives each call a unique ID, for its result, and {} as the arguments of a call
// without arguments.
func complete(calls []ToolCall) []ToolCall {
	provided, used := make(map[string]bool, len(calls)), make(map[string]bool, len(calls))
	for _, call := range calls {
		provided[call.ID] = true
	}
	for i := range calls {
		id := calls[i].ID
		for n := i + 1; id == "" || used[id]; n++ {
			if made := "call_" + strconv.Itoa(n); !provided[made] {
				id = made
			}
		}
		calls[i].ID = id
		used[id] = true
		if f := &calls[i].Function; strings.TrimSpace(f.Arguments) == "" || f.Arguments == "null" {
			f.Arguments = "{}"
		}
	}
	return calls
}
