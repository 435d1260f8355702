// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"net/http"
	"strconv"
	"strings"
)

// maxResends bounds what is believed of a header.
const maxResends = 1000

// resendsOf returns how often an SDK says that it has sent a request before, and whether it
// says so.
func resendsOf(r *http.Request) (n int, ok bool) {
	// The SDKs that Stainless generates: OpenAI's, Anthropic's, Cartesia's and others.
	if n, ok = count(first(r.Header, "X-Stainless-Retry-Count"), 0); ok {
		return n, true
	}
	// Amazon's: "attempt=2; max=3".
	for field := range strings.SplitSeq(first(r.Header, "Amz-Sdk-Request"), ";") {
		if attempt, found := strings.CutPrefix(strings.TrimSpace(field), "attempt="); found {
			return count(attempt, 1)
		}
	}
	// Google's: "gl-go/1.26.0 gccl-attempt-count/2".
	for _, value := range r.Header["X-Goog-Api-Client"] {
		for field := range strings.FieldsSeq(value) {
			if attempt, found := strings.CutPrefix(field, "gccl-attempt-count/"); found {
				return count(attempt, 1)
			}
		}
	}
	return 0, false
}

// count reads a count that begins with first.
func count(text string, first int) (n int, ok bool) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < first || n-first > maxResends {
		return 0, false
	}
	return n - first, true
}

// redirects returns by how many redirects a client came to a request.
func redirects(r *http.Request) (n int) {
	for res := r.Response; res != nil && n < maxResends; n++ {
		if res.Request == nil {
			return n + 1
		}
		res = res.Request.Response
	}
	return n
}

// requestName returns what requests for the same have in common.
func requestName(m method, r *http.Request) string {
	return m.name + " " + r.URL.Host + r.URL.Path
}

// isTriedAgain reports whether clients send a request again after a status.
func isTriedAgain(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return status >= http.StatusInternalServerError
}
