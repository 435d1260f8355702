// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"errors"
	"log/slog"

	"github.com/voice-agents/telemetry/examples/voiceagent/openai"
)

// retry makes a request once more if the provider refused it for the moment.
// An answer that broke off is not asked for again: the caller may have heard
// half of it. Each attempt is a stage of its own, so the failed one stays in
// sight, but the turn is well when the last attempt is.
func (a *Agent) retry(ctx context.Context, attempt func() error) error {
	err := attempt()
	refused, ok := errors.AsType[*openai.Error](err)
	if !ok || !refused.Temporary() {
		return err
	}
	slog.WarnContext(ctx, "asking the provider once more", "status", refused.Status)
	if err := a.Speed.Wait(ctx, retryPause); err != nil {
		return err
	}
	return attempt()
}
