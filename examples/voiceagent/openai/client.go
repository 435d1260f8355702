// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package openai is a client of the three endpoints that a voice agent needs:
// transcriptions, chat completions and speech. It has no telemetry. Its requests are traced by
// the [http.Client] and the contexts that it is given.
package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// A Client sends requests to one provider. It is safe for concurrent use.
type Client struct {
	// BaseURL is the URL up to and including the version, as in
	// "https://api.openai.com/v1".
	BaseURL string
	// Key is sent as a bearer token, unless it is empty.
	Key string
	// HTTP sends the requests.
	HTTP *http.Client
}

// post sends a body and returns a successful response. The caller closes its body.
func (c *Client) post(ctx context.Context, path, contentType string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.BaseURL, "/")+path, body)
	if err != nil {
		return nil, fmt.Errorf("openai: %w", err)
	}
	if c.Key != "" {
		req.Header.Set("Authorization", "Bearer "+c.Key)
	}
	req.Header.Set("Content-Type", contentType)
	res, err := c.HTTP.Do(req)
	if err != nil {
		return nil, fmt.Errorf("openai: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		defer func() { _ = res.Body.Close() }()
		return nil, refusal(res)
	}
	return res, nil
}

func (c *Client) postJSON(ctx context.Context, path string, v any) (*http.Response, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("openai: %w", err)
	}
	return c.post(ctx, path, "application/json", bytes.NewReader(body))
}
