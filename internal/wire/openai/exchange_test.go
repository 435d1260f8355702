// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/openai"
)

const (
	chatPath          = "/v1/chat/completions"
	responsesPath     = "/v1/responses"
	transcriptionPath = "/v1/audio/transcriptions"
	speechPath        = "/v1/audio/speech"

	eventStream = "text/event-stream"
	jsonType    = "application/json"
	formType    = "multipart/form-data; boundary=b"
)

// exchange returns an exchange with one header for each message: its content type, or a content type
// and a content encoding.
func exchange(path, requestType, request string, status int, responseType, response string) *wiretest.Exchange {
	contentType, encoding, _ := strings.Cut(responseType, "|")
	header := http.Header{"Content-Type": {contentType}}
	if encoding != "" {
		header.Set("Content-Encoding", encoding)
	}
	if contentType == "" {
		header.Del("Content-Type")
	}
	return &wiretest.Exchange{
		Request:      &http.Request{Method: http.MethodPost, Host: "api.openai.com", URL: &url.URL{Path: path}, Header: http.Header{"Content-Type": {requestType}}},
		RequestBody:  []byte(request),
		Response:     &http.Response{StatusCode: status, Header: header},
		ResponseBody: []byte(response),
	}
}

// events returns the events of the response, without that of the request.
func events(t *testing.T, x *wiretest.Exchange) string {
	t.Helper()
	whole := x.Events(t, openai.New, 1<<20)
	for _, size := range []int{1, 3, 16} {
		if got := x.Events(t, openai.New, size); got != whole {
			t.Errorf("in pieces of %d bytes:\n%s\nas a whole:\n%s", size, got, whole)
		}
	}
	_, rest, _ := strings.Cut(whole, "\n")
	return rest
}

