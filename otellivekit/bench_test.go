// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"testing"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"

	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// endless is a track on which the same packet comes again and again.
type endless struct{ packet rtp.Packet }

func (e *endless) ReadRTP() (*rtp.Packet, interceptor.Attributes, error) {
	e.packet.SequenceNumber++
	e.packet.Timestamp += samples
	return &e.packet, nil, nil
}

// hotPaths are what runs for every packet, and for every callback that is frequent.
func hotPaths(tb testing.TB) map[string]func() {
	tb.Helper()
	tel, _ := voicetest.Setup(tb)
	cb := Callbacks(tel.Telemetry, nil)
	sdk := lksdk.NewRoom(cb)
	sdk.OnRoomJoined(&livekit.Room{Name: "call", Sid: "RM_1"}, &livekit.ParticipantInfo{Identity: "agent"},
		[]*livekit.ParticipantInfo{{Identity: "caller", Sid: "PA_1"}}, &livekit.ServerInfo{}, nil)
	tb.Cleanup(func() { Disconnect(sdk) })
	rp := sdk.GetParticipantByIdentity("caller")
	reader := newTrackReader(roomOf(sdk), new(endless), 48_000, rp)
	return map[string]func(){
		"packet":  func() { _, _, _ = reader.ReadRTP() },
		"speaker": func() { cb.OnIsSpeakingChanged(rp) },
		"data":    func() { cb.OnDataPacket(nil, lksdk.DataReceiveParams{Sender: rp}) },
	}
}

func TestHotPathsDoNotAllocate(t *testing.T) {
	for name, run := range hotPaths(t) {
		if n := testing.AllocsPerRun(100, run); n != 0 {
			t.Errorf("a %s allocates %v times", name, n)
		}
	}
}

func BenchmarkHotPaths(b *testing.B) {
	for name, run := range hotPaths(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				run()
			}
		})
	}
}
