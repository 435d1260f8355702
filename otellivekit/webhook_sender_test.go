// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/webhook"
)

// LiveKit's own sender delivers an event until it is handled, whatever went wrong.
func TestLiveKitDeliversAgainUntilHandled(t *testing.T) {
	webhook.InitWebhookStats(nil) // It counts, and panics without.
	for name, failure := range failures {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t)
			done := make(chan struct{})
			e.does(func(ctx context.Context, event *livekit.WebhookEvent) error {
				if e.calls.Load() == 1 {
					return failure.handle(ctx, event)
				}
				close(done)
				return nil
			})
			sender := webhook.NewResourceURLNotifier(webhook.ResourceURLNotifierParams{
				URL: e.URL, APIKey: "key", APISecret: secret,
				HTTPClientParams: webhook.HTTPClientParams{RetryWaitMin: time.Millisecond, RetryWaitMax: time.Millisecond, MaxRetries: 4},
			})
			defer sender.Stop(false)
			if err := sender.QueueNotify(t.Context(), &livekit.WebhookEvent{Event: webhook.EventRoomFinished, Id: "EV_1", Room: &livekit.Room{Name: "call-4711"}}); err != nil {
				t.Fatal(err)
			}
			<-done
		})
	}
	t.Run("a proxy that gives up on a slow handler, which then fails", func(t *testing.T) {
		e := newEndpoint(t)
		done, again := make(chan struct{}), make(chan struct{})
		e.does(func(context.Context, *livekit.WebhookEvent) error {
			if e.calls.Load() == 1 {
				<-again
				return errDatabase
			}
			close(done)
			return nil
		})
		// The proxy breaks the first delivery off, and sees to it that the first handler
		// fails once the second delivery was answered.
		var deliveries atomic.Int64
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			n := deliveries.Add(1)
			forward, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), http.MethodPost, e.URL, bytes.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			forward.Header = r.Header.Clone()
			if n == 1 {
				go func() {
					if resp, err := e.Client().Do(forward); err == nil {
						resp.Body.Close()
					}
				}()
				for e.calls.Load() == 0 {
					runtime.Gosched()
				}
				w.WriteHeader(http.StatusGatewayTimeout)
				return
			}
			resp, err := e.Client().Do(forward)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			if n == 2 {
				if resp.StatusCode != http.StatusServiceUnavailable {
					t.Errorf("the second delivery is answered with %d, want 503", resp.StatusCode)
				}
				close(again)
			}
			w.Header().Set("Retry-After", resp.Header.Get("Retry-After"))
			w.WriteHeader(resp.StatusCode)
		}))
		defer proxy.Close()
		sender := webhook.NewResourceURLNotifier(webhook.ResourceURLNotifierParams{
			URL: proxy.URL, APIKey: "key", APISecret: secret,
			HTTPClientParams: webhook.HTTPClientParams{RetryWaitMin: time.Millisecond, RetryWaitMax: time.Millisecond, MaxRetries: 4},
		})
		defer sender.Stop(false)
		if err := sender.QueueNotify(t.Context(), &livekit.WebhookEvent{Event: webhook.EventRoomFinished, Id: "EV_1", Room: &livekit.Room{Name: "call-4711"}}); err != nil {
			t.Fatal(err)
		}
		<-done
	})
}
