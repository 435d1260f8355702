// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"strings"
	"sync/atomic"

	"github.com/voice-agents/telemetry/internal/logrecord"
)

// recent remembers texts in which nothing was found: ids, which stand in each span and each
// record of a call. They are known by their content, and kept as copies: an id may be part of
// a buffer that is used again, or of a large body. The zero recent is empty. It is safe for
// concurrent use.
type recent struct {
	texts [recentTexts]atomic.Pointer[string]
}

const (
	recentTexts   = 16 << 10 // Those of some thousand calls; a later one takes the place of another.
	longestRecent = 128      // Longer ones are not ids.
)

func (r *recent) place(s string) *atomic.Pointer[string] {
	return &r.texts[logrecord.Hash(s)%recentTexts]
}

func (r *recent) has(s string) bool {
	known := r.place(s).Load()
	return known != nil && *known == s
}

func (r *recent) add(s string) {
	if len(s) > longestRecent {
		return
	}
	at := r.place(s)
	if known := at.Load(); known == nil || *known != s {
		own := strings.Clone(s)
		at.Store(&own)
	}
}
