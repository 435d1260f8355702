// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package dropin_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/sdks/vendorserver"
	"github.com/voice-agents/telemetry/semconv"
)

const chatPath = "/v1/chat/completions"

// ask returns a request for a streamed chat completion.
func ask(ctx context.Context, t *testing.T, url string, body io.Reader) *http.Request {
	t.Helper()
	if body == nil {
		body = strings.NewReader(`{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Hi"}]}`)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+chatPath, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	return req
}

func do(t *testing.T, client *http.Client, req *http.Request) *http.Response {
	t.Helper()
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// A protocol is a version of HTTP.
type protocol struct{ name, proto string }

func protocols() []protocol { return []protocol{{"HTTP1", "HTTP/1.1"}, {"HTTP2", "HTTP/2.0"}} }

// start starts a call and a server that gets the requests by the protocol.
func (p protocol) start(t *testing.T, handler http.HandlerFunc) (c *call, url string) {
	t.Helper()
	c = startCall(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Proto != p.proto {
			t.Errorf("the request came by %s, want %s", r.Proto, p.proto)
		}
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	if p.name == "HTTP1" {
		server.Start()
		return c, server.URL
	}
	server.EnableHTTP2 = true
	server.StartTLS()
	base, ok := server.Client().Transport.(*http.Transport)
	if !ok {
		t.Fatalf("the server's client has a %T", server.Client().Transport)
	}
	c.base.TLSClientConfig, c.base.ForceAttemptHTTP2 = base.TLSClientConfig, true
	return c, server.URL
}

// A piece of a stream reaches the program before the server writes the next one, wherever events are
// split.
func TestBytesArriveAsTheyCame(t *testing.T) {
	var stream bytes.Buffer
	for _, chunk := range vendorserver.OpenAIChat().Stream(vendorserver.Reply{Model: "m", Text: []string{"Grüezi", " 🎉", "!"}}).Stream {
		stream.WriteString(chunk.Data)
	}
	next := make(chan struct{})
	pieces := split(stream.Bytes(), 37)
	handler := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		for _, piece := range pieces {
			_, _ = w.Write(piece)
			w.(http.Flusher).Flush()
			<-next
		}
	}
	for _, p := range protocols() {
		t.Run(p.name, func(t *testing.T) {
			c, url := p.start(t, handler)
			res := do(t, c.client, ask(c.ctx, t, url, nil))
			for i, piece := range pieces {
				got := make([]byte, len(piece))
				if _, err := io.ReadFull(res.Body, got); err != nil || !bytes.Equal(got, piece) {
					t.Fatalf("piece %d is %q, %v, want %q", i, got, err, piece)
				}
				next <- struct{}{}
			}
			if n, err := io.Copy(io.Discard, res.Body); n != 0 || err != nil {
				t.Errorf("%d bytes more, %v", n, err)
			}
			_ = res.Body.Close()
			has(t, c.one(t), semconv.GenAIResponseFinishReasons("stop"))
		})
	}
}

// split returns data in pieces of a size.
func split(data []byte, size int) (pieces [][]byte) {
	for len(data) > 0 {
		n := min(size, len(data))
		pieces, data = append(pieces, data[:n]), data[n:]
	}
	return pieces
}

// A server that writes to a program that does not read is blocked: the transport reads nothing ahead.
func TestBackpressure(t *testing.T) {
	const size = 256 << 20 // Much more than the buffers of a connection.
	written := make(chan int64)
	stalled := func(t *testing.T, client *http.Client, ctx context.Context, url string) int64 {
		t.Helper()
		res := do(t, client, ask(ctx, t, url, nil))
		if _, err := io.ReadFull(res.Body, make([]byte, 1<<10)); err != nil {
			t.Fatal(err)
		}
		n := <-written
		_ = res.Body.Close()
		return n
	}
	handler := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		// A server that is not blocked writes everything before the deadline or goes on writing.
		var n int64
		for control := http.NewResponseController(w); n < size; {
			_ = control.SetWriteDeadline(time.Now().Add(time.Second))
			m, err := w.Write([]byte(eventText))
			n += int64(m)
			if err != nil {
				break
			}
		}
		written <- n
	}
	for _, p := range protocols() {
		t.Run(p.name, func(t *testing.T) {
			c, url := p.start(t, handler)
			bare := stalled(t, &http.Client{Transport: c.base}, c.ctx, url)
			c.base.CloseIdleConnections()
			tapped := stalled(t, c.client, c.ctx, url)
			t.Logf("the server wrote %d bytes without the transport, %d with it", bare, tapped)
			// The system enlarges its buffers as it likes.
			if tapped >= size || tapped > 2*bare+(4<<20) {
				t.Errorf("the server wrote %d bytes to a program that does not read, %d without the transport", tapped, bare)
			}
			c.one(t)
		})
	}
}

const eventText = "data: {\"id\":\"chatcmpl-1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"and so on\"}}]}\n\n"

func TestTrailers(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Trailer", "X-Sum")
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: [DONE]\n\n")
		w.Header().Set("X-Sum", r.Trailer.Get("X-Asked"))
		w.Header().Set(http.TrailerPrefix+"X-Late", "late")
	}
	for _, p := range protocols() {
		t.Run(p.name, func(t *testing.T) {
			c, url := p.start(t, handler)
			req := ask(c.ctx, t, url, io.MultiReader(strings.NewReader(`{"model":"m","stream":true}`))) // Of unknown length.
			req.Trailer = http.Header{"X-Asked": {"17"}}
			res := do(t, c.client, req)
			if _, err := io.Copy(io.Discard, res.Body); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(res.Trailer.Get("X-Sum"), res.Trailer.Get("X-Late")); got != "17late" {
				t.Errorf("the trailers are %q", got)
			}
			c.one(t)
		})
	}
}

