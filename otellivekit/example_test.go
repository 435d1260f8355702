// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit_test

import (
	"context"
	"fmt"
	"io"

	"github.com/livekit/protocol/auth"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"

	"github.com/voice-agents/telemetry/otellivekit"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// quiet is telemetry that writes nothing.
func quiet(ctx context.Context) *otelvoice.Telemetry {
	tel, err := voicesdk.Setup(ctx, voicesdk.WithLogWriter(io.Discard), voicesdk.WithoutGlobals(),
		voicesdk.WithLookupEnv(func(string) (string, bool) { return "", false }))
	if err != nil {
		panic(err)
	}
	return tel.Telemetry
}

// An agent's room is instrumented. The example has no server to join, so the room is empty.
func ExampleCallbacks() {
	ctx := context.Background()
	tel := quiet(ctx)
	defer tel.Shutdown(ctx) //nolint:errcheck // Nothing is sent.

	var room *lksdk.Room
	room = lksdk.NewRoom(otellivekit.Callbacks(tel, &lksdk.RoomCallback{
		ParticipantCallback: lksdk.ParticipantCallback{
			OnTrackSubscribed: func(track *webrtc.TrackRemote, _ *lksdk.RemoteTrackPublication, rp *lksdk.RemoteParticipant) {
				ctx, session := otellivekit.SessionFromRoom(ctx, room, rp.Identity())
				reader := otellivekit.ReadTrack(room, track, rp)
				go answer(ctx, session, reader)
			},
		},
	}))
	defer otellivekit.Disconnect(room)
	// Here an agent joins: otellivekit.Join(ctx, room, url, token).

	_, session := otellivekit.SessionFromRoom(ctx, room, "caller")
	fmt.Println("is the caller there?", session != nil)
	// Output: is the caller there? false
}

func answer(ctx context.Context, session *otelvoice.Session, reader *otellivekit.TrackReader) {
	_, turn := session.StartTurn(ctx)
	defer turn.End()
	for {
		if _, _, err := reader.ReadRTP(); err != nil {
			return
		}
	}
}

// A backend mints a token that carries its trace, which the participant who joins with it
// continues.
func ExampleSignToken() {
	tel := quiet(context.Background())
	defer tel.Shutdown(context.Background()) //nolint:errcheck // Nothing is sent.
	ctx, session := tel.StartSession(context.Background())
	defer session.End()

	token := auth.NewAccessToken("key", "secret-of-32-characters-or-longer").SetIdentity("caller").
		SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: "call-4711"})
	jwt, err := otellivekit.SignToken(ctx, tel, token).ToJWT()
	fmt.Println(jwt != "", err)
	// Output: true <nil>
}

// The SDK's lines, and pion's below it, go where all others go.
func ExampleNewLogger() {
	tel := quiet(context.Background())
	defer tel.Shutdown(context.Background()) //nolint:errcheck // Nothing is sent.
	lksdk.SetLogger(otellivekit.NewLogger(tel))
	// Output:
}
