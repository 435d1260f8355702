// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// A client with a timeout cancels the request when it passes. The stage, the turn and the request's span say that it
// was a timeout, whichever error net/http returned first.
func TestTimeoutOfClient(t *testing.T) {
	const timeout = 30 * time.Millisecond
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	defer silent.Close()
	begun := strings.SplitAfter(chatStream, "\n\n")[1]
	for name, url := range map[string]string{
		"before the headers": silent.URL + "/v1/chat/completions",
		"in the stream":      answer{header: asEvents, body: begun, hangs: true}.serve(t),
	} {
		for by, try := range map[string]func(context.Context, *http.Client) (*http.Response, error){
			"the client's timeout": func(ctx context.Context, client *http.Client) (*http.Response, error) {
				client.Timeout = timeout
				return requestChat(ctx, client, url)
			},
			"a context": func(ctx context.Context, client *http.Client) (*http.Response, error) {
				ctx, cancel := context.WithTimeout(ctx, timeout)
				context.AfterFunc(ctx, cancel)
				return requestChat(ctx, client, url)
			},
		} {
			t.Run(name+", "+by, func(t *testing.T) {
				for range 5 { // Which error is returned is a race.
					tel, rec := voicetest.Setup(t)
					ctx, session := tel.StartSession(t.Context())
					ctx, turn := session.StartTurn(ctx)
					res, err := try(ctx, &http.Client{Transport: voicehttp.Transport(tel.Telemetry, nil)})
					if err == nil {
						_, err = io.ReadAll(res.Body)
						_ = res.Body.Close()
					}
					if err == nil {
						t.Fatal("no timeout")
					}
					turn.End()
					session.End()
					for _, span := range []string{"chat gpt-4o-mini", "POST", semconv.SpanVoiceTurn} {
						if spans := rec.Named(span); len(spans) != 1 || value(spans[0], semconv.ErrorTypeKey) != "timeout" {
							t.Errorf("%s is no timeout\n%s", span, rec.Timeline())
						}
					}
				}
			})
		}
	}
}

func requestChat(ctx context.Context, client *http.Client, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(chatQuestion))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	return client.Do(req)
}
