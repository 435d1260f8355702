// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package client

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/voice-agents/telemetry/otelvoice/internal/resend"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/message"
)

// maxResends bounds the count that is accepted from a header.
const maxResends = 1000

// resendsOf returns how often an SDK has sent a request before, by its headers. ok is false if
// no header says so.
func resendsOf(r *http.Request) (n int, ok bool) {
	// The SDKs that Stainless generates: OpenAI's, Anthropic's, Cartesia's and others.
	if n, ok = count(message.First(r.Header, "X-Stainless-Retry-Count"), 0); ok {
		return n, true
	}
	// Amazon's SDKs: "attempt=2; max=3".
	for field := range strings.SplitSeq(message.First(r.Header, "Amz-Sdk-Request"), ";") {
		if attempt, found := strings.CutPrefix(strings.TrimSpace(field), "attempt="); found {
			return count(attempt, 1)
		}
	}
	// Google's SDKs: "gl-go/1.26.0 gccl-attempt-count/2".
	for _, value := range r.Header["X-Goog-Api-Client"] {
		for field := range strings.FieldsSeq(value) {
			if attempt, found := strings.CutPrefix(field, "gccl-attempt-count/"); found {
				return count(attempt, 1)
			}
		}
	}
	return 0, false
}

// count parses a count whose lowest value is first, and returns the difference.
func count(text string, first int) (n int, ok bool) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < first || n-first > maxResends {
		return 0, false
	}
	return n - first, true
}

// redirects returns how many redirects led to a request.
func redirects(r *http.Request) (n int) {
	for res := r.Response; res != nil && n < maxResends; n++ {
		if res.Request == nil {
			return n + 1
		}
		res = res.Request.Response
	}
	return n
}

// requestOf returns that by which resends of a request are recognized.
func requestOf(m message.Method, r *http.Request) resend.Request {
	return resend.Request{Method: m.Name, Host: r.URL.Host, Path: r.URL.Path}
}

// isRetried reports whether clients usually retry a request after a status.
func isRetried(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return status >= http.StatusInternalServerError
}
