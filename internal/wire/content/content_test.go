// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package content_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire/content"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

func TestInput(t *testing.T) {
	for _, tt := range []struct{ name, messages, want string }{
		{"a text", `"A table for two."`, `[{"role":"user","parts":[{"type":"text","content":"A table for two."}]}]`},
		{"null", `null`, ``},
		{"no messages", `[]`, ``},
		{"no JSON", `<html>`, ``},
		{"nothing", ``, ``},

		{
			"OpenAI's texts", `[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"<Hi>"}]},{"role":"assistant","content":null,"refusal":"No."}]`,
			`[{"role":"system","parts":[{"type":"text","content":"Be brief."}]},{"role":"user","parts":[{"type":"text","content":"<Hi>"}]},{"role":"assistant","parts":[{"type":"text","content":"No."}]}]`,
		},
		{
			"OpenAI's tools", `[{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"at\":20.50}"}}]},{"role":"tool","tool_call_id":"call_1","content":"free"},{"role":"tool","tool_call_id":"call_2","content":[{"type":"text","text":"free"}]}]`,
			`[{"role":"assistant","parts":[{"type":"tool_call","id":"call_1","name":"f","arguments":{"at":20.50}}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"call_1","response":"free"}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"call_2","response":[{"type":"text","content":"free"}]}]}]`,
		},
		{
			"OpenAI's former functions", `[{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"free"}]`,
			`[{"role":"assistant","parts":[{"type":"tool_call","name":"f","arguments":{}}]},{"role":"tool","parts":[{"type":"tool_call_response","name":"f","response":"free"}]}]`,
		},
		{
			"OpenAI's custom tools", `[{"role":"assistant","tool_calls":[{"id":"c","type":"custom","custom":{"name":"f","input":"x = 1"}},{"id":"d"}]}]`,
			`[{"role":"assistant","parts":[{"type":"tool_call","id":"c","name":"f","arguments":"x = 1"},{"type":"tool_call","id":"d"}]}]`,
		},
		{
			"OpenAI's items for tools of the program", `[{"type":"custom_tool_call","id":"x","call_id":"c","name":"f","input":"x = 1"},{"type":"custom_tool_call_output","call_id":"c","output":"ok"},{"type":"shell_call","call_id":"s","action":{"commands":["ls"]},"environment":{"type":"local"}},{"type":"shell_call_output","call_id":"s","output":[{"stdout":"a"}]},{"type":"local_shell_call","call_id":"l","action":{"type":"exec"}},{"type":"local_shell_call_output","id":"l","output":"a"},{"type":"apply_patch_call","call_id":"a","operation":{"path":"b"}},{"type":"apply_patch_call_output","call_id":"a","status":"completed"},{"type":"computer_call","call_id":"k","action":null,"actions":[{"type":"click"}]},{"type":"computer_call_output","call_id":"k","output":{"type":"computer_screenshot","image_url":"data:image/png;base64,AAAA"}}]`,
			`[{"role":"assistant","parts":[{"type":"tool_call","id":"c","name":"f","arguments":"x = 1"}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"c","response":"ok"}]},{"role":"assistant","parts":[{"type":"tool_call","id":"s","name":"shell","arguments":{"commands":["ls"]}}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"s","response":[{"stdout":"a"}]}]},{"role":"assistant","parts":[{"type":"tool_call","id":"l","name":"local_shell","arguments":{"type":"exec"}}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"l","response":"a"}]},{"role":"assistant","parts":[{"type":"tool_call","id":"a","name":"apply_patch","arguments":{"path":"b"}}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"a","response":""}]},{"role":"assistant","parts":[{"type":"tool_call","id":"k","name":"computer","arguments":[{"type":"click"}]}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"k","response":[{"type":"computer_screenshot"}]}]}]`,
		},
		{
			"OpenAI's arguments that are no JSON", `[{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"at"}}]}]`,
			`[{"role":"assistant","parts":[{"type":"tool_call","id":"c","name":"f","arguments":"{\"at"}]}]`,
		},
		{
			"OpenAI's media", `[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},{"type":"image_url","image_url":{"url":"https://example.com/a.png"}},{"type":"input_audio","input_audio":{"format":"wav","data":"AAAAAA=="}},{"type":"file","file":{"file_id":"file-1"}},{"type":"file","file":{"file_data":"data:application/pdf;base64,AAAA","filename":"a.pdf"}}]},{"role":"assistant","audio":{"id":"audio_1"}}]`,
			`[{"role":"user","parts":[{"type":"blob","modality":"image","mime_type":"image/png","size":3},{"type":"uri","modality":"image","uri":"https://example.com/a.png"},{"type":"blob","modality":"audio","mime_type":"audio/wav","size":4},{"type":"file","modality":"document","file_id":"file-1"},{"type":"blob","modality":"document","mime_type":"application/pdf","size":3}]},{"role":"assistant","parts":[{"type":"file","modality":"audio","file_id":"audio_1"}]}]`,
		},
		{
			"OpenAI's items", `[{"role":"user","content":[{"type":"input_text","text":"Hi"},{"type":"input_image","image_url":"data:image/png;base64,AAAA"},{"type":"input_image","file_id":"file-1"},{"type":"input_file","file_url":"https://example.com/a.pdf"}]},{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":"x"},{"type":"reasoning","summary":[]},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello","annotations":[]}]},{"type":"function_call","call_id":"call_1","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"call_1","output":"free"},{"type":"item_reference","id":"x"},{"type":"web_search_call","id":"ws","action":{}}]`,
			`[{"role":"user","parts":[{"type":"text","content":"Hi"},{"type":"blob","modality":"image","mime_type":"image/png","size":3},{"type":"file","modality":"image","file_id":"file-1"},{"type":"uri","modality":"document","uri":"https://example.com/a.pdf"}]},{"role":"assistant","parts":[{"type":"reasoning","content":"Hm."}]},{"role":"assistant","parts":[{"type":"text","content":"Hello"}]},{"role":"assistant","parts":[{"type":"tool_call","id":"call_1","name":"f","arguments":{}}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"call_1","response":"free"}]},{"role":"assistant","parts":[{"type":"web_search_call"}]}]`,
		},

		{
			"Anthropic's tools", `[{"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":"x"},{"type":"redacted_thinking","data":"x"},{"type":"text","text":"I look."},{"type":"tool_use","id":"toolu_1","name":"f","input":{"at":"20:00"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"free"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_2"},{"type":"text","text":"And?"}]}]`,
			`[{"role":"assistant","parts":[{"type":"reasoning","content":"Hm."},{"type":"redacted_thinking"},{"type":"text","content":"I look."},{"type":"tool_call","id":"toolu_1","name":"f","arguments":{"at":"20:00"}}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"toolu_1","response":[{"type":"text","content":"free"},{"type":"blob","modality":"image","mime_type":"image/png","size":3}]}]},{"role":"user","parts":[{"type":"tool_call_response","id":"toolu_2","response":[]},{"type":"text","content":"And?"}]}]`,
		},
		{
			"Anthropic's media", `[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}},{"type":"document","source":{"type":"file","file_id":"file_1"}},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"The menu"}},{"type":"document","source":{"type":"content","content":[]}}]}]`,
			`[{"role":"user","parts":[{"type":"uri","modality":"image","uri":"https://example.com/a.png"},{"type":"file","modality":"document","file_id":"file_1"},{"type":"text","content":"The menu"},{"type":"document"}]}]`,
		},

		{
			"Gemini", `[{"parts":[{"text":"Hi"}]},{"role":"model","parts":[{"text":"Hm.","thought":true},{"functionCall":{"name":"f","args":{"at":20}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"free":true}}}]},{"role":"user","parts":[{"inlineData":{"mimeType":"audio/wav","data":"AAAAAAA="}},{"file_data":{"mime_type":"video/mp4","file_uri":"gs://a/b.mp4"}},{"executableCode":{"code":"x"}}]}]`,
			`[{"role":"user","parts":[{"type":"text","content":"Hi"}]},{"role":"assistant","parts":[{"type":"reasoning","content":"Hm."},{"type":"tool_call","name":"f","arguments":{"at":20}}]},{"role":"tool","parts":[{"type":"tool_call_response","name":"f","response":{"free":true}}]},{"role":"user","parts":[{"type":"blob","modality":"audio","mime_type":"audio/wav","size":5},{"type":"uri","modality":"video","mime_type":"video/mp4","uri":"gs://a/b.mp4"},{"type":"executableCode"}]}]`,
		},
		{"Gemini's single content", `{"role":"user","parts":{"text":"Hi"}}`, `[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]`},

		{
			"Ollama", `[{"role":"user","content":"What is it?","images":["AAAA"]},{"role":"assistant","content":"","thinking":"Hm.","tool_calls":[{"function":{"name":"f","arguments":{"at":"20:00"}}}]},{"role":"tool","tool_name":"f","content":"free"}]`,
			`[{"role":"user","parts":[{"type":"text","content":"What is it?"},{"type":"blob","modality":"image","size":3}]},{"role":"assistant","parts":[{"type":"reasoning","content":"Hm."},{"type":"tool_call","name":"f","arguments":{"at":"20:00"}}]},{"role":"tool","parts":[{"type":"tool_call_response","name":"f","response":"free"}]}]`,
		},

		{"cut in a text", `[{"role":"user","content":"A table for tw`, `[{"role":"user","parts":[{"type":"text","content":"A table for tw"}]}]`},
		{"cut in an escape", `[{"role":"user","content":"A\u00e`, `[{"role":"user","parts":[{"type":"text","content":"A"}]}]`},
		{"cut in a code point", "[{\"role\":\"user\",\"content\":\"A\xc3", `[{"role":"user","parts":[{"type":"text","content":"A"}]}]`},
		{"cut in a key", `[{"role":"user","content":"A"},{"role":"user","cont`, `[{"role":"user","parts":[{"type":"text","content":"A"}]},{"role":"user","parts":[]}]`},
		{"cut in a number", `[{"role":"user","content":"A","n":12`, `[{"role":"user","parts":[{"type":"text","content":"A"}]}]`},
		{"cut between messages", `[{"role":"user","content":"A"},`, `[{"role":"user","parts":[{"type":"text","content":"A"}]}]`},
		{
			"cut in data", `[{"role":"user","content":[{"type":"text","text":"A"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA`,
			`[{"role":"user","parts":[{"type":"text","content":"A"},{"type":"blob","modality":"image","mime_type":"image/png"}]}]`,
		},
		{
			"data that the decoder cut", `[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,` + strings.Repeat("A", jsonscan.MaxRawText-22) + `"}},{"type":"text","text":"A"}]}]`,
			`[{"role":"user","parts":[{"type":"blob","modality":"image","mime_type":"image/png"},{"type":"text","content":"A"}]}]`,
		},
		{
			"cut in the arguments", `[{"role":"assistant","content":null,"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"at\":`,
			`[{"role":"assistant","parts":[{"type":"tool_call","id":"c","name":"f","arguments":"{\"at\":"}]}]`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(content.Input([]byte(tt.messages))); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestSystem(t *testing.T) {
	for _, tt := range []struct{ name, system, want string }{
		{"a text", `"Be brief."`, `[{"type":"text","content":"Be brief."}]`},
		{"Anthropic's texts", `[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}]`, `[{"type":"text","content":"Be brief."}]`},
		{"Gemini's content", `{"role":"user","parts":[{"text":"Be brief."}]}`, `[{"type":"text","content":"Be brief."}]`},
		{"Gemini's single part", `{"parts":{"text":"Be brief."}}`, `[{"type":"text","content":"Be brief."}]`},
		{"cut", `{"parts":[{"text":"Be br`, `[{"type":"text","content":"Be br"}]`},
		{"null", `null`, ``},
		{"nothing", ``, ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(content.System([]byte(tt.system))); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestOutput(t *testing.T) {
	for _, tt := range []struct {
		name, answer string
		calls        []content.ToolCall
		reason, want string
	}{
		{"an answer", "For what name?", nil, "end_turn", `[{"role":"assistant","parts":[{"type":"text","content":"For what name?"}],"finish_reason":"stop"}]`},
		{
			"a tool", "",
			[]content.ToolCall{{ID: "c", Name: "f", Arguments: `{"at":20}`}, {Name: "g"}},
			"tool_calls",
			`[{"role":"assistant","parts":[{"type":"tool_call","id":"c","name":"f","arguments":{"at":20}},{"type":"tool_call","name":"g"}],"finish_reason":"tool_call"}]`,
		},
		{"an interrupted answer", "For", nil, "", `[{"role":"assistant","parts":[{"type":"text","content":"For"}],"finish_reason":""}]`},
		{"a blocked prompt", "", nil, "PROHIBITED_CONTENT", `[{"role":"assistant","parts":[],"finish_reason":"content_filter"}]`},
		{"nothing", "", nil, "", ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(content.Output(tt.answer, tt.calls, tt.reason)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestFinishReason(t *testing.T) {
	for reason, want := range map[string]string{
		"stop": "stop", "length": "length", "content_filter": "content_filter", "tool_calls": "tool_call", "tool_use": "tool_call",
		"max_tokens": "length", "MAX_TOKENS": "length", "refusal": "content_filter", "SAFETY": "content_filter",
		"MALFORMED_FUNCTION_CALL": "error", "pause_turn": "pause_turn", "": "",
	} {
		if got := content.FinishReason(reason); got != want {
			t.Errorf("FinishReason(%q) is %q, want %q", reason, got, want)
		}
	}
}

func TestInputCutAnywhere(t *testing.T) {
	const messages = `[{"role":"user","content":[{"type":"text","text":"Ein Tisch f\u00fcr zwei, \"bitte\" ü"},{"type":"input_audio","input_audio":{"data":"SECRETSECRET","format":"wav"}}],"n":[1,true,{"a":null}]},{"role":"tool","content":"x"}]`
	for i := range messages {
		got := content.Input([]byte(messages[:i]))
		if got != nil && !json.Valid(got) {
			t.Errorf("cut after %d bytes: got %s", i, got)
		}
		if i > strings.Index(messages, `Ein`) && !strings.Contains(string(got), `"content":"E`) {
			t.Errorf("cut after %d bytes: the text is lost: %s", i, got)
		}
		if strings.Contains(string(got), "SEC") {
			t.Errorf("cut after %d bytes: got data: %s", i, got)
		}
	}
}

func FuzzContent(f *testing.F) {
	for _, text := range []string{
		`[{"role":"user","content":[{"type":"text","text":"A\u00e4"}]}]`, `{"parts":[{"inlineData":{"data":"AAAA"}}]}`, `"text"`, `[{"a`, `[{"type":"function_call","arguments":"{}"}]`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, got := range [][]byte{content.Input(text), content.System(text), content.Output(string(text), []content.ToolCall{{Arguments: string(text)}}, "stop")} {
			if got != nil && !json.Valid(got) {
				t.Errorf("got no JSON: %s", got)
			}
		}
	})
}

func ExampleInput() {
	fmt.Printf("%s\n", content.Input([]byte(`[{"role":"user","content":"A table for two."}]`)))
	// Output: [{"role":"user","parts":[{"type":"text","content":"A table for two."}]}]
}

func ExampleSystem() {
	fmt.Printf("%s\n", content.System([]byte(`"You take bookings."`)))
	// Output: [{"type":"text","content":"You take bookings."}]
}

func ExampleOutput() {
	fmt.Printf("%s\n", content.Output("For what time?", nil, "end_turn"))
	// Output: [{"role":"assistant","parts":[{"type":"text","content":"For what time?"}],"finish_reason":"stop"}]
}
