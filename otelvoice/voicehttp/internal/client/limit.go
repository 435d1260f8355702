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
		return plausibleWait(ms / 1000)
	}
	text := strings.TrimSpace(message.First(h, "Retry-After"))
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return plausibleWait(seconds)
	}
	if at, err := http.ParseTime(text); err == nil {
		return plausibleWait(at.Sub(now).Seconds())
	}
	return 0, false
}

// plausibleWait returns a wait, if it can be one. The conversion of other numbers to a duration, such
// as NaN, depends on the processor.
func plausibleWait(seconds float64) (wait time.Duration, ok bool) {
	if !(seconds >= 0 && seconds <= maxRetryAfter.Seconds()) {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)), true
}

func remaining(h http.Header, names ...string) (n int, ok bool) {
	for _, name := range names {
		if n, err := strconv.Atoi(message.First(h, name)); err == nil && n >= 0 {
			return n, true
		}
	}
	return 0, false
}
