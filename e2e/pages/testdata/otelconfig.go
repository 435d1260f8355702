// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// The imports and declarations that the code block of docs/production.md uses.
package page

import (
	"context"

	"github.com/voice-agents/telemetry/otelconfig"
)

var ctx context.Context
