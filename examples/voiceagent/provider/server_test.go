// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
)

const hello = `{"model":"gpt-4o","messages":[{"role":"user","content":"Hello"}]}`

func TestRequestsWithoutKeyAreRefused(t *testing.T) {
	s := serve(t, Options{})
	for name, value := range map[string]string{"none": " ", "basic": "Basic Zm9v", "empty bearer": "Bearer "} {
		t.Run(name, func(t *testing.T) {
			r := newRequest(t, http.MethodPost, s.BaseURL()+"/chat/completions", hello)
			r.Header.Set("Authorization", value)
			wantFailure(t, do(t, r), http.StatusUnauthorized, "invalid_api_key")
		})
	}
}

func TestUnknownURLs(t *testing.T) {
	s := serve(t, Options{})
	wantFailure(t, postJSON(t, s, "/embeddings", "{}"), http.StatusNotFound, "unknown_url")
	got := do(t, newRequest(t, http.MethodGet, s.BaseURL()+"/chat/completions", ""))
	wantFailure(t, got, http.StatusMethodNotAllowed, "method_not_supported")
}

func TestRequestsAreRecorded(t *testing.T) {
	s := serve(t, Options{})
	r := newRequest(t, http.MethodPost, s.BaseURL()+"/chat/completions", hello)
	r.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	id := do(t, r).header.Get(headerRequestID)

	seen := s.Requests()
	if len(seen) != 1 {
		t.Fatalf("got %d requests, want 1", len(seen))
	}
	got := seen[0]
	if got.ID != id || got.Method != http.MethodPost || got.Path != PathChat {
		t.Errorf("got  %s %s %s\nwant %s POST %s", got.ID, got.Method, got.Path, id, PathChat)
	}
	if got.Header.Get("Traceparent") == "" || got.Header.Get("Baggage") != "" {
		t.Errorf("header: got %v, want a traceparent and no baggage", got.Header)
	}
	if got.Header.Get("Authorization") != "" {
		t.Error("the key was stored")
	}
}

func TestFaultsFailTheirRequestsOnly(t *testing.T) {
	tests := []struct {
		name  string
		fault Fault
		say   string // the third of four requests; the others say Hello
		want  [4]int
		code  string
	}{
		{"the first", Fault{}, "Hello", [4]int{503, 200, 200, 200}, "service_unavailable"},
		{"the second", Fault{Path: PathChat, Nth: 2, Status: 500}, "Hello", [4]int{200, 500, 200, 200}, ""},
		{"twice", Fault{Times: 2, Status: 429}, "Hello", [4]int{429, 429, 200, 200}, "rate_limit_exceeded"},
		{"by text", Fault{Text: "PARKING"}, "Is there parking?", [4]int{200, 200, 503, 200}, "service_unavailable"},
		{"another path", Fault{Path: PathSpeech}, "Hello", [4]int{200, 200, 200, 200}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, Options{Faults: []Fault{tt.fault}})
			for i, want := range tt.want {
				body := hello
				if i == 2 {
					body = strings.Replace(hello, "Hello", tt.say, 1)
				}
				got := postJSON(t, s, "/chat/completions", body)
				if want != http.StatusOK {
					wantFailure(t, got, want, tt.code)
				} else if got.status != want {
					t.Errorf("request %d: got %d, want %d", i+1, got.status, want)
				}
			}
		})
	}
}

// The server must not wait for a client that has disconnected: with these delays, Close and the test
// would take hours.
func TestInterruptedRequestsStop(t *testing.T) {
	s := serve(t, Options{Speed: 1e-5})
	ctx, interrupt := context.WithCancel(t.Context())
	r := newRequest(t, http.MethodPost, s.BaseURL()+"/chat/completions", hello).WithContext(ctx)
	r.Header.Set("Authorization", "Bearer sk-test")

	done := make(chan error, 1)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	go func() {
		resp, err := client.Do(r)
		if err == nil {
			_ = resp.Body.Close()
		}
		done <- err
	}()
	for len(s.Requests()) == 0 {
		runtime.Gosched()
	}
	interrupt()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	s.conns.Wait()
}

// The vendor is closed in the middle of an answer.
func TestCloseEndsAnswersInFlight(t *testing.T) {
	// In real time the first audio arrives within 250 ms and the last after a quarter of a minute, so
	// the middle is easy to hit.
	s := serve(t, Options{Speed: 1})
	r := newRequest(t, http.MethodPost, s.BaseURL()+"/audio/speech", speechBody(strings.Repeat("la ", 1300), "pcm"))
	r.Header.Set("Authorization", "Bearer sk-test")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.ReadFull(resp.Body, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if _, err := io.Copy(io.Discard, resp.Body); err == nil {
		t.Error("the body ended without an error")
	}
}

func TestServerEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Serve(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-s.served
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestServerConcurrentSafe(t *testing.T) {
	s := serve(t, Options{})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.BaseURL()+"/chat/completions", strings.NewReader(hello))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Authorization", "Bearer sk-test")
			resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			_ = resp.Body.Close()
			s.Requests()
		})
	}
	group.Wait()
	ids := make(map[string]bool)
	for _, r := range s.Requests() {
		ids[r.ID] = true
	}
	if len(ids) != 8 {
		t.Errorf("got %d distinct request ids, want 8", len(ids))
	}
}
