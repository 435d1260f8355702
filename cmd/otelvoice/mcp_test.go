// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
)

// The first question is answered with all calls of a file: it waits until the file is read.
func TestFirstQuestionAboutFiles(t *testing.T) {
	const lines = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
not a message
{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"list_calls","arguments":{}}}
{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"explain_call","arguments":{"id":"call-3"}}}
`
	for range 3 {
		var stdout, stderr strings.Builder
		if code := run([]string{"mcp", "../../docs/testdata/calls.jsonl"}, strings.NewReader(lines), &stdout, &stderr); code != exitOK {
			t.Errorf("got %d, %s", code, stderr.String())
		}
		for _, want := range []string{`\"total\":3`, `"id":3,"result":{"content":[{"type":"text","text":"call-3`, `"code":-32700`} {
			if !strings.Contains(stdout.String(), want) {
				t.Errorf("%s is not in\n%s", want, stdout.String())
			}
		}
	}
}
