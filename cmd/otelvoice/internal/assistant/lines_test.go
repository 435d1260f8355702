// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assistant_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/assistant"
)

// initialize begins a conversation in a version of the protocol.
func initialize(version string) string {
	return `{"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"` + version + `","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}` +
		"\n" + `{"jsonrpc":"2.0","method":"notifications/initialized"}` + "\n"
}

func ping(id string) string { return `{"jsonrpc":"2.0","id":` + id + `,"method":"ping"}` }

// answered is an output that is written to at once by the reader and the server.
type answered struct {
	mu sync.Mutex
	bytes.Buffer
}

func (a *answered) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.Buffer.Write(p)
}

// talk returns the answers to lines, each as its ID and the code of its error, sorted.
func talk(t *testing.T, lines string) (answers []string) {
	t.Helper()
	var out answered
	if err := assistant.New(&assistant.Viewer{URL: "http://127.0.0.1:1"}, "1").Run(t.Context(), assistant.Lines(io.NopCloser(strings.NewReader(lines)), &out)); err != nil {
		t.Error(err)
	}
	for line := range strings.Lines(out.String()) {
		type answer struct {
			ID    any
			Error struct{ Code int }
		}
		var one answer
		all := []answer{}
		switch {
		case json.Unmarshal([]byte(line), &one) == nil:
			all = append(all, one)
		case json.Unmarshal([]byte(line), &all) != nil:
			t.Errorf("the answer is %q", line)
		}
		for _, a := range all {
			if a.ID != "i" { // Of the beginning.
				answers = append(answers, strings.TrimSuffix(fmt.Sprint(a.ID, " ", a.Error.Code), " 0"))
			}
		}
	}
	slices.Sort(answers)
	return answers
}

// A line that is no message is answered with an error, and ends nothing. The requests before the end are answered.
func TestLinesOfStrangers(t *testing.T) {
	for _, tt := range []struct {
		name, version, lines string
		want                 []string
	}{
		{"requests before the end", "2025-11-25", ping("1") + "\n" + ping(`"b"`), []string{"1", "b"}},
		{"CRLF and empty lines", "2025-11-25", "\r\n\n" + ping("1") + "\r\n", []string{"1"}},
		{"a broken line", "2025-11-25", "{nope\n" + ping("1"), []string{"1", "<nil> -32700"}},
		{"text", "2025-11-25", "hello\n" + ping("1"), []string{"1", "<nil> -32700"}},
		{"bytes that are no UTF-8", "2025-11-25", "\xff\xfe\x00\n" + ping("1"), []string{"1", "<nil> -32700"}},
		{"two messages on a line", "2025-11-25", ping("2") + ping("3") + "\n" + ping("1"), []string{"1", "<nil> -32700"}},
		{"a message over two lines", "2025-11-25", "{\n}\n" + ping("1"), []string{"1", "<nil> -32700", "<nil> -32700"}},
		{"a number", "2025-11-25", "5\n" + ping("1"), []string{"1", "<nil> -32600"}},
		{"another version of JSON-RPC", "2025-11-25", `{"jsonrpc":"1.0","id":9,"method":"ping"}` + "\n" + ping("1"), []string{"1", "9 -32600"}},
		{"no version and no method", "2025-11-25", `{"id":"x"}` + "\n" + ping("1"), []string{"1", "x -32600"}},
		{"an ID that is an object", "2025-11-25", ping("{}") + "\n" + ping("1"), []string{"1", "<nil> -32600"}},
		{"an answer to nothing", "2025-11-25", `{"jsonrpc":"2.0","id":7,"result":{}}` + "\n" + ping("1"), []string{"1"}},
		{"an unknown method", "2025-11-25", `{"jsonrpc":"2.0","id":7,"method":"x/y"}` + "\n" + ping("1"), []string{"1", "7 -32601"}},
		{"a line of 9 MB", "2025-11-25", `{"jsonrpc":"2.0","id":7,"method":"` + strings.Repeat("x", 9<<20) + `"}` + "\n" + ping("1"), []string{"1", "<nil> -32600"}},
		{"a batch", "2025-03-26", "[" + ping("1") + "," + ping("2") + "]", []string{"1", "2"}},
		{"a batch without messages", "2025-03-26", "[]\n" + ping("1"), []string{"1", "<nil> -32600"}},
		{"a batch of numbers", "2025-03-26", "[1,2]\n" + ping("1"), []string{"1", "<nil> -32600"}},
		{"a batch with an ID twice", "2025-03-26", "[" + ping("2") + "," + ping("2") + "]\n" + ping("1"), []string{"1", "<nil> -32600"}},
		{"a batch in a version without", "2025-06-18", "[" + ping("2") + "]\n" + ping("1"), []string{"1", "<nil> -32600"}},
		{"a batch in an unknown version", "1999-01-01", "[" + ping("2") + "]\n" + ping("1"), []string{"1", "<nil> -32600"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := talk(t, initialize(tt.version)+tt.lines); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A refusal has the ID as it was sent, also one that a float64 does not hold.
func TestIDOfARefusal(t *testing.T) {
	for _, id := range []string{"9007199254740993", "-7", "0", `"\u00e9"`} {
		var out answered
		line := initialize("2025-11-25") + `{"jsonrpc":"1.0","id":` + id + `,"method":"ping"}`
		if err := assistant.New(&assistant.Viewer{URL: "http://127.0.0.1:1"}, "1").Run(t.Context(), assistant.Lines(io.NopCloser(strings.NewReader(line)), &out)); err != nil {
			t.Error(err)
		}
		if !strings.Contains(out.String(), `"id":`+id+`,`) {
			t.Errorf("no answer to %s in %s", id, out.String())
		}
	}
}
