// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package dropin_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// Bodies of any bytes, as those of any encoding, pass unchanged in both directions.
func TestBodiesAreIdentical(t *testing.T) {
	random := func(seed uint64, n int) []byte {
		data := make([]byte, n)
		_, _ = rand.NewChaCha8([32]byte{byte(seed)}).Read(data)
		return data
	}
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(zip, eventText)
	_ = zip.Close()
	for _, tt := range []struct {
		name         string
		encoding     string // Content-Encoding of the response; the request accepts it.
		contentType  string
		sent, answer []byte
		status       int
	}{
		{"random JSON", "", "application/json", random(1, 70_000), random(2, 300_000), 200},
		{"random events", "", "text/event-stream", random(3, 1000), random(4, 300_000), 200},
		{"gzip that the program asked for", "gzip", "text/event-stream", []byte(`{"model":"m"}`), zipped.Bytes(), 200},
		{"broken gzip", "gzip", "text/event-stream", []byte(`{"model":"m"}`), zipped.Bytes()[:zipped.Len()/2], 200},
		{"br", "br", "text/event-stream", []byte(`{"model":"m"}`), random(5, 5000), 200},
		{"an HTML error page", "", "text/html", []byte(`{"model":"m"}`), []byte("<html>502 Bad Gateway</html>"), 502},
		{"nothing", "", "application/json", []byte(`{"model":"m"}`), nil, 200},
		{"empty request", "", "application/json", nil, []byte(`{}`), 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			handler := func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil || !bytes.Equal(body, tt.sent) {
					t.Errorf("the server got %d bytes, want %d, or others: %v", len(body), len(tt.sent), err)
				}
				if tt.encoding != "" {
					w.Header().Set("Content-Encoding", tt.encoding)
				}
				w.Header().Set("Content-Type", tt.contentType)
				w.WriteHeader(tt.status)
				_, _ = w.Write(tt.answer)
			}
			for _, p := range protocols() {
				t.Run(p.name, func(t *testing.T) {
					c, url := p.start(t, handler)
					req := ask(c.ctx, t, url, bytes.NewReader(tt.sent))
					if tt.encoding != "" {
						req.Header.Set("Accept-Encoding", tt.encoding)
					}
					res := do(t, c.client, req)
					body, err := io.ReadAll(res.Body)
					if err != nil || !bytes.Equal(body, tt.answer) {
						t.Errorf("the program got %d bytes, want %d, or others: %v", len(body), len(tt.answer), err)
					}
					if got := res.Header.Get("Content-Encoding"); got != tt.encoding {
						t.Errorf("the encoding is %q, want %q", got, tt.encoding)
					}
					_ = res.Body.Close()
					c.turn.End()
					c.session.End()
					voicetest.Check(t, c.rec)
				})
			}
		})
	}
}

// sum reads a body and returns its size and its hash.
func sum(t *testing.T, r io.Reader) string {
	t.Helper()
	hash := sha256.New()
	n, err := io.Copy(hash, r)
	if err != nil {
		t.Error(err)
	}
	return fmt.Sprintf("%d bytes, %x", n, hash.Sum(nil)[:8])
}
