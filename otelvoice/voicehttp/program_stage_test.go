// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// A request looks for an open stage while the program ends its stages.
func TestRequestsWhileStagesEnd(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context())
	defer session.End()
	ctx, turn := session.StartTurn(ctx)
	defer turn.End()
	transport := voicehttp.Transport(tel.Telemetry, roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(`{"text":"Yes."}`)), Request: r}, nil
	}))
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for range 500 {
				_, stt := turn.StartSTT(ctx, otelvoice.Model{Provider: "openai", Name: "whisper-1"})
				stt.Final()
				stt.End(nil)
			}
		})
		work.Go(func() {
			for range 500 {
				transcribe(ctx, t, transport)
			}
		})
	}
	work.Wait()
}

func transcribe(ctx context.Context, t *testing.T, transport http.RoundTripper) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.openai.com/v1/audio/transcriptions", strings.NewReader("--b--"))
	if err != nil {
		t.Error(err)
		return
	}
	r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	res, err := transport.RoundTrip(r)
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
}
