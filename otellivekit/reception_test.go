// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// arrival is a packet of 20 ms of Opus that comes so much later than it was sent.
type arrival struct {
	sequence uint16
	sent     int // In packets of 20 ms.
	late     time.Duration
}

// silence is none, before the reader's deadline.
var silence = arrival{sent: -1}

const (
	samples = 960 // Of 20 ms at 48 kHz.
	ms      = time.Millisecond
)

func inOrder(first uint16, n int) (out []arrival) {
	for i := range n {
		out = append(out, arrival{first + uint16(i), i, 0})
	}
	return out
}

// line is a track whose packets arrive as specified.
type line []arrival

func (l *line) ReadRTP() (*rtp.Packet, interceptor.Attributes, error) {
	if len(*l) == 0 {
		return nil, nil, io.EOF
	}
	a := (*l)[0]
	*l = (*l)[1:]
	if a == silence {
		return nil, nil, &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}
	}
	<-time.After(20*ms + a.late)
	return &rtp.Packet{Header: rtp.Header{SequenceNumber: a.sequence, Timestamp: uint32(a.sent) * samples}}, nil, nil
}

// The turn reports packets lost during the turn, no turn reports those lost between turns, and
// the metrics have all of them.
func TestTrackReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		room := lksdk.NewRoom(Callbacks(tel.Telemetry, nil))
		room.OnRoomJoined(&livekit.Room{Name: "call", Sid: "RM_1"}, &livekit.ParticipantInfo{Identity: "agent"},
			[]*livekit.ParticipantInfo{{Identity: "caller", Sid: "PA_1"}}, &livekit.ServerInfo{}, nil)
		ctx, session := SessionFromRoom(t.Context(), room, "caller")

		_, deaf := session.StartTurn(ctx) // Before there was a reader, nothing is known.
		deaf.End()
		packets := append(inOrder(1, 300), silence, silence, arrival{305, 304, 0}) // Four lost,
		packets = append(packets, arrival{306, 305, 0}, arrival{309, 308, 0})
		reader := newTrackReader(roomOf(room), (*line)(&packets), 0, room.GetParticipantByIdentity("caller"))
		read := func(n int) {
			for range n {
				if _, _, err := reader.ReadRTP(); err != nil {
					t.Fatal(err)
				}
			}
		}
		read(300)
		for range 2 {
			if _, _, err := reader.ReadRTP(); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("in a silence: %v", err)
			}
		}
		_, turn := session.StartTurn(ctx)
		read(1)
		turn.End()
		read(1)
		_, next := session.StartTurn(ctx)
		read(1)
		next.End()
		_, silent := session.StartTurn(ctx)
		silent.End()
		if _, _, err := reader.ReadRTP(); err != io.EOF { //nolint:errorlint // As it is.
			t.Errorf("at the end: %v", err)
		}
		_, after := session.StartTurn(ctx) // What was known is known after the track's end.
		after.End()
		if p := roomOf(room).participants["caller"]; len(p.readers) != 0 || p.media.received != 303 {
			t.Errorf("after the track's end there are %d readers, and %d packets came", len(p.readers), p.media.received)
		}
		Disconnect(room)

		var got [][2]int64
		for _, s := range rec.Spans() {
			if s.Name() != semconv.SpanVoiceTurn {
				continue
			}
			counts := [2]int64{-1, -1}
			for _, kv := range s.Attributes() {
				switch kv.Key {
				case semconv.VoiceMediaPacketCountKey:
					counts[0] = kv.Value.AsInt64()
				case semconv.VoiceMediaPacketLostKey:
					counts[1] = kv.Value.AsInt64()
				case semconv.VoiceMediaJitterKey:
					if j := kv.Value.AsFloat64(); j <= 0 || j > 0.02 {
						t.Errorf("a turn's jitter is %v", j)
					}
				}
			}
			got = append(got, counts)
		}
		if want := [][2]int64{{-1, -1}, {1, 4}, {1, 2}, {0, 0}, {0, 0}}; !slices.Equal(got, want) {
			t.Errorf("turns have %v packets and losses, want %v", got, want)
		}
		for name, want := range map[string]int64{semconv.MetricVoiceMediaPacketCount().Name: 303, semconv.MetricVoiceMediaPacketLost().Name: 6} {
			data, _ := rec.Metric(name)
			if sum, ok := data.(metricdata.Sum[int64]); !ok || len(sum.DataPoints) != 1 || sum.DataPoints[0].Value != want {
				t.Errorf("%s is %v, want %d", name, data, want)
			}
		}
		data, _ := rec.Metric(semconv.MetricVoiceMediaJitter().Name)
		if h, ok := data.(metricdata.Histogram[float64]); !ok || h.DataPoints[0].Count != 2 {
			t.Errorf("the jitter is measured as %v", data)
		}
		voicetest.Check(t, rec)
	})
}

// A reader outside any room of ours just reads.
func TestReaderWithoutRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		packets := line(inOrder(1, 400))
		reader := newTrackReader(nil, &packets, 48_000, nil)
		for range 400 {
			if _, _, err := reader.ReadRTP(); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := reader.ReadRTP(); err == nil {
			t.Error("no end")
		}
	})
}
