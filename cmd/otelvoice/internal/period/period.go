// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package period reads the start or the end of a period as people write it.
package period

import (
	"fmt"
	"time"
)

// Parse reads a time in RFC 3339, a day such as 2026-03-01, which begins in UTC, or a duration before now such as 2h.
func Parse(text string, now time.Time) (time.Time, error) {
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%.40q is neither a time, such as 2026-03-01T09:00:00Z or 2026-03-01, nor a duration, such as 2h", text)
}
