// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package view_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/api"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/testing/viewer"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/view"
)

// The recording of a call is played from a directory or from a server.
func TestRecordings(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "1.wav"), []byte("RIFF-sound"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	t.Cleanup(server.Close)
	for name, place := range map[string]string{"a directory": dir, "a URL of a directory": "file://" + dir, "a server": server.URL} {
		t.Run(name, func(t *testing.T) {
			cfg := anywhere()
			cfg.Recordings = place
			a := start(t, cfg)
			sdk := agent(t, "http://"+a.OTLPHTTP, "http/protobuf")
			ids := map[string]string{}
			for _, uri := range []string{"s3://bucket/calls/1.wav", "s3://bucket/calls/none.wav", ""} {
				_, session := sdk.StartSession(t.Context())
				session.SetRecording(uri, time.Now(), 2)
				session.End()
				ids[uri] = session.ID()
			}
			if err := sdk.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			viewer.Eventually(t, a.Pages, "the calls are stored", func() bool {
				var health api.Health
				get(t, a.Pages, "/api/health", &health)
				return health.Stored.Spans == 3
			})
			var shown api.Shown
			get(t, a.Pages, "/api/calls/"+ids["s3://bucket/calls/1.wav"], &shown)
			if !shown.HasRecording {
				t.Error("the call has no recording")
			}
			for uri, want := range map[string]int{"s3://bucket/calls/1.wav": 206, "s3://bucket/calls/none.wav": 404, "": 404} {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+a.Pages+"/api/calls/"+ids[uri]+"/recording", http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Range", "bytes=5-9")
				client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
				res, err := client.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				body, _ := io.ReadAll(res.Body)
				_ = res.Body.Close()
				if res.StatusCode != want || want == 206 && string(body) != "sound" {
					t.Errorf("%q: status %d, %q", uri, res.StatusCode, body)
				}
			}
		})
	}
	for place, want := range map[string]string{"s3://bucket": "file, http or https", dir + "/none": "no such file"} {
		cfg := anywhere()
		cfg.Recordings = place
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := view.Run(ctx, cfg, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", place, err, want)
		}
	}
}
