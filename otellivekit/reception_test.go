// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"errors"
	"io"
	"math"
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

func TestReception(t *testing.T) {
	for _, tt := range []struct {
		name     string
		packets  []arrival
		base     uint32 // Of the timestamps.
		received int64
		lost     int64
		jitter   float64 // In seconds, by hand.
	}{
		{name: "nothing"},
		{name: "one", packets: inOrder(7, 1), received: 1},
		{name: "all in time", packets: inOrder(7, 100), received: 100},
		{name: "sequence and timestamp wrap", packets: inOrder(65_500, 100), base: math.MaxUint32 - 10*samples, received: 100},
		{name: "three lost", packets: append(inOrder(7, 5), arrival{15, 8, 0}), received: 6, lost: 3},
		{name: "one comes late", packets: []arrival{{1, 0, 0}, {3, 2, 0}, {2, 1, 20 * ms}}, received: 3, jitter: 0.02 / 16},
		{name: "one from before the first", packets: []arrival{{5, 1, 0}, {4, 0, 20 * ms}, {6, 2, 0}}, received: 3, jitter: 0.02/16 + (0.02-0.02/16)/16},
		{name: "one comes twice", packets: []arrival{{1, 0, 0}, {1, 0, 0}}, received: 2, lost: -1},
		// Each difference is 10 ms: J grows by (10 ms - J)/16 with each.
		{name: "every other is late", packets: []arrival{{1, 0, 0}, {2, 1, 10 * ms}, {3, 2, 0}}, received: 3, jitter: 0.01/16 + (0.01-0.01/16)/16},
		{name: "the stream starts anew", packets: append(append(inOrder(7, 3), arrival{10, 4, 0}), inOrder(40_000, 2)...), received: 6},
		{name: "it starts anew after a loss", packets: append([]arrival{{1, 0, 0}, {3, 2, 0}}, inOrder(40_000, 2)...), received: 4, lost: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := reception{clock: 48_000}
			start := time.Now()
			for _, p := range tt.packets {
				at := start.Add(time.Duration(p.sent)*20*ms + p.late)
				r.arrived(p.sequence, tt.base+uint32(p.sent)*samples, at)
			}
			if r.received != tt.received || r.lost() != tt.lost || math.Abs(r.jitter-tt.jitter) > 1e-6 {
				t.Errorf("received %d, lost %d, jitter %.6f; want %d, %d, %.6f", r.received, r.lost(), r.jitter, tt.received, tt.lost, tt.jitter)
			}
		})
	}
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

func FuzzReception(f *testing.F) {
	f.Add(uint16(1), uint32(1), uint16(2), uint32(961), uint16(60_000), uint32(math.MaxUint32))
	f.Fuzz(func(t *testing.T, s1 uint16, t1 uint32, s2 uint16, t2 uint32, s3 uint16, t3 uint32) {
		r := reception{clock: 48_000}
		at := time.Now()
		for i, p := range []struct {
			sequence  uint16
			timestamp uint32
		}{{s1, t1}, {s2, t2}, {s3, t3}} {
			r.arrived(p.sequence, p.timestamp, at.Add(time.Duration(i)*20*ms))
		}
		if lost := r.lost(); lost < -2 || lost > 2*maxDropout || math.IsNaN(r.jitter) || r.jitter < 0 {
			t.Errorf("lost %d, jitter %v", lost, r.jitter)
		}
	})
}

func BenchmarkReception(b *testing.B) {
	r := reception{clock: 48_000}
	at := time.Now()
	for i := range b.N {
		r.arrived(uint16(i), uint32(i)*samples, at.Add(time.Duration(i)*20*ms))
	}
}
