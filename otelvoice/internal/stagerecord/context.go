// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package stagerecord

import (
	"context"

	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/otelvoice/internal/resend"
)

type key struct{}

// FromContext returns the record of the stage that a context belongs to, or nil.
func FromContext(ctx context.Context) *Record {
	r, _ := ctx.Value(key{}).(*Record)
	return r
}

// workContext is the context of a stage's work, a field of the stage.
type workContext struct {
	identity.Context

	record *Record
}

// Value returns the stage, its resend log or the parent's value.
func (c *workContext) Value(of any) any {
	switch of.(type) {
	case key:
		return c.record
	case resend.Key:
		return &c.record.resends
	}
	return c.Context.Value(of)
}
