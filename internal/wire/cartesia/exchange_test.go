// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package cartesia_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/cartesia"
)

func TestNewReadsOnlySpeech(t *testing.T) {
	for _, c := range []struct {
		method, path string
		want         bool
	}{
		{http.MethodPost, "/tts/bytes", true},
		{http.MethodPost, "/tts/sse", true},
		{http.MethodPost, "/stt", true},
		{http.MethodGet, "/tts/websocket", false},
		{http.MethodGet, "/stt", false},
		{http.MethodPost, "/voices/clone", false},
		{http.MethodPost, "/access-token", false},
	} {
		if got := cartesia.New(&wire.Target{Method: c.method, Path: c.path}, nil) != nil; got != c.want {
			t.Errorf("%s %s: a decoder: %v", c.method, c.path, got)
		}
	}
}

func recorded(t *testing.T, name string) *wiretest.Exchange {
	t.Helper()
	return wiretest.Read(t, filepath.Join(filepath.FromSlash("../../../testdata/wire/cartesia"), name))
}

// TestResponsesTakeNoMemory holds that a response of 64 MB costs the memory of a small one.
func TestResponsesTakeNoMemory(t *testing.T) {
	for _, c := range []struct{ name, prefix, middle, suffix string }{
		{"bytes-pcm", ``, `0123456789abcdef`, ``},
		{"sse", `data: {"type":"chunk","data":"`, `AAAAAAAAAAAAAAAA`, "\",\"done\":false}\n\n"},
		{"sse", ``, `event: chunk
data: {"type":"chunk","data":"AAAA","done":false,"status_code":206,"step_time":1,"context_id":"50dc3b5e"}

`, ``},
		{"stt", `{"text":"`, `the table is set `, `"}`},
	} {
		x := recorded(t, c.name)
		if n := wiretest.Allocated(t, x, cartesia.New, c.prefix, c.middle, (64<<20)/len(c.middle), c.suffix); n > 160<<10 {
			t.Errorf("%s: %d bytes were allocated", c.name, n)
		}
	}
}

// TestSentAllocatesNothing holds that a request of any size costs the memory of a small one.
func TestSentAllocatesNothing(t *testing.T) {
	for name, prefix := range map[string]string{
		"stt":       "------b19\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n\r\n",
		"bytes-pcm": `{"transcript":"`,
	} {
		d := cartesia.New(recorded(t, name).Target(), func(*wire.Event) {})
		d.Sent([]byte(prefix))
		piece := []byte(strings.Repeat("0123456789abcdef", 2<<10))
		if n := testing.AllocsPerRun(500, func() { d.Sent(piece) }); n != 0 {
			t.Errorf("%s: %v allocations for each piece", name, n)
		}
	}
}

// TestNoContent holds that neither texts nor transcripts are reported without content.
func TestNoContent(t *testing.T) {
	for _, name := range []string{"stt", "bytes-mulaw"} {
		x := recorded(t, name)
		target := x.Target()
		target.Content = false
		var finals, characters int
		d := cartesia.New(target, func(e *wire.Event) {
			if e.Text != nil || e.Request != nil && e.Request.Text != "" {
				t.Errorf("%s: %s", name, wiretest.Format(e))
			}
			if e.Kind == wire.Final {
				finals++
			}
			if e.Request != nil {
				characters += e.Request.Characters
			}
		})
		d.Sent(x.RequestBody)
		d.SentAll()
		d.Answered(x.Response.StatusCode, x.Response.Header)
		d.Received(x.ResponseBody)
		d.ReceivedAll()
		if finals == 0 && characters == 0 {
			t.Errorf("%s: neither a transcript nor characters were reported", name)
		}
	}
}

func FuzzExchange(f *testing.F) { wiretest.Fuzz(f, "cartesia", cartesia.New) }
