// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"

	"github.com/voice-agents/telemetry/otellivekit"
	"github.com/voice-agents/telemetry/otelvoice"
)

const agentKind = livekit.ParticipantInfo_AGENT

// token mints what a backend gives to whoever may join: it carries the trace of the
// request that it was asked in.
func token(ctx context.Context, tel *otelvoice.Telemetry, s settings, identity string, t *auth.AccessToken) (string, error) {
	t.SetIdentity(identity).SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: s.room})
	jwt, err := otellivekit.SignToken(ctx, tel, t).ToJWT()
	if err != nil {
		return "", fmt.Errorf("mint the token of %s: %w", identity, err)
	}
	return jwt, nil
}
