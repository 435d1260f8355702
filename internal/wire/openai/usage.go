// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"bytes"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
)

// A usageReader reports usages. xAI and Perplexity repeat the usage in each chunk; one that does not
// change is reported once.
type usageReader struct{ last []byte }

// maxUsage is the size of a usage that is compared with the next. Larger ones are reported each time.
const maxUsage = 4 << 10

// read reports the usage of a document.
func (u *usageReader) read(b *wire.Base, v *jsonscan.Value) {
	if v.Kind != jsonscan.Object || bytes.Equal(v.Text, u.last) {
		return
	}
	u.last = append(u.last[:0], v.Text[:min(len(v.Text), maxUsage)]...)
	usage, ok := llmreport.OpenAI(v.Text)
	switch {
	case !ok || v.Cut:
		b.NotUnderstood("usage")
	case usage != llmreport.Usage{}:
		b.Send(wire.Event{Kind: wire.Used, Usage: usage})
	}
}
