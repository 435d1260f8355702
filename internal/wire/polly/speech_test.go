// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package polly_test

import (
	"net/http"
	"path/filepath"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/polly"
)

func TestNewReadsOnlySpeech(t *testing.T) {
	for _, c := range []struct {
		method, path string
		want         bool
	}{
		{http.MethodPost, "/v1/speech", true},
		{http.MethodGet, "/v1/speech", false},
		{http.MethodPost, "/v1/synthesisTasks", false},
		{http.MethodGet, "/v1/voices", false},
	} {
		if got := polly.New(&wire.Target{Method: c.method, Path: c.path}, nil) != nil; got != c.want {
			t.Errorf("%s %s: a decoder: %v", c.method, c.path, got)
		}
	}
}

// TestAudioAllocatesNothing holds that 64 MB of audio cost no memory.
func TestAudioAllocatesNothing(t *testing.T) {
	x := wiretest.Read(t, filepath.FromSlash("../../../testdata/wire/polly/speech-pcm"))
	if n := wiretest.Allocated(t, x, polly.New, "", "0123456789abcdef", 4<<20, ""); n > 16<<10 {
		t.Errorf("%d bytes were allocated", n)
	}
}

func FuzzSpeech(f *testing.F) { wiretest.Fuzz(f, "polly", polly.New) }
