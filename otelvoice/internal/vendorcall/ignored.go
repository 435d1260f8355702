// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendorcall

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/wire"
)

// Ignored is the stage of a call that is not recorded.
type Ignored struct{}

// Event does nothing.
func (Ignored) Event(*wire.Event) {}

// SetAttributes does nothing.
func (Ignored) SetAttributes(...attribute.KeyValue) {}

// AddRequestID does nothing.
func (Ignored) AddRequestID(string) {}

// Hold does nothing.
func (Ignored) Hold() {}

// Release does nothing.
func (Ignored) Release() {}

// End does nothing.
func (Ignored) End(error) {}
