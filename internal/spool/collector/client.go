// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package collector sends OTLP requests to a collector over HTTP or gRPC and classifies its
// responses.
package collector

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/internal/otlp"
	"github.com/voice-agents/telemetry/internal/otlp/endpoint"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// Endpoint is a collector.
type Endpoint struct {
	// URL is the signal's own, with its path over HTTP. A Unix socket is unix:///run/otel.sock,
	// unix:path for a relative path, or on Linux unix:@name for an abstract one; over HTTP,
	// requests then go to the signal's usual path, such as /v1/traces.
	URL string
	// GRPC sends over gRPC instead of HTTP.
	GRPC bool
	// Headers are sent with each request. They are in no error and in no file.
	Headers map[string]string
	// Timeout bounds one attempt; 0 is 10 s.
	Timeout time.Duration
	// TLS is used with https; nil is the system's.
	TLS *tls.Config
	// Gzip compresses requests, until the endpoint refuses a compressed one and takes it
	// uncompressed.
	Gzip bool
}

// Answer is the result of an attempt.
type Answer struct {
	Err      error         // nil when the collector took the request.
	Verdict  Verdict       // Of an err that is not nil.
	Size     int           // Bytes of the request as it was sent.
	After    time.Duration // The pause that the collector asks for; 0 if none.
	Rejected int           // Items of an accepted request that were rejected.
	Message  string        // Why.
	Unzipped bool          // The collector refused gzip, and answered this to the same request without it.
}

// Verdict is the meaning of a failed attempt for the request.
type Verdict int

// The verdicts.
const (
	Retry    Verdict = iota // The endpoint or the network failed: the same request may be accepted later.
	Suspect                 // The request may have made the endpoint fail.
	Broken                  // The connection broke while the request was sent: it may be too large.
	TooLarge                // The endpoint accepts no request of this size.
	Refused                 // The endpoint rejects this request permanently.
)

// Client sends requests. It may be closed while it sends.
type Client interface {
	Send(ctx context.Context, r segment.Request) Answer
	// packs reports whether requests are compressed before they are queued.
	Compresses() bool
	// host names the endpoint in errors.
	Host() string
	Close()
}

// NewClient returns the client for the endpoint's protocol.
func NewClient(signal segment.Signal, e Endpoint) (Client, error) {
	address, err := endpoint.Parse(e.URL)
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	if e.Timeout <= 0 {
		e.Timeout = attemptTimeout
	}
	if e.GRPC {
		return newGRPCClient(signal, e, address)
	}
	return newHTTPClient(signal, e, address), nil
}

// httpClient sends over HTTP with protobuf.
type httpClient struct {
	endpoint Endpoint
	url      string
	address  endpoint.Endpoint
	http     *http.Client
	plain    atomic.Bool // The endpoint has refused gzip.
}

const (
	attemptTimeout = 10 * time.Second
	maxAnswer      = 64 << 10 // Bytes of an answer that are read.
	// LeastCut is the smallest body that a broken connection makes smaller. Bodies below it
	// are in the kernel's buffers before a proxy can refuse them.
	LeastCut = 64 << 10
)

