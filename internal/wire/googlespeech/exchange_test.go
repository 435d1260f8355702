// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package googlespeech_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/googlespeech"
)

func TestNewReadsOnlyCallsToModels(t *testing.T) {
	for _, c := range []struct {
		method, path string
		want         bool
	}{
		{http.MethodPost, "/v1/speech:recognize", true},
		{http.MethodPost, "/v1p1beta1/speech:recognize", true},
		{http.MethodPost, "/v2/projects/p/locations/global/recognizers/_:recognize", true},
		{http.MethodPost, "/v1/text:synthesize", true},
		{http.MethodGet, "/v1/text:synthesize", false},
		{http.MethodPost, "/v1/speech:longrunningrecognize", false},
		{http.MethodPost, "/v2/projects/p/locations/global/recognizers/_:batchRecognize", false},
		{http.MethodGet, "/v1/voices", false},
	} {
		if got := googlespeech.New(&wire.Target{Method: c.method, Path: c.path}, nil) != nil; got != c.want {
			t.Errorf("%s %s: a decoder: %v", c.method, c.path, got)
		}
	}
}

// TestAudioAllocatesNothing holds that 64 MB of audio in base64 cost no memory but the buffer of
// the decoder.
func TestAudioAllocatesNothing(t *testing.T) {
	x := wiretest.Read(t, filepath.FromSlash("../../../testdata/wire/google-speech/synthesize"))
	if n := wiretest.Allocated(t, x, googlespeech.New, `{"audioContent":"`, "AAECAwQFBgcICQoL", 4<<20, `"}`); n > 16<<10 {
		t.Errorf("%d bytes were allocated", n)
	}
}

// TestChannelsHaveOffsetsOfTheirOwn holds that a result begins where the one before it ended on the
// same channel, and that a recognition without content has no transcript.
func TestChannelsHaveOffsetsOfTheirOwn(t *testing.T) {
	x := wiretest.Read(t, filepath.FromSlash("../../../testdata/wire/google-speech/recognize-v1"))
	x.ResponseBody = []byte(`{"results":[
		{"alternatives":[{"transcript":"a"}],"channelTag":1,"resultEndTime":"1s"},
		{"alternatives":[{"transcript":"b"}],"channelTag":2,"resultEndTime":"2s"},
		{"alternatives":[{"transcript":"c"}],"channelTag":1,"resultEndTime":"3s"},
		{"alternatives":[{"transcript":"d","confidence":0}],"channelTag":99,"resultEndTime":"-4s"}]}`)
	var got []string
	d := googlespeech.New(&wire.Target{Method: http.MethodPost, Path: "/v1/speech:recognize"}, func(e *wire.Event) {
		if e.Kind == wire.Final {
			got = append(got, wiretest.Format(e))
		}
	})
	d.SentAll()
	d.Answered(http.StatusOK, x.Response.Header)
	d.Received(x.ResponseBody)
	d.ReceivedAll()
	want := "Final start=0s end=1s|Final start=0s end=2s|Final start=1s end=3s|Final"
	if text := strings.Join(got, "|"); text != want {
		t.Errorf("got %s, want %s", text, want)
	}
}

func FuzzExchange(f *testing.F) { wiretest.Fuzz(f, "google-speech", googlespeech.New) }
