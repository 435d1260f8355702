// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package livekitagents_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/internal/testing/freeport"
)

// install installs the agent's packages in the user's cache, once, and returns their directory with the agent in it.
func install(t *testing.T) (string, error) {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "otelvoice-e2e", "livekitagents")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", err
	}
	for _, name := range []string{"package.json", "package-lock.json", "agent.mjs"} {
		text, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return "", err
		}
	}
	lock, err := os.ReadFile("package-lock.json")
	if err != nil {
		return "", err
	}
	installed := filepath.Join(dir, "installed.json") // The lock of the packages that are there.
	if had, err := os.ReadFile(installed); err == nil && bytes.Equal(had, lock) {
		return dir, nil
	}
	cmd := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "ONNXRUNTIME_NODE_INSTALL=skip", "ONNXRUNTIME_NODE_INSTALL_CUDA=skip") // No libraries for graphics cards.
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci: %w: %s", err, out)
	}
	return dir, os.WriteFile(installed, lock, 0o600)
}

// startAgent starts the worker and waits until it is registered with the server.
func startAgent(t *testing.T, dir, server, otlp, provider string) {
	t.Helper()
	health := freeport.TCP(t)
	backend.Start(t, "the worker of LiveKit Agents", "node", []string{filepath.Join(dir, "agent.mjs"), "start"}, []string{
		"LIVEKIT_URL=" + server, "LIVEKIT_API_KEY=" + backend.LiveKitKey, "LIVEKIT_API_SECRET=" + backend.LiveKitSecret, fmt.Sprintf("HEALTH_PORT=%d", health),
		"OPENAI_BASE_URL=" + provider, "OPENAI_API_KEY=any", "OTEL_EXPORTER_OTLP_ENDPOINT=" + otlp,
	}, func() bool { return true })
	eventually(t, "the worker is registered", 2*time.Minute, backend.Answers(t, fmt.Sprintf("http://127.0.0.1:%d/", health)))
}

// newProvider serves speech-to-text, a language model and text-to-speech with OpenAI's wire format, and returns the
// base URL.
func newProvider(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/audio/transcriptions", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"text": "What time do you open for dinner on Sunday?"})
	})
	mux.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i, word := range []string{"We open ", "at six ", "on Sunday, ", "and the kitchen ", "closes at ten."} {
			fmt.Fprintf(w, "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":%q},\"finish_reason\":%s}]}\n\n",
				word, map[bool]string{true: `"stop"`, false: "null"}[i == 4])
			_ = http.NewResponseController(w).Flush()
		}
		fmt.Fprint(w, "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-4o\",\"choices\":[],\"usage\":{\"prompt_tokens\":40,\"completion_tokens\":14,\"total_tokens\":54}}\n\ndata: [DONE]\n\n")
	})
	mux.HandleFunc("POST /v1/audio/speech", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "audio/pcm")
		_, _ = w.Write(tone(2 * 24000))
	})
	provider := httptest.NewServer(mux)
	t.Cleanup(provider.Close)
	return provider.URL + "/v1"
}

// tone returns samples of a tone at 24 kHz, 16 bits, that changes like a voice.
func tone(samples int) (pcm []byte) {
	for i := range samples {
		loud := 6000 * (1 + math.Sin(2*math.Pi*3*float64(i)/24000)) / 2
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(int16(loud*math.Sin(2*math.Pi*180*float64(i)/24000))))
	}
	return pcm
}
