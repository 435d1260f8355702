// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A collector that is down for an hour is reported twice a minute, not for each failed batch.
func TestErrorLogIsRateLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var buf bytes.Buffer
		l := NewErrorLog(slog.New(slog.NewTextHandler(&buf, nil)))
		for range 3600 {
			l.Handle(errors.New("connection refused"))
			<-time.After(time.Second)
		}
		l.Handle(nil)
		lines := strings.Split(strings.TrimSpace(buf.String()), "\n")
		if len(lines) != 120 {
			t.Errorf("%d lines, want one in 30 s", len(lines))
		}
		if strings.Contains(lines[0], "suppressed") || !strings.Contains(lines[1], "suppressed=29") {
			t.Errorf("the first lines are\n%s\n%s", lines[0], lines[1])
		}
	})
}
