// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/media"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// mediaInterval is how often the quality of media is recorded.
const mediaInterval = 5 * time.Second

// A TrackReader reads the audio of a participant and measures its reception: packets, losses
// and jitter are recorded as metrics every five seconds, and as attributes of the turns in
// which they occur. [ReadTrack] creates it. Only one goroutine may use it.
type TrackReader struct {
	track rtpReader
	room  *room           // Nil outside the rooms of [Callbacks].
	of    *participant    // Nil if the participant has left.
	ctx   context.Context //nolint:containedctx // The context of the participant, for metrics.

	mu        sync.Mutex
	reception media.Reception

	recorded sums // What the metrics have recorded.
	at       time.Time
}

// rtpReader is a [webrtc.TrackRemote]. It is an interface for tests, because only a connection
// can create one.
type rtpReader interface {
	ReadRTP() (*rtp.Packet, interceptor.Attributes, error)
}

// ReadTrack returns a reader for a subscribed track:
//
//	cb.OnTrackSubscribed = func(track *webrtc.TrackRemote, _ *lksdk.RemoteTrackPublication, rp *lksdk.RemoteParticipant) {
//		reader := otellivekit.ReadTrack(room, track, rp)
//		go func() {
//			for {
//				packet, _, err := reader.ReadRTP()
//				…
//
// A packet counts as arrived when it is read, so read packets without delay. A reader costs
// about 70 ns a packet and does not allocate (BenchmarkHotPaths).
func ReadTrack(room *lksdk.Room, track *webrtc.TrackRemote, rp *lksdk.RemoteParticipant) *TrackReader {
	return newTrackReader(roomOf(room), track, float64(track.Codec().ClockRate), rp)
}

func newTrackReader(r *room, track rtpReader, clock float64, rp *lksdk.RemoteParticipant) *TrackReader {
	t := &TrackReader{track: track, room: r, ctx: context.Background(), reception: media.NewReception(clock), at: time.Now()}
	if r == nil || rp == nil {
		return t
	}
	if p := r.seen(rp); p != nil {
		t.of, t.ctx = p, p.ctx
		r.mu.Lock()
		p.readers = append(p.readers, t)
		r.mu.Unlock()
	}
	return t
}

// ReadRTP reads the track's next packet; see [webrtc.TrackRemote.ReadRTP].
func (t *TrackReader) ReadRTP() (*rtp.Packet, interceptor.Attributes, error) {
	packet, attrs, err := t.track.ReadRTP()
	now := time.Now()
	if packet != nil {
		t.mu.Lock()
		t.reception.Arrived(packet.SequenceNumber, packet.Timestamp, now)
		t.mu.Unlock()
	}
	ended := err != nil && !timedOut(err)
	if ended || now.Sub(t.at) >= mediaInterval {
		t.at = now
		t.record()
	}
	if ended {
		t.end()
	}
	return packet, attrs, err //nolint:wrapcheck // The error of the track, usually io.EOF.
}

// timedOut reports whether an error is a passed read deadline, after which the track continues.
func timedOut(err error) bool {
	var netErr net.Error
	return errors.As(err, &netErr) && netErr.Timeout()
}

// end adds the reader's counts to the participant and removes the reader, because a
// participant may publish many tracks one after the other.
func (t *TrackReader) end() {
	if t.of == nil {
		return
	}
	m := t.media()
	m.jitter = 0 // Jitter is that of current tracks.
	t.room.mu.Lock()
	defer t.room.mu.Unlock()
	if i := slices.Index(t.of.readers, t); i >= 0 {
		t.of.readers = slices.Delete(slices.Clone(t.of.readers), i, i+1) // Others may iterate over the old slice.
		t.of.media.add(m)
	}
}

// record records in the metrics what arrived since the last call.
func (t *TrackReader) record() {
	m := t.media()
	if t.room == nil {
		return
	}
	if n := m.received - t.recorded.received; n > 0 {
		t.room.metrics.packets.Add(t.ctx, n)
	}
	if n := m.lost - t.recorded.lost; n != 0 {
		t.room.metrics.lost.Add(t.ctx, n)
	}
	if m.received > max(1, t.recorded.received) { // The jitter of one packet is unknown.
		t.room.metrics.jitters.Record(t.ctx, m.jitter)
	}
	t.recorded = m
}

// sums is the reception of audio so far.
type sums struct {
	received, lost int64
	jitter         float64
}

func (t *TrackReader) media() sums {
	t.mu.Lock()
	defer t.mu.Unlock()
	return sums{t.reception.Received(), t.reception.Lost(), t.reception.Jitter()}
}

// add adds the sums of another track. The jitter is the maximum.
func (m *sums) add(other sums) {
	m.received += other.received
	m.lost += other.lost
	m.jitter = max(m.jitter, other.jitter)
}

// media returns the sum of a participant's tracks.
func (r *room) media(p *participant) (sum sums, known bool) {
	r.mu.Lock()
	sum, readers := p.media, p.readers
	r.mu.Unlock()
	for _, t := range readers {
		sum.add(t.media())
	}
	return sum, len(readers) > 0 || sum.received > 0
}

// observe returns a function that records on each turn how the user's audio was received.
func (r *room) observe(p *participant) func(*otelvoice.Turn) func() {
	return func(turn *otelvoice.Turn) func() {
		before, _ := r.media(p)
		return func() {
			var attrs []attribute.KeyValue
			if after, known := r.media(p); known {
				n := after.received - before.received
				attrs = append(attrs, semconv.VoiceMediaPacketCount(int(n)),
					semconv.VoiceMediaPacketLost(int(max(0, after.lost-before.lost))))
				if n > 0 && after.jitter > 0 {
					attrs = append(attrs, semconv.VoiceMediaJitter(after.jitter))
				}
			}
			r.mu.Lock()
			rtt := r.rtt
			r.mu.Unlock()
			if rtt > 0 {
				attrs = append(attrs, semconv.VoiceMediaRoundTripTime(rtt.Seconds()))
			}
			turn.SetAttributes(attrs...)
		}
	}
}

// watch measures the round trip until the agent has left the room. It polls, because the SDK
// calls a callback after room.Disconnect only if the server's answer arrives in time.
func (r *room) watch(sdk *lksdk.Room, done <-chan struct{}) {
	tick := time.NewTicker(mediaInterval)
	defer tick.Stop()
	for {
		select {
		case <-done: // The state of the room may belong to another join.
			return
		default:
		}
		if mark(sdk) {
			r.disconnected(lksdk.LeaveRequested)
			return
		}
		if rtt := roundTrip(sdk); rtt > 0 {
			r.mu.Lock()
			r.rtt = rtt
			ctx := r.ctx
			r.mu.Unlock()
			r.metrics.roundTrips.Record(ctx, rtt.Seconds())
		}
		select {
		case <-tick.C:
		case <-done:
			return
		}
	}
}

// roundTrip returns the last round-trip time of the connection that receives audio, or 0
// without one.
func roundTrip(sdk *lksdk.Room) time.Duration {
	connection := receiving(sdk)
	if connection == nil {
		return 0
	}
	for _, stat := range connection.GetStats() {
		if pair, ok := stat.(webrtc.ICECandidatePairStats); ok && pair.Nominated && pair.CurrentRoundTripTime > 0 {
			return time.Duration(pair.CurrentRoundTripTime * float64(time.Second))
		}
	}
	return 0
}
