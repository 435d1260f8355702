// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package elevenlabs_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/elevenlabs"
)

func TestNewReadsOnlySpeech(t *testing.T) {
	for _, c := range []struct {
		method, path string
		want         bool
	}{
		{http.MethodPost, "/v1/text-to-speech/JBFq", true},
		{http.MethodPost, "/v1/text-to-speech/JBFq/stream", true},
		{http.MethodPost, "/v1/text-to-speech/JBFq/with-timestamps", true},
		{http.MethodPost, "/v1/text-to-speech/JBFq/stream/with-timestamps", true},
		{http.MethodPost, "/v1/text-to-dialogue", true},
		{http.MethodPost, "/v1/text-to-dialogue/stream", true},
		{http.MethodPost, "/v1/speech-to-text", true},
		{http.MethodPost, "/v1/text-to-speech/", false},
		{http.MethodPost, "/v1/text-to-speech/JBFq/other", false},
		{http.MethodGet, "/v1/text-to-speech/JBFq/stream-input", false},
		{http.MethodPost, "/v1/speech-to-speech/JBFq", false},
		{http.MethodPost, "/v1/text-to-dialogues", false},
		{http.MethodGet, "/v1/voices", false},
	} {
		if got := elevenlabs.New(&wire.Target{Method: c.method, Path: c.path}, nil) != nil; got != c.want {
			t.Errorf("%s %s: a decoder: %v", c.method, c.path, got)
		}
	}
}

func recorded(t *testing.T, name string) *wiretest.Exchange {
	t.Helper()
	return wiretest.Read(t, filepath.Join(filepath.FromSlash("../../../testdata/wire/elevenlabs"), name))
}

// TestResponsesTakeNoMemory holds that a response of 64 MB costs the memory of a small one.
func TestResponsesTakeNoMemory(t *testing.T) {
	for _, c := range []struct{ name, prefix, middle, suffix string }{
		{"speech-stream-pcm", ``, `0123456789abcdef`, ``},
		{"speech-stream-timestamps", `{"audio_base64":"`, `AAAAAAAAAAAAAAAA`, `"}`},
		{"speech-stream-timestamps", ``, `{"audio_base64":"AAAA","alignment":{"characters":["a"],"character_start_times_seconds":[0.1]}}`, ``},
		{"transcription", `{"text":"`, `the table is set `, `"}`},
	} {
		x := recorded(t, c.name)
		if n := wiretest.Allocated(t, x, elevenlabs.New, c.prefix, c.middle, (64<<20)/len(c.middle), c.suffix); n > 160<<10 {
			t.Errorf("%s: %d bytes were allocated", c.name, n)
		}
	}
}

// TestSentAllocatesNothing holds that a request of any size costs the memory of a small one.
func TestSentAllocatesNothing(t *testing.T) {
	for name, prefix := range map[string]string{
		"transcription": "------b19\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n\r\n",
		"speech-mp3":    `{"text":"`,
	} {
		d := elevenlabs.New(recorded(t, name).Target(), func(*wire.Event) {})
		d.Sent([]byte(prefix))
		piece := []byte(strings.Repeat("0123456789abcdef", 2<<10))
		if n := testing.AllocsPerRun(500, func() { d.Sent(piece) }); n != 0 {
			t.Errorf("%s: %v allocations for each piece", name, n)
		}
	}
}

// TestNoContent holds that neither texts nor transcripts are reported without content.
func TestNoContent(t *testing.T) {
	for _, name := range []string{"transcription", "speech-stream-ulaw"} {
		x := recorded(t, name)
		target := x.Target()
		target.Content = false
		var finals, characters int
		d := elevenlabs.New(target, func(e *wire.Event) {
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

func FuzzExchange(f *testing.F) { wiretest.Fuzz(f, "elevenlabs", elevenlabs.New) }