func TestBadResponses(t *testing.T) {
	const (
		delta = `{"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"A"}}]}`
		first = "Answered id=\"c1\" name=\"m\"\n"
		token = "Answer text=\"A\"\nToken\n"
	)
	for _, tt := range []struct {
		name, contentType, response string
		status                      int
		want                        string
	}{
		{name: "an event that is no JSON", contentType: eventStream, response: "data: keepalive\n\ndata: " + delta + "\n\n", want: "NotUnderstood name=\"event\"\n" + first + token},
		{name: "an event that is cut off", contentType: eventStream, response: "data: {\"id\":\"c1\",\"model\":\"m\"\n\ndata: " + delta + "\n\n", want: "NotUnderstood name=\"event\"\n" + first + token},
		{name: "the stream is cut off", contentType: eventStream, response: "data: " + delta + "\n\ndata: {\"id\":\"c1\",\"cho", want: first + token + "NotUnderstood name=\"event\"\n"},
		{name: "the last line has no end", contentType: eventStream, response: "data: " + delta + "\n\ndata: [DONE]", want: first + token + "Ended\n"},
		{name: "lines end with CRLF", contentType: eventStream, response: "data: " + delta + "\r\n\r\ndata: [DONE]\r\n\r\n", want: first + token + "Ended\n"},
		{name: "comments and keep-alives", contentType: eventStream, response: ": OPENROUTER PROCESSING\n\n:\n\nretry: 3\n\ndata: " + delta + "\n\n", want: first + token},
		{name: "text outside ASCII, with escapes", contentType: eventStream, response: `data: {"id":"c1","model":"m","choices":[{"delta":{"content":"ü\ud83c\udf89–"}}]}` + "\n\n", want: first + "Answer text=\"ü🎉–\"\nToken\n"},
		{name: "finish_reason twice", contentType: eventStream, response: strings.Repeat("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n", 2), want: "Chunk\nFinished name=\"stop\"\nChunk\n"},
		{name: "usage without choices", contentType: eventStream, response: "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n", want: "Chunk\nUsed input_tokens=3 output_tokens=4\n"},
		{name: "usage of a wrong type", contentType: eventStream, response: "data: {\"choices\":null,\"usage\":\"none\"}\n\ndata: {\"usage\":[1]}\n\ndata: {\"usage\":{\"prompt_tokens\":\"3\"}}\n\n", want: "Chunk\nChunk\nChunk\nUsed\n"},
		{
			name: "parallel calls with the index 0", contentType: eventStream,
			response: `data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f"}},{"index":0,"id":"b","function":{"name":"f"}}]}}]}` + "\n\n" +
				`data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]}}]}` + "\n\n",
			want: "ToolCalled id=\"a\" name=\"f\"\nChunk\nToolCalled id=\"b\" name=\"f\"\nChunk\n",
		},
		{name: "a call with the ID behind the name", contentType: jsonType, response: `{"choices":[{"message":{"tool_calls":[{"function":{"name":"f"},"id":"a"},{"function":{"name":"g"},"id":"b"}]}}]}`, want: "ToolCalled id=\"a\" name=\"f\"\nToolCalled id=\"b\" name=\"g\"\n"},
		{name: "function_call", contentType: jsonType, response: `{"choices":[{"message":{"content":null,"function_call":{"name":"f","arguments":"{}"}},"finish_reason":"function_call"}]}`, want: "ToolCalled name=\"f\"\nToolArguments text=\"{}\"\nFinished name=\"function_call\"\n"},
		{
			name: "function_call in a stream", contentType: eventStream,
			response: `data: {"choices":[{"delta":{"content":null,"function_call":{"name":"f","arguments":""}}}]}` + "\n\n" +
				`data: {"choices":[{"delta":{"function_call":{"arguments":"{}"}}}]}` + "\n\n",
			want: "Chunk\nToolCalled name=\"f\"\nChunk\nToolArguments text=\"{}\"\n",
		},
		{
			name: "parts of two calls in turn", contentType: eventStream,
			response: `data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"1"}}]}}]}` + "\n\n" +
				`data: {"choices":[{"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"2"}}]}}]}` + "\n\n" +
				`data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"3"}}]}}]}` + "\n\n" +
				`data: {"choices":[{"delta":{"tool_calls":[{"index":1,"id":"b","function":{"arguments":"4"}}]}}]}` + "\n\n",
			want: "Chunk\nToolCalled id=\"a\" name=\"f\"\nToolArguments text=\"1\"\nChunk\nToolCalled id=\"b\" name=\"g\"\nToolArguments text=\"2\"\nChunk\nChunk\nToolArguments text=\"4\"\n",
		},
		{name: "a custom tool", contentType: jsonType, response: `{"choices":[{"message":{"tool_calls":[{"id":"a","type":"custom","function":null,"custom":{"name":"f","input":"x = 1"}}]}}]}`, want: "ToolCalled id=\"a\" name=\"f\"\nToolArguments text=\"x = 1\"\n"},
		{name: "an error with status 200", contentType: jsonType, response: `{"error":{"message":"Overloaded","type":"server_error","code":null}}`, want: "Failed name=\"server_error\" text=\"Overloaded\"\n"},
		{name: "an error that is a text", contentType: jsonType, status: 500, response: `{"error":"broken"}`, want: "Failed text=\"broken\"\n"},
		{name: "an error that is null", contentType: jsonType, response: `{"id":"c1","model":"m","error":null,"choices":[]}`, want: first},
		{name: "an error of FastAPI", contentType: jsonType, status: 404, response: `{"detail":"Not Found"}`, want: "Failed text=\"Not Found\"\n"},
		{name: "an error of an unknown shape", contentType: jsonType, status: 500, response: `{"fault":{"reason":"x"}}`},
		{name: "an HTML page", contentType: "text/html; charset=utf-8", status: 502, response: "<html><body>Bad Gateway</body></html>", want: "NotUnderstood name=\"content\"\n"},
		{name: "an HTML page that claims to be JSON", contentType: jsonType, status: 502, response: "<html></html>", want: "NotUnderstood name=\"json\"\n"},
		{name: "gzip", contentType: jsonType + "|gzip", response: "\x1f\x8b\x08", want: "NotUnderstood name=\"encoding\"\n"},
		{name: "br in a stream", contentType: eventStream + "|br", response: "\x0b\x02\x80", want: "NotUnderstood name=\"encoding\"\n"},
		{name: "new fields", contentType: eventStream, response: `data: {"new":{"choices":[{"delta":{"content":"no"}}]},"id":"c1","model":"m","choices":[{"new":[[{}]],"delta":{"content":"A","new":1}}]}` + "\n\n", want: first + token},
		{name: "other types of values", contentType: eventStream, response: `data: {"id":7,"model":{"a":1},"choices":[{"index":"x","delta":"no","finish_reason":3},5,null]}` + "\n\ndata: []\n\ndata: 1\n\ndata: null\n\n", want: "Answered id=\"7\"\nChunk\nChunk\nChunk\nChunk\n"},
		{name: "no content type", response: `{"id":"c1","model":"m","choices":[{"message":{"content":"A"}}]}`, want: first + "Answer text=\"A\"\n"},
		{name: "an empty body", contentType: jsonType, status: 503},
		{name: "nested too deeply", contentType: jsonType, response: strings.Repeat("[", 1000), want: "NotUnderstood name=\"json\"\n"},
		{name: "another ID in each chunk", contentType: eventStream, response: "data: " + delta + "\n\ndata: " + strings.Replace(delta, "c1", "c2", 1) + "\n\n", want: first + token + token},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status := tt.status
			if status == 0 {
				status = http.StatusOK
			}
			got := events(t, exchange(chatPath, jsonType, `{"model":"m"}`, status, tt.contentType, tt.response))
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestBadRequests(t *testing.T) {
	for _, tt := range []struct{ name, path, contentType, request, want string }{
		{"no body", chatPath, jsonType, "", "Requested stage=\"llm\"\n"},
		{"no JSON", chatPath, jsonType, "model=m", "Requested stage=\"llm\"\nNotUnderstood name=\"json\"\n"},
		{"other types of values", chatPath, jsonType, `{"model":null,"stream":"true","temperature":"hot","max_tokens":1.5}`, "Requested stage=\"llm\" model=\"null\"\n"},
		{"no form", transcriptionPath, jsonType, `{}`, "Requested stage=\"stt\"\nNotUnderstood name=\"content\"\n"},
		{"a form that is cut off", transcriptionPath, formType, "--b\r\nContent-Disposition: form-data; name=model\r\n\r\nm\r\n--b\r\nContent-Disposition: form-data; name=file; filename=a.ogg\r\n\r\nOggS", "Requested stage=\"stt\" model=\"m\" codec=ogg audio_size=4\nNotUnderstood name=\"form\"\n"},
		{"a voice of another type", speechPath, jsonType, `{"voice":["a"],"input":3,"response_format":"new"}`, "Requested stage=\"tts\" codec=new\n"},
		{"a text outside ASCII", speechPath, jsonType, `{"input":"\ud83c\udf89 für"}`, "Requested stage=\"tts\" codec=mp3 characters=5 text=\"🎉 für\"\n"},
		{"a deployment", "/openai/deployments/d/audio/speech", jsonType, `{}`, "Requested stage=\"tts\" model=\"d\" codec=mp3\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := exchange(tt.path, tt.contentType, tt.request, http.StatusNoContent, jsonType, "")
			if got := x.Events(t, openai.New, 1); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestTranscripts(t *testing.T) {
	const segments = `{"text":"a b","segments":[{"start":0,"end":1,"avg_logprob":0},{"start":1,"end":2,"avg_logprob":-1.3862943611198906}],"language":"haitian creole"}`
	for _, tt := range []struct{ name, contentType, response, want string }{
		{"confidence by duration", jsonType, segments, "Final text=\"a b\" start=0s end=2s confidence=0.5 language=\"ht\"\n"},
		{"an empty transcript", jsonType, `{"text":""}`, "Final\n"},
		{"a JSON string", jsonType, `"a b"`, "Final text=\"a b\"\n"},
		{"a text that begins like WebVTT", "text/plain", "WEB\nb", "Final text=\"WEB\\nb\"\n"},
		{"a short text that begins like WebVTT", "text/plain", "WE", "Final text=\"WE\"\n"},
		{"a text that begins with the name", "text/plain", "WEBVTTs are", "Final text=\"WEBVTTs are\"\n"},
		{"an empty text", "text/plain", "", "Final\n"},
		{"WebVTT that was not asked for", "text/vtt", "WEBVTT - x\n\nNOTE a\n\n1\n00:01.000 --> 00:02.500\nHi.\n", "Final text=\"Hi.\" start=1s end=2.5s\n"},
		{"a text that is compressed", "text/plain|gzip", "\x1f\x8b", "NotUnderstood name=\"encoding\"\n"},
		{"an unknown language tag", jsonType, `{"text":"a","language":"de-CH"}`, "Final text=\"a\" language=\"de-CH\"\n"},
		{"several languages", jsonType, `{"text":"a","languages":[{"code":"de"},{"code":"en"}]}`, "Final text=\"a\" language=\"de\"\n"},
		{"no language", jsonType, `{"text":"a","languages":[]}`, "Final text=\"a\"\n"},
		{"a duration that is none", jsonType, `{"text":"a","duration":"long"}`, "Final text=\"a\"\n"},
		{"a stream without an end", eventStream, "data: {\"type\":\"transcript.text.delta\",\"delta\":\"a\"}\n\n", "Partial text=\"a\"\nFinal text=\"a\"\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := events(t, exchange(transcriptionPath, formType, "--b--", http.StatusOK, tt.contentType, tt.response))
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestWithoutContent(t *testing.T) {
	for _, tt := range []struct{ path, request, contentType, response string }{
		{chatPath, `{"model":"m","messages":["SECRET"]}`, eventStream, `data: {"choices":[{"delta":{"content":"SECRET"}}]}` + "\n\n"},
		{responsesPath, `{"model":"m","input":"SECRET","instructions":"SECRET"}`, eventStream, `data: {"delta":"SECRET","type":"response.output_text.delta"}` + "\n\n"},
		{chatPath, `{}`, jsonType, `{"choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":"SECRET"}},{"custom":{"name":"g","input":"SECRET"}}],"function_call":{"arguments":"SECRET"}}}]}`},
		{responsesPath, `{}`, jsonType, `{"output":[{"type":"custom_tool_call","name":"f","input":"SECRET"},{"type":"shell_call","action":{"commands":["SECRET"]}},{"type":"apply_patch_call","operation":{"path":"SECRET"}}]}`},
		{transcriptionPath, "--b--", jsonType, `{"text":"SECRET"}`},
		{transcriptionPath, "--b--", "text/plain", `SECRET`},
		{speechPath, `{"input":"SECRET"}`, "audio/pcm", "\x00\x00"},
	} {
		x := exchange(tt.path, formType, tt.request, http.StatusOK, tt.contentType, tt.response)
		var got strings.Builder
		target := x.Target()
		target.Content = false
		d := openai.New(target, func(e *wire.Event) { got.WriteString(wiretest.Format(e) + "\n") })
		d.Sent(x.RequestBody)
		d.SentAll()
		d.Answered(http.StatusOK, x.Response.Header)
		d.Received(x.ResponseBody)
		d.ReceivedAll()
		if strings.Contains(got.String(), "SECRET") || !strings.Contains(got.String(), "\n") {
			t.Errorf("%s: %s", tt.path, &got)
		}
	}
}

func TestNewWithoutDecoder(t *testing.T) {
	for _, r := range []string{"GET /v1/chat/completions", "POST /v1/embeddings", "POST /v1/models", "POST /", "POST /v1/responses/resp_1/cancel", "GET /v1/responses"} {
		method, path, _ := strings.Cut(r, " ")
		if openai.New(&wire.Target{Method: method, Path: path}, func(*wire.Event) {}) != nil {
			t.Errorf("%s has a decoder", r)
		}
	}
}

// bodies are bodies of any size, as a start, a piece that is repeated and an end.
var bodies = []struct {
	name, path, requestType, requestStart, requestPiece, responseType, responseStart, responsePiece string
}{
	{"messages", chatPath, jsonType, `{"model":"m","messages":["`, "long \\u00fc ", jsonType, "", ""},
	{"an answer", chatPath, jsonType, `{}`, "", jsonType, `{"choices":[{"message":{"content":"`, "long ü "},
	{"one event", chatPath, jsonType, `{}`, "", eventStream, `data: {"choices":[{"delta":{"content":"`, "long ü "},
	{"events without end", chatPath, jsonType, `{}`, "", eventStream, "", `data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"long"},"finish_reason":null}],"usage":null}` + "\n\n"},
	{"a usage in each event", chatPath, jsonType, `{}`, "", eventStream, "", `data: {"id":"c","model":"m","choices":[{"delta":{"content":"long"}}],"usage":{"prompt_tokens":38,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":5}}}` + "\n\n" + `data: {"choices":[],"usage":{"prompt_tokens":38,"completion_tokens":2}}` + "\n\n"},
	{"comments", chatPath, jsonType, `{}`, "", eventStream, "", ": keep-alive\n\n"},
	{"one comment", chatPath, jsonType, `{}`, "", eventStream, ": ", "keep-alive"},
	{"a usage", chatPath, jsonType, `{}`, "", jsonType, `{"usage":{"a":"`, "long"},
	{"an HTML page", chatPath, jsonType, `{}`, "", "text/html", `<html>`, "long "},
	{"deltas of a response", responsesPath, jsonType, `{}`, "", eventStream, "", "event: response.output_text.delta\ndata: " + `{"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"long","logprobs":[]}` + "\n\n"},
	{"a file", transcriptionPath, formType, "--b\r\nContent-Disposition: form-data; name=file; filename=a.wav\r\n\r\nRIFF\x00\x00\x00\x00WAVEdata\x00\x00\x00\x00", "\r\n--audio", jsonType, "", ""},
	{"a transcript", transcriptionPath, formType, "--b--", "", jsonType, `{"text":"`, "long ü "},
	{"a transcript as a text", transcriptionPath, formType, "--b--", "", "text/plain", "", "long ü\n"},
	{"a line of subtitles", transcriptionPath, formType, "--b--", "", "text/vtt", "WEBVTT\n", "long ü"},
	{"the text to speak", speechPath, jsonType, `{"input":"`, "long \\u00fc ", jsonType, "", ""},
	{"audio", speechPath, jsonType, `{}`, "", "audio/mpeg", "", "long audio"},
	{"audio in base64", speechPath, jsonType, `{}`, "", eventStream, `data: {"type":"speech.audio.delta","audio":"`, "bG9uZyBh"},
}

// TestMemory decodes 2 MiB, and counts the bytes that the decoder allocates. It allocates the same for
// 100 MiB, which take 16 s.
func TestMemory(t *testing.T) {
	const size, pieceSize = 2 << 20, 32 << 10
	for _, tt := range bodies {
		request := strings.Repeat(tt.requestPiece, pieceSize/max(len(tt.requestPiece), 1))
		response := strings.Repeat(tt.responsePiece, pieceSize/max(len(tt.responsePiece), 1))
		target := &wire.Target{Method: http.MethodPost, Path: tt.path, Header: http.Header{"Content-Type": {tt.requestType}}, Content: true}
		count := 0
		d := openai.New(target, func(*wire.Event) { count++ })
		in, out := []byte(request), []byte(response)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		d.Sent([]byte(tt.requestStart))
		for n := 0; n < size && len(in) > 0; n += len(in) {
			d.Sent(in)
		}
		d.SentAll()
		d.Answered(http.StatusOK, http.Header{"Content-Type": {tt.responseType}})
		d.Received([]byte(tt.responseStart))
		for n := 0; n < size && len(out) > 0; n += len(out) {
			d.Received(out)
		}
		d.ReceivedAll()
		runtime.ReadMemStats(&after)
		allocated := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s: %d bytes allocated, %d events", tt.name, allocated, count)
		if allocated > 512<<10 {
			t.Errorf("%s: %d bytes allocated, want at most 512 KiB", tt.name, allocated)
		}
	}
}

func TestNoAllocationPerChunk(t *testing.T) {
	for _, tt := range bodies {
		if tt.responsePiece == "" {
			continue
		}
		d := openai.New(&wire.Target{Method: http.MethodPost, Path: tt.path, Header: http.Header{"Content-Type": {tt.requestType}}}, func(*wire.Event) {})
		d.Sent([]byte(tt.requestStart))
		d.SentAll()
		d.Answered(http.StatusOK, http.Header{"Content-Type": {tt.responseType}})
		d.Received([]byte(tt.responseStart))
		piece := []byte(tt.responsePiece)
		d.Received(bytes.Repeat(piece, (130<<10)/len(piece)+1)) // The buffers grow to their limits.
		if n := testing.AllocsPerRun(100, func() { d.Received(piece) }); n > 0 {
			t.Errorf("%s: %v allocations for a chunk, want none", tt.name, n)
		}
	}
}

func FuzzExchange(f *testing.F) {
	paths := []string{chatPath, responsesPath, transcriptionPath, speechPath, "/openai/deployments/d/completions"}
	types := []string{jsonType, eventStream, "", "text/plain", "audio/wav", "text/vtt", "text/html", "audio/pcm;rate=8000", jsonType + "|gzip"}
	for i, tt := range bodies {
		f.Add(byte(i), byte(i), 200, tt.requestStart+tt.requestPiece, tt.responseStart+tt.responsePiece, byte(i))
	}
	f.Add(byte(1), byte(1), 200, `{"model":"m"}`, `data: {"type":"error","code":"x","message":"y"}`+"\n\n", byte(1))
	f.Add(byte(2), byte(1), 200, "--b--", "event: transcript.text.done\ndata: {\"text\":\"a\"}\n\ndata: [DONE]\n\n", byte(2))
	f.Fuzz(func(t *testing.T, path, contentType byte, status int, request, response string, size byte) {
		x := exchange(paths[int(path)%len(paths)], formType, request, status, types[int(contentType)%len(types)], response)
		want := x.Events(t, openai.New, 1<<20)
		if got := x.Events(t, openai.New, int(size)+1); got != want {
			t.Errorf("in pieces of %d bytes:\n%s\nas a whole:\n%s", int(size)+1, got, want)
		}
		if most := 10*(len(request)+len(response)) + 4096; len(want) > most && !bytes.Contains([]byte(response), []byte("delta")) {
			t.Errorf("%d bytes of events", len(want))
		}
	})
}

func BenchmarkChatStream(b *testing.B) {
	chunk := fmt.Appendf(nil, `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1764358000,"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":" two"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"x"}%s`, "\n\n")
	d := openai.New(&wire.Target{Method: http.MethodPost, Path: chatPath}, func(*wire.Event) {})
	d.SentAll()
	d.Answered(http.StatusOK, http.Header{"Content-Type": {eventStream}})
	b.SetBytes(int64(len(chunk)))
	b.ReportAllocs()
	for b.Loop() {
		d.Received(chunk)
	}
}

func ExampleNew() {
	target := &wire.Target{Method: http.MethodPost, Host: "api.openai.com", Path: "/v1/audio/speech", Provider: "openai"}
	d := openai.New(target, func(e *wire.Event) { fmt.Println(wiretest.Format(e)) })
	d.Sent([]byte(`{"model":"tts-1","voice":"alloy","input":"Hello","response_format":"pcm"}`))
	d.SentAll()
	d.Answered(http.StatusOK, http.Header{"Content-Type": {"audio/pcm"}})
	d.Received(make([]byte, 480))
	d.ReceivedAll()
	// Output:
	// Requested stage="tts" provider="openai" model="tts-1" voice="alloy" codec=pcm_s16le sample_rate=24000 channels=1 characters=5
	// AudioFormat codec=pcm_s16le sample_rate=24000 channels=1
	// Audio
}
