// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package azurespeech_test

import (
	"bytes"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/azurespeech"
)

func TestNewReadsOnlyCallsToModels(t *testing.T) {
	for _, c := range []struct {
		method, path string
		want         bool
	}{
		{http.MethodPost, "/cognitiveservices/v1", true},
		{http.MethodPost, "/tts/cognitiveservices/v1", true},
		{http.MethodPost, "/speech/recognition/dictation/cognitiveservices/v1", true},
		{http.MethodPost, "/stt/speech/recognition/conversation/cognitiveservices/v1", true},
		{http.MethodPost, "/speechtotext/transcriptions:transcribe", true},
		{http.MethodGet, "/cognitiveservices/v1", false},
		{http.MethodGet, "/cognitiveservices/voices/list", false},
		{http.MethodPost, "/speechtotext/transcriptions:submit", false},
		{http.MethodPost, "/sts/v1.0/issueToken", false},
	} {
		if got := azurespeech.New(&wire.Target{Method: c.method, Path: c.path}, nil) != nil; got != c.want {
			t.Errorf("%s %s: a decoder: %v", c.method, c.path, got)
		}
	}
}

// exchange reads a recorded exchange.
func exchange(t *testing.T, name string) *wiretest.Exchange {
	t.Helper()
	return wiretest.Read(t, filepath.Join(filepath.FromSlash("../../../testdata/wire/azure-speech"), name))
}

// TestAudioAllocatesNothing holds that 64 MB of audio cost no memory.
func TestAudioAllocatesNothing(t *testing.T) {
	if n := wiretest.Allocated(t, exchange(t, "tts-mp3"), azurespeech.New, "", "0123456789abcdef", 4<<20, ""); n > 16<<10 {
		t.Errorf("%d bytes were allocated", n)
	}
}

// TestSentAudioAllocatesNothing holds that 64 MB of audio that are sent cost no memory.
func TestSentAudioAllocatesNothing(t *testing.T) {
	x := exchange(t, "stt-detailed")
	d := azurespeech.New(x.Target(), func(*wire.Event) {})
	d.Sent(x.RequestBody)
	piece := bytes.Repeat([]byte("0123456789abcdef"), 2<<10)
	if n := testing.AllocsPerRun(2000, func() { d.Sent(piece) }); n != 0 {
		t.Errorf("%v allocations for each piece", n)
	}
}

// TestTimesAsText holds that times in quotes, as the reference shows them, are read.
func TestTimesAsText(t *testing.T) {
	x := exchange(t, "stt")
	x.ResponseBody = []byte(`{"RecognitionStatus":"Success","DisplayText":"Yes.","Offset":"1300000","Duration":"5000000"}`)
	if got := x.Events(t, azurespeech.New, 1000); !strings.Contains(got, `Final text="Yes." start=130ms end=630ms`) {
		t.Error(got)
	}
}

// TestRecognitionFails holds that the status "Error" is an error, with a status of 200.
func TestRecognitionFails(t *testing.T) {
	x := exchange(t, "stt")
	x.ResponseBody = []byte(`{"RecognitionStatus":"Error","Offset":0,"Duration":0}`)
	if got := x.Events(t, azurespeech.New, 1000); !strings.Contains(got, `Failed name="Error"`) || strings.Contains(got, "Final") {
		t.Error(got)
	}
}

// TestWithoutContent holds that transcripts and texts are not reported without content.
func TestWithoutContent(t *testing.T) {
	for _, name := range []string{"stt", "stt-detailed", "fast-transcription", "tts"} {
		x := exchange(t, name)
		without := func(target *wire.Target, report wire.Report) wire.Exchange {
			target.Content = false
			return azurespeech.New(target, report)
		}
		if got := x.Events(t, without, 1000); strings.Contains(got, "text=") || strings.Contains(got, "table") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestPageOfAProxy holds that a page is neither audio nor, if it is compressed, a message.
func TestPageOfAProxy(t *testing.T) {
	x := exchange(t, "tts")
	x.Response.Header.Set("Content-Type", "text/html; charset=utf-8")
	x.ResponseBody = []byte("<html>Sign in</html>")
	if got := x.Events(t, azurespeech.New, 1000); strings.Contains(got, "Audio") || !strings.Contains(got, `NotUnderstood name="content"`) {
		t.Error(got)
	}
	x = exchange(t, "tts-throttled")
	x.Response.Header.Set("Content-Encoding", "gzip")
	if got := x.Events(t, azurespeech.New, 1000); !strings.Contains(got, "Failed name=\"429\"\nNot") && !strings.HasSuffix(got, "Failed name=\"429\"\n") {
		t.Error(got)
	}
}

func FuzzExchange(f *testing.F) {
	wiretest.Fuzz(f, "azure-speech", func(target *wire.Target, report wire.Report) wire.Exchange {
		target.Header = http.Header{
			"Content-Type": {"multipart/form-data; boundary=----b19"}, "X-Microsoft-Outputformat": {"riff-24khz-16bit-mono-pcm"},
		}
		return azurespeech.New(target, report)
	})
}
