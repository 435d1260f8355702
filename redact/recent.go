// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"sync/atomic"

	"github.com/voice-agents/telemetry/internal/attrkey"
)

// recent remembers texts in which nothing was found: ids, which stand in each span and each
// record of a call. They are known by where they are in memory, which nobody else's text can
// be while they are remembered. The zero recent is empty. It is safe for concurrent use.
type recent struct {
	texts [recentTexts]atomic.Pointer[string]
}

const (
	recentTexts   = 16 << 10 // Those of some thousand calls; a later one takes the place of another.
	longestRecent = 128      // Longer ones are not ids, and would pin their memory.
)

func (r *recent) place(s string) *atomic.Pointer[string] {
	at := attrkey.Place(s)
	return &r.texts[(at>>4^at>>18)%recentTexts]
}

func (r *recent) has(s string) bool {
	known := r.place(s).Load()
	return known != nil && len(*known) == len(s) && attrkey.Place(*known) == attrkey.Place(s)
}

func (r *recent) add(s string) {
	if len(s) <= longestRecent {
		r.place(s).Store(&s)
	}
}
