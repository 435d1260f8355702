// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import "github.com/voice-agents/telemetry/internal/wire/jsonscan"

// itemFields returns the fields of an item of the output at a path.
func itemFields(path string, content bool) []jsonscan.Field {
	fields := []jsonscan.Field{
		{Path: path, ID: respItem, Mode: jsonscan.Begin},
		{Path: path + ".type", ID: respItemType},
		{Path: path + ".name", ID: respItemName},
		{Path: path + ".id", ID: respItemID},
		{Path: path + ".call_id", ID: respCallID},
		{Path: path + ".environment.type", ID: respItemPlace}, // Of shell_call.
		{Path: path + ".execution", ID: respItemPlace},        // Of tool_search_call.
	}
	if content {
		fields = append(
			fields,
			jsonscan.Field{Path: path + ".arguments", ID: respItemInput, Mode: jsonscan.Pieces}, // Of function_call.
			jsonscan.Field{Path: path + ".input", ID: respItemInput, Mode: jsonscan.Pieces},     // Of custom_tool_call.
			jsonscan.Field{Path: path + ".action", ID: respItemInput, Mode: jsonscan.Raw},
			jsonscan.Field{Path: path + ".actions", ID: respItemInput, Mode: jsonscan.Raw},
			jsonscan.Field{Path: path + ".operation", ID: respItemInput, Mode: jsonscan.Raw}, // Of apply_patch_call.
		)
	}
	return fields
}

// An item is what is known of the current item of the output.
type item struct {
	kind, name, id, callID []byte
	place                  []byte // Where a tool runs.
	call                   toolCall
}

func (i *item) read(v *jsonscan.Value) {
	switch v.Field {
	case respItemType:
		keep(&i.kind, v)
	case respItemName:
		keep(&i.name, v)
	case respItemID:
		keep(&i.id, v)
	case respCallID:
		keep(&i.callID, v)
	case respItemPlace:
		keep(&i.place, v)
	case respItemInput:
		if v.Kind == jsonscan.String || v.Kind == jsonscan.Object || v.Kind == jsonscan.Array {
			i.call.addInput(v.Text)
		}
	}
}

// tool returns the name of the tool that the item asks the program to run, or nothing if it asks for
// none. OpenAI itself runs the others: web_search_call, file_search_call, code_interpreter_call,
// image_generation_call, mcp_call.
func (i *item) tool() []byte {
	switch string(i.kind) {
	case "function_call", "custom_tool_call":
		return i.name
	case "computer_call", "local_shell_call", "apply_patch_call":
		return i.kind[:len(i.kind)-len("_call")]
	case "shell_call":
		if string(i.place) != "container_reference" {
			return []byte("shell")
		}
	case "tool_search_call":
		if string(i.place) == "client" {
			return []byte("tool_search")
		}
	}
	return nil
}

func (i *item) reset() {
	i.kind, i.name, i.id, i.callID, i.place = i.kind[:0], i.name[:0], i.id[:0], i.callID[:0], i.place[:0]
	i.call.reset()
}

// endItem reports an item that asks for a tool of the program, once. A stream sends it twice: without
// its input when it begins, and as a whole.
func (r *responses) endItem() {
	call := &r.item.call
	if name := r.item.tool(); len(name) > 0 {
		id := r.item.callID
		if len(id) == 0 {
			id = r.item.id
		}
		call.id, call.name = append(call.id[:0], id...), append(call.name[:0], name...)
		if len(call.input) > 0 && len(id) > 0 && !r.inputs.AddText(id) {
			call.input = call.input[:0]
		}
		r.calls.report(&r.Base, call)
	}
	r.item.reset()
	r.partType = r.partType[:0]
}
