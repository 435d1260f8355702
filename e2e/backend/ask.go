// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// queryTimeout limits the time of one answer.
const queryTimeout = 5 * time.Second

// Get returns the body of the response to a GET request, or an error if the status is not 200.
func Get(ctx context.Context, url string, header ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", url, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("query %s: %s: %.200s", url, resp.Status, body)
	}
	return body, nil
}

// Host returns the address in a URL.
func Host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Host
}

// Answers reports whether a server answers a GET request with 200.
func Answers(tb testing.TB, url string) func() bool {
	tb.Helper()
	return func() bool {
		_, err := Get(tb.Context(), url)
		return err == nil
	}
}

// getJSON sends a GET request and decodes the JSON response.
func getJSON[T any](ctx context.Context, url string) (T, error) {
	var answer T
	body, err := Get(ctx, url)
	if err != nil {
		return answer, err
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return answer, fmt.Errorf("query %s: %w", url, err)
	}
	return answer, nil
}
