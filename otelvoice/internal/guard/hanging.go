// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/internal/bounded"
)

// Hanging returns the error that names the components that kept sessions from ending within total,
// and the log lines that were dropped. err is the error of the wait for the sessions.
func (g *Guard) Hanging(total time.Duration, err error) error {
	var dropped error
	if n := g.droppedLines.Load(); n > 0 {
		dropped = fmt.Errorf("%d log lines were dropped: an output or a log processor hung", n)
	}
	if err == nil {
		return dropped
	}
	var names []string
	for _, c := range []*bounded.Component{g.spans, g.lines, g.observers} {
		if c.Hanging() > 0 {
			names = append(names, c.Name())
		}
	}
	if len(names) == 0 {
		names = []string{"the start of a span (a sampler or span processor) or a meter provider"}
	}
	return errors.Join(dropped, fmt.Errorf("%s did not return within %s, while open sessions were ended, and was %w: %w",
		strings.Join(names, " and "), total.Round(time.Millisecond), bounded.ErrLeftBehind, err))
}
