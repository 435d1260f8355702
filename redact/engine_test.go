// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"github.com/voice-agents/telemetry/internal/redaction"
	"github.com/voice-agents/telemetry/redact"
)

// engine returns the engine of a redactor, which has more methods.
func engine(r *redact.Redactor) *redaction.Engine { return (*redaction.Engine)(r) }
