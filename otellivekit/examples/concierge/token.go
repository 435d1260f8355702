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

// token creates the token with which a participant joins, as a backend does. The token has the
// trace of ctx.
func token(ctx context.Context, tel *otelvoice.Telemetry, s settings, identity string, t *auth.AccessToken) (string, error) {
	t.SetIdentity(identity).SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: s.room})
	jwt, err := otellivekit.SignToken(ctx, tel, t).ToJWT()
	if err != nil {
		return "", fmt.Errorf("create token for %s: %w", identity, err)
	}
	return jwt, nil
}
