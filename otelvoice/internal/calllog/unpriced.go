// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package calllog

import (
	"context"
	"strings"
	"sync"

	"github.com/voice-agents/telemetry/pricing"
)

// maxUnpriced is how many reasons are logged.
const maxUnpriced = 128

// unpriced holds the reasons that were logged.
type unpriced struct {
	mu    sync.Mutex
	known map[pricing.UnknownError]struct{}
}

// first reports whether a reason is new and adds it.
func (u *unpriced) first(reason pricing.UnknownError) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, known := u.known[reason]; known || len(u.known) >= maxUnpriced {
		return false
	}
	if u.known == nil {
		u.known = make(map[pricing.UnknownError]struct{})
	}
	reason.Provider, reason.Model = strings.Clone(reason.Provider), strings.Clone(reason.Model) // They may share memory that the program reuses.
	u.known[reason] = struct{}{}
	return true
}

// Unpriced writes a warning about a cost that is unknown, once for each reason.
func (l *Log) Unpriced(ctx context.Context, kind string, reason pricing.UnknownError) {
	if l.unpriced.first(reason) {
		l.write(ctx, l.stages[kind], Warn, "voice.cost is unknown: "+reason.Error(), nil, 0, nil)
	}
}
