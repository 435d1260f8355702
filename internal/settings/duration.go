// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"strconv"
	"strings"
	"time"
)

// The bounds of an interval.
const (
	minInterval = time.Millisecond
	maxInterval = time.Hour
)

// ParseDuration returns a duration as Go writes it, "1s", "500ms", "1m30s", or as a
// number of milliseconds, as OpenTelemetry's variables have it.
func ParseDuration(text string) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	if _, err := strconv.ParseUint(text, 10, 64); err == nil {
		text += "ms"
	}
	d, err := time.ParseDuration(text)
	return d, err == nil
}

// FormatDuration returns the shortest spelling that says the same duration.
func FormatDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func parseInterval(text string) (string, bool) {
	d, ok := ParseDuration(text)
	return FormatDuration(d), ok && minInterval <= d && d <= maxInterval
}

// parseBudget is parseInterval without the lower bound; 0 means no budget.
func parseBudget(text string) (string, bool) {
	d, ok := ParseDuration(text)
	if d == 0 {
		return "0", ok
	}
	return FormatDuration(d), ok && 0 < d && d <= maxInterval
}
