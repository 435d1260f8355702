// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package client

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/message"
	"github.com/voice-agents/telemetry/semconv"
)

// maxRetryAfter bounds the wait that is recorded.
const maxRetryAfter = 24 * time.Hour

// limits appends what the headers of a response say of the provider's limits.
func limits(attrs []attribute.KeyValue, h http.Header, now time.Time) []attribute.KeyValue {
	if wait, ok := retryAfter(h, now); ok {
		attrs = append(attrs, semconv.VoiceProviderRetryAfter(wait.Seconds()))
	}
	if n, ok := remaining(h, "X-Ratelimit-Remaining-Requests", "Anthropic-Ratelimit-Requests-Remaining"); ok {
		attrs = append(attrs, semconv.VoiceProviderRateLimitRemainingRequests(n))
	}
	if n, ok := remaining(h, "X-Ratelimit-Remaining-Tokens", "Anthropic-Ratelimit-Tokens-Remaining"); ok {
		attrs = append(attrs, semconv.VoiceProviderRateLimitRemainingTokens(n))
	}
	return attrs
}

// retryAfter reads Retry-After (RFC 9110, section 10.2.3: seconds or a date) and Retry-After-Ms.
func retryAfter(h http.Header, now time.Time) (wait time.Duration, ok bool) {
	if ms, err := strconv.ParseFloat(strings.TrimSpace(message.First(h, "Retry-After-Ms")), 64); err == nil {
		wait = time.Duration(ms * float64(time.Millisecond))
	} else if text := strings.TrimSpace(message.First(h, "Retry-After")); text == "" {
		return 0, false
	} else if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		wait = time.Duration(seconds * float64(time.Second))
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	} else {
		return 0, false
	}
	return wait, wait >= 0 && wait <= maxRetryAfter
}

func remaining(h http.Header, names ...string) (n int, ok bool) {
	for _, name := range names {
		if n, err := strconv.Atoi(message.First(h, name)); err == nil && n >= 0 {
			return n, true
		}
	}
	return 0, false
}
