// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"testing"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// A callback finds a participant, who leaves before the callback has counted their track:
// the track must not be counted as open for ever.
func TestTrackOfAParticipantWhoHasLeft(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	sdk := lksdk.NewRoom(Callbacks(tel.Telemetry, nil))
	sdk.OnRoomJoined(&livekit.Room{Name: "call-4711", Sid: "RM_1"}, &livekit.ParticipantInfo{Identity: "agent", Sid: "PA_agent"},
		[]*livekit.ParticipantInfo{{Identity: "caller", Sid: "PA_1", Tracks: []*livekit.TrackInfo{{Sid: "TR_1", Type: livekit.TrackType_AUDIO}}}},
		&livekit.ServerInfo{}, nil)
	r := roomOf(sdk)
	rp := sdk.GetParticipantByIdentity("caller")
	pub, ok := rp.TrackPublications()[0].(*lksdk.RemoteTrackPublication)
	if !ok {
		t.Fatal("the track is another kind")
	}
	p := r.seen(rp)
	r.leave(rp)
	r.subscribed(p, pub)
	Disconnect(sdk)
	data, ok := rec.Metric(semconv.MetricVoiceRoomTracks().Name)
	if !ok {
		return // None was ever counted.
	}
	sum, ok := data.(metricdata.Sum[int64])
	if !ok {
		t.Fatalf("a %T", data)
	}
	for _, point := range sum.DataPoints {
		if point.Value != 0 {
			t.Errorf("%d tracks are open in a room that was left", point.Value)
		}
	}
}
