// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// The imports and declarations that the code blocks of docs/livekit.md use.
package page

import (
	"context"

	"github.com/livekit/protocol/auth"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"

	"github.com/voice-agents/telemetry/otellivekit"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

var (
	ctx         context.Context
	tel         *voicesdk.SDK
	callbacks   *lksdk.RoomCallback
	accessToken *auth.AccessToken
	url, token  string
)

func answer(context.Context, *otelvoice.Session, *otellivekit.TrackReader) {}