// A handler behind the middleware flushes to its client, while it reads from a provider.
func TestFlusherBehindMiddleware(t *testing.T) {
	answer := vendorserver.OpenAIChat().Stream(vendorserver.Reply{Model: "m", Text: []string{"We", " open", " at", " eight."}})
	answer.IsPaced = true
	provider := vendorserver.New(answer)
	t.Cleanup(provider.Close)
	tel, rec := voicetest.Setup(t)
	client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, new(http.Transport))}
	t.Cleanup(client.CloseIdleConnections)
	gateway := httptest.NewServer(voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		res, err := client.Do(ask(r.Context(), t, provider.URL, nil))
		if err != nil {
			t.Error(err)
			return
		}
		defer res.Body.Close()
		for lines := bufio.NewReader(res.Body); ; {
			line, err := lines.ReadString('\n')
			_, _ = io.WriteString(w, line)
			w.(http.Flusher).Flush()
			if err != nil {
				return
			}
		}
	})))
	t.Cleanup(gateway.Close)
	res := do(t, gateway.Client(), ask(t.Context(), t, gateway.URL, nil))
	texts := 0
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if strings.Contains(lines.Text(), `"delta":{"content":"`) {
			texts++
			provider.Next()
		}
	}
	if texts != 4 {
		t.Errorf("%d texts, want 4", texts)
	}
	if n := len(rec.Named("chat gpt-4o-mini")); n != 1 {
		t.Errorf("%d GenAI spans, want 1:\n%s", n, rec.Shape())
	}
}

// A server that refuses the headers gets no body; one that accepts them gets it after 100 Continue.
func TestExpectContinue(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // Sends 100 Continue.
		w.Header().Set("X-Size", fmt.Sprint(len(body)))
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"chatcmpl-1","model":"m","choices":[]}`)
	}
	for _, p := range protocols() {
		t.Run(p.name, func(t *testing.T) {
			c, url := p.start(t, handler)
			c.base.ExpectContinueTimeout = 1 << 40 // The body waits for the server.
			continued := 0
			ctx := httptrace.WithClientTrace(c.ctx, &httptrace.ClientTrace{
				Got100Continue: func() { continued++ },
				Got1xxResponse: func(int, textproto.MIMEHeader) error { return nil },
			})
			req := ask(ctx, t, url, strings.NewReader(`{"model":"m"}`))
			req.Header.Set("Expect", "100-continue")
			res := do(t, c.client, req)
			_, _ = io.Copy(io.Discard, res.Body)
			if continued != 1 || res.Header.Get("X-Size") != "13" {
				t.Errorf("%d times 100 Continue, a body of %s bytes", continued, res.Header.Get("X-Size"))
			}
			c.one(t)
		})
	}
}
