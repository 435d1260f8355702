// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"slices"
	"strings"
	"testing"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// The SDK calls the two callbacks of a move on a goroutine each.
func TestCallbacksOfAMoveInAnyOrder(t *testing.T) {
	const room = "desk-5550123-ab12"
	type call struct{ name, sid string }
	both := []call{{room, "RM_2"}, {room, ""}}
	reversed := slices.Clone(both)
	slices.Reverse(reversed)
	for name, calls := range map[string][]call{
		"with the SID first": both,
		"with the SID last":  reversed,
		"moved twice":        slices.Concat([]call{{"another", ""}, {"another", "RM_3"}}, both),
		"moved back":         slices.Concat([]call{{"call-4711", "RM_1"}, {"call-4711", ""}}, reversed),
	} {
		t.Run(name, func(t *testing.T) {
			tel, _ := voicetest.Setup(t)
			sdk := lksdk.NewRoom(Callbacks(tel.Telemetry, nil))
			sdk.OnRoomJoined(&livekit.Room{Name: "call-4711", Sid: "RM_1"}, &livekit.ParticipantInfo{Identity: "agent", Sid: "PA_agent"},
				[]*livekit.ParticipantInfo{{
					Identity: "sip_5550123", Sid: "PA_1", Kind: livekit.ParticipantInfo_SIP,
					Attributes: map[string]string{livekit.AttrSIPPhoneNumber: "555-0123"},
				}}, &livekit.ServerInfo{}, nil)
			r := roomOf(sdk)
			for _, c := range calls {
				r.moved(c.name, c.sid)
			}
			r.mu.Lock()
			got, sid := r.name, r.sid
			r.mu.Unlock()
			if sid != "RM_2" || strings.Contains(got, "5550123") || !strings.HasSuffix(got, "-ab12") {
				t.Errorf("the room is %q with the SID %q", got, sid)
			}
			Disconnect(sdk)
		})
	}
}

// The SDK takes the mark of a room away when the agent leaves. The room has no callbacks of this package, whose watcher
// marks it, too.
func TestMark(t *testing.T) {
	sdk := lksdk.NewRoom(&lksdk.RoomCallback{})
	if admitted(sdk) || !mark(sdk) {
		t.Error("a room that the agent has not joined is known")
	}
	sdk.OnRoomJoined(&livekit.Room{Name: "call-4711", Sid: "RM_1"}, &livekit.ParticipantInfo{Identity: "agent", Sid: "PA_agent"}, nil, &livekit.ServerInfo{}, nil)
	if !admitted(sdk) || left(sdk) || mark(sdk) {
		t.Error("a room that the agent has joined has no mark")
	}
	sdk.Disconnect()
	if !mark(sdk) {
		t.Error("a room that the agent has left has a mark")
	}
}