func newHTTPClient(signal segment.Signal, e Endpoint, address endpoint.Endpoint) *httpClient {
	transport := address.Transport()
	transport.TLSClientConfig = e.TLS.Clone()
	transport.MaxIdleConnsPerHost = 1
	c := &httpClient{endpoint: e, url: e.URL, address: address, http: &http.Client{
		Transport: transport,
		// A redirect would take the headers and the request to another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if address.Socket != "" {
		c.url = address.URL.String() + "/v1/" + string(signal)
	}
	return c
}

// Compresses implements [Client].
func (c *httpClient) Compresses() bool { return c.endpoint.Gzip && !c.plain.Load() }

// Host implements [Client].
func (c *httpClient) Host() string { return c.address.String() }

// Send makes one attempt, and a second one without gzip if the endpoint refuses gzip.
func (c *httpClient) Send(ctx context.Context, r segment.Request) Answer {
	if !r.Gzipped || !c.plain.Load() {
		a, status := c.attempt(ctx, r)
		if status != http.StatusUnsupportedMediaType || !r.Gzipped {
			return a
		}
	}
	r, err := r.Unpacked()
	if err != nil {
		return Answer{Err: err, Verdict: Refused}
	}
	a, status := c.attempt(ctx, r)
	if status != 0 && status != http.StatusUnsupportedMediaType {
		a.Unzipped = !c.plain.Swap(true)
	}
	return a
}

// attempt sends a request as it is. The status is 0 if there was no answer.
func (c *httpClient) attempt(ctx context.Context, r segment.Request) (a Answer, status int) {
	ctx, cancel := context.WithTimeout(ctx, c.endpoint.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, http.NoBody)
	if err != nil {
		return Answer{Err: c.withoutURL(err), Verdict: Refused}, 0
	}
	sent := NewBody(r)
	req.Body, req.ContentLength = sent, int64(len(r.Payload))
	req.GetBody = func() (io.ReadCloser, error) { return NewBody(r), nil }
	for name, value := range c.endpoint.Headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	if r.Gzipped {
		req.Header.Set("Content-Encoding", "gzip")
	}
	a.Size = len(r.Payload)
	resp, err := c.http.Do(req)
	if err != nil {
		a.Err = c.withoutURL(err)
		if a.Size >= LeastCut && sent.begun() && ctx.Err() == nil {
			a.Verdict = Broken
		}
		return a, 0
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		if err != nil { // It may have accepted the request. Sending it again costs a duplicate; not sending it, a loss.
			a.Err = c.withoutURL(err)
			return a, 0
		}
		a.Rejected, a.Message = PartialSuccess(body)
		return a, resp.StatusCode
	}
	a.Err = fmt.Errorf("%s: %s", c.Host(), resp.Status)
	said := Explanation(resp.Header.Get("Content-Type"), body)
	if said != "" {
		a.Err = fmt.Errorf("%w: %s", a.Err, said)
	}
	a.Verdict = verdictOf(resp.StatusCode, said)
	a.After = RetryAfter(resp.Header.Get("Retry-After"), time.Now())
	return a, resp.StatusCode
}

// verdictOf classifies a status. Only those that blame the request itself are permanent. An expired
// token, an unknown path at a proxy or a disabled media type are fixed by operators, and the
// requests must not be lost until then; the specification would drop them (OTLP 1.9, "Failures").
func verdictOf(status int, said string) Verdict {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return TooLarge
	case http.StatusBadRequest:
		if strings.Contains(said, "request body too large") { // The OpenTelemetry Collector's response above max_request_body_size.
			return TooLarge
		}
		return Refused
	case http.StatusUnprocessableEntity:
		return Refused
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return Retry
	}
	if status >= 500 {
		return Suspect
	}
	return Retry
}

// RetryAfter parses the header: seconds or a date; 0 if it is neither.
func RetryAfter(value string, now time.Time) time.Duration {
	if value == "" {
		return 0
	}
	if n, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(n, 0), int(LongestAfter/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), LongestAfter)
	}
	return 0
}

// withoutURL replaces the URL in an error of net/http by the host, because a URL may hold a secret.
func (c *httpClient) withoutURL(err error) error {
	if e := new(url.Error); errors.As(err, &e) {
		err = e.Err
	}
	return fmt.Errorf("%s: %w", c.Host(), err)
}

// Explanation returns the message in an error response: OTLP has google.rpc.Status, whose second
// field is a message, and proxies send a line of text.
func Explanation(contentType string, body []byte) (said string) {
	const longest = 200
	if strings.HasPrefix(contentType, "application/x-protobuf") {
		otlp.EachField(body, 2, func(message []byte) { said = string(message) })
	} else if strings.HasPrefix(contentType, "text/plain") || contentType == "" {
		said = string(body)
	}
	said = strings.Join(strings.Fields(strings.ToValidUTF8(said, "")), " ")
	return said[:min(len(said), longest)]
}

// Close implements [Client].
func (c *httpClient) Close() { c.http.CloseIdleConnections() }
