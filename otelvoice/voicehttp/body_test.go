// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

func TestBodies(t *testing.T) {
	for _, tt := range []struct {
		name              string
		max               int
		contentType, body string
		want              any
	}{
		{"not asked for", 0, "application/json", `{"a":1}`, nil},
		{"JSON", 100, "application/json; charset=utf-8", `{"a":1}`, `{"a":1}`},
		{"bounded", 4, "text/plain", "abcdefgh", "abcd…(+4 bytes)"},
		{"cut between runes", 4, "text/plain", "abc…d", "abc…(+4 bytes)"},
		{"no more than the bound of all", 1 << 30, "text/plain", strings.Repeat("x", 70<<10), strings.Repeat("x", 32<<10) + "…(+38912 bytes)"},
		{"audio", 100, "audio/wav", "RIFF", nil},
		{"bytes", 100, "application/octet-stream", "abc", nil},
		{"no type", 100, "", "abc", nil},
		{"bad type", 100, "text", "abc", nil},
		{"invalid UTF-8", 100, "text/plain", "a\xffb", "a\uFFFDb"},
		{"empty", 100, "text/plain", "", nil},
		{"negative bound", -1, "text/plain", "abc", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			server := httptest.NewServer(voicehttp.Middleware(tel.Telemetry, voicehttp.WithLoggedBodies(tt.max))(
				http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
					body, _ := io.ReadAll(r.Body)
					_, _ = w.Write(body)
				})))
			defer server.Close()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", tt.contentType)
			resp, err := server.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if echo, err := io.ReadAll(resp.Body); err != nil || string(echo) != tt.body {
				t.Errorf("the answer is %.40q, %v", echo, err)
			}
			server.Close() // Waits until the handler has logged its line.
			lines, err := rec.Lines()
			if err != nil || len(lines) != 2 {
				t.Fatalf("%d lines, %v", len(lines), err)
			}
			extra, _ := lines[1]["extra_data"].(map[string]any)
			for _, key := range []string{"voice.http.request.body", "voice.http.response.body"} {
				if extra[key] != tt.want {
					t.Errorf("%s\ngot  %.80v\nwant %.80v", key, fmt.Sprint(extra[key]), fmt.Sprint(tt.want))
				}
			}
		})
	}
}
