// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

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
	"time"

	"github.com/voice-agents/telemetry/internal/otlprequest"
)

// Endpoint is a collector.
type Endpoint struct {
	// URL is the signal's own, with its path over HTTP.
	URL string
	// GRPC has it sent over gRPC, and not over HTTP.
	GRPC bool
	// Headers are sent with each request. They are in no error and in no file.
	Headers map[string]string
	// Timeout bounds one attempt; 0 is 10 s.
	Timeout time.Duration
	// TLS is used with https; nil is the system's.
	TLS  *tls.Config
	Gzip bool
}

// answer is what came of an attempt.
type answer struct {
	err      error         // nil when the collector took the request.
	poison   bool          // It never will.
	suspect  bool          // It may never.
	after    time.Duration // What it asks to be left alone for; 0 if it did not say.
	rejected int           // What it took the rest without.
	message  string        // Why.
}

// client makes an attempt to send a request. It is safe to close while it does.
type client interface {
	send(ctx context.Context, r request) answer
	close()
}

// newClient returns the one for the endpoint's protocol.
func newClient(signal Signal, e Endpoint) (client, error) {
	u, err := url.Parse(e.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, errors.New("spool: the endpoint is no http or https URL")
	}
	if e.Timeout <= 0 {
		e.Timeout = attemptTimeout
	}
	if e.GRPC {
		return newGRPCClient(signal, e, u)
	}
	return newHTTPClient(e, u), nil
}

// httpClient sends over HTTP with protobuf.
type httpClient struct {
	endpoint Endpoint
	host     string
	http     *http.Client
}

const (
	attemptTimeout = 10 * time.Second
	maxAnswer      = 64 << 10 // Bytes of an answer that are read.
)

func newHTTPClient(e Endpoint, u *url.URL) *httpClient {
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // That is what it is.
	transport.TLSClientConfig = e.TLS.Clone()
	transport.MaxIdleConnsPerHost = 1
	return &httpClient{endpoint: e, host: u.Scheme + "://" + u.Host, http: &http.Client{
		Transport: transport,
		// A redirect would take the headers, and what is in the request, to somebody else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// send makes one attempt.
func (c *httpClient) send(ctx context.Context, r request) answer {
	ctx, cancel := context.WithTimeout(ctx, c.endpoint.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint.URL, http.NoBody)
	if err != nil {
		return answer{err: err, poison: true}
	}
	req.Body, req.ContentLength = newBody(r), int64(len(r.payload))
	req.GetBody = func() (io.ReadCloser, error) { return newBody(r), nil }
	for name, value := range c.endpoint.Headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	if r.gzipped {
		req.Header.Set("Content-Encoding", "gzip")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{err: c.withoutURL(err)}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		if err != nil { // It may have taken it: sent again, it is there twice, not sent again, perhaps never.
			return answer{err: c.withoutURL(err)}
		}
		rejected, message := partialSuccess(body)
		return answer{rejected: rejected, message: message}
	}
	failed := fmt.Errorf("%s: %s", c.host, resp.Status)
	if said := explanation(resp.Header.Get("Content-Type"), body); said != "" {
		failed = fmt.Errorf("%w: %s", failed, said)
	}
	return answer{err: failed, poison: poison(resp.StatusCode), suspect: resp.StatusCode == http.StatusInternalServerError, after: retryAfter(resp.Header.Get("Retry-After"), time.Now())}
}

// poison reports whether a status says that the request is at fault, and not where or how
// it is sent: a token that has expired and a path that a proxy does not know today are
// mended by people, and what waits for them must not be lost meanwhile. The specification
// would drop it (OTLP 1.9, "Failures").
func poison(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// retryAfter reads the header, which has seconds or a date; 0 is for what makes no sense.
func retryAfter(value string, now time.Time) time.Duration {
	if value == "" {
		return 0
	}
	if n, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(n, 0), int(longestAfter/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), longestAfter)
	}
	return 0
}

// withoutURL keeps of an error of net/http what may be told: a URL may hold a secret.
func (c *httpClient) withoutURL(err error) error {
	if e := new(url.Error); errors.As(err, &e) {
		err = e.Err
	}
	return fmt.Errorf("%s: %w", c.host, err)
}

// explanation is what a collector says about an error: OTLP has google.rpc.Status, whose
// second field is a message, and proxies have a line of text.
func explanation(contentType string, body []byte) (said string) {
	const longest = 200
	if strings.HasPrefix(contentType, "application/x-protobuf") {
		otlprequest.EachField(body, 2, func(message []byte) { said = string(message) })
	} else if strings.HasPrefix(contentType, "text/plain") || contentType == "" {
		said = string(body)
	}
	said = strings.Join(strings.Fields(strings.ToValidUTF8(said, "")), " ")
	return said[:min(len(said), longest)]
}

func (c *httpClient) close() { c.http.CloseIdleConnections() }
