// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"context"

	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/internal/logpipe"
)

// Emit writes a log record, such as one with an event name. It treats code that hangs or panics as
// [Guard.Write] does.
func (g *Guard) Emit(ctx context.Context, logger *logpipe.Logger, record log.Record) {
	if !g.closing.Load() {
		g.emitNow(ctx, logger, record)
		return
	}
	if g.lines.Hanging() >= maxHangingLines {
		g.droppedLines.Add(1)
		return
	}
	g.briefly(g.lines, func() { g.emitNow(ctx, logger, record) })
}

func (g *Guard) emitNow(ctx context.Context, logger *logpipe.Logger, record log.Record) {
	defer g.Recovered(logOutput)
	logger.Emit(ctx, record)
}
