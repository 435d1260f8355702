// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// errGivenUp ends an outage without a reconnection.
var errGivenUp = errors.New("otellivekit: room closed while reconnecting")

// settling is how long after a reconnection its callbacks may still be called: the SDK calls
// the callback of each lost participant on a goroutine of its own.
const settling = time.Second

// wasLost reports whether the agent has no connection, or had none until a moment ago. The
// caller holds the mutex.
func (r *room) wasLost() bool {
	return !r.lost.IsZero() || time.Since(r.back) < settling
}

func (r *room) reconnecting() {
	r.mu.Lock()
	if r.lost.IsZero() {
		r.lost = time.Now()
	}
	r.mu.Unlock()
	r.happened(slog.LevelWarn, eventReconnecting, nil)
}

func (r *room) reconnected() {
	r.mu.Lock()
	lost := r.lost
	r.lost, r.back = time.Time{}, time.Now()
	outage := r.back.Sub(lost)
	if !lost.IsZero() {
		for _, p := range r.participants {
			p.outage += outage
		}
	}
	sdk, ctx := r.sdk, r.ctx
	r.mu.Unlock()
	if !lost.IsZero() {
		r.metrics.reconnected(ctx, outage, nil)
	}
	r.happened(slog.LevelInfo, eventReconnected, nil)
	if sdk == nil {
		return
	}
	for _, rp := range sdk.GetRemoteParticipants() { // The SIDs of participants who rejoined have changed.
		r.seen(rp)
	}
}

// moved takes the name and the SID of the room that the agent was moved to. The SDK calls two
// callbacks in any order, and one of them has no SID.
func (r *room) moved(name, sid string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.name
	r.name = withoutNumber(name)
	for _, p := range r.participants {
		r.hideCaller(p.rp)
	}
	if sid != "" || r.name != before { // Otherwise the callback with the SID came first.
		r.sid = sid
	}
}

// disconnected ends the sessions when the agent has left the room.
func (r *room) disconnected(reason lksdk.DisconnectionReason) {
	r.mu.Lock()
	sdk := r.sdk
	r.mu.Unlock()
	var exact livekit.DisconnectReason
	if sdk != nil {
		exact = sdk.DisconnectReason()
	}
	end, name, err := disconnection(reason, exact)
	r.close(end, name, err)
}

// disconnection returns how the agent's disconnection ends the sessions, and the protocol's
// name of the reason. The SDK's reason has few values; the exact one is for others.
func disconnection(reason lksdk.DisconnectionReason, exact livekit.DisconnectReason) (end otelvoice.EndReason, name string, err error) {
	switch reason {
	case lksdk.LeaveRequested:
		return otelvoice.EndAgentHangup, reasonName(livekit.DisconnectReason_CLIENT_INITIATED), nil
	case lksdk.RoomClosed:
		return otelvoice.EndCompleted, reasonName(livekit.DisconnectReason_ROOM_CLOSED), nil
	case lksdk.ParticipantRemoved:
		return "", reasonName(livekit.DisconnectReason_PARTICIPANT_REMOVED), nil
	case lksdk.UserUnavailable:
		return "", reasonName(livekit.DisconnectReason_USER_UNAVAILABLE), nil
	case lksdk.RejectedByUser:
		return "", reasonName(livekit.DisconnectReason_USER_REJECTED), nil
	case lksdk.DuplicateIdentity:
		name = reasonName(livekit.DisconnectReason_DUPLICATE_IDENTITY)
	case lksdk.Failed:
		name = "failed"
	default:
		switch exact {
		case livekit.DisconnectReason_ROOM_DELETED: // By which many agents hang up.
			return otelvoice.EndAgentHangup, reasonName(exact), nil
		case livekit.DisconnectReason_UNKNOWN_REASON:
			name = "other"
		default:
			name = reasonName(exact)
			return otelvoice.EndError, name, errors.New("otellivekit: agent disconnected: " + describe(name))
		}
	}
	return otelvoice.EndError, name, errors.New("otellivekit: agent disconnected: " + string(reason))
}

// qualityChanged records a quality that differs from the last one.
func (r *room) qualityChanged(quality livekit.ConnectionQuality, who lksdk.Participant) {
	name, ok := livekit.ConnectionQuality_name[int32(quality)]
	if !ok {
		name = "other"
	}
	name = strings.ToLower(name)
	p := r.find(who)
	r.mu.Lock()
	last := &r.quality
	if p != nil {
		last = &p.quality
	}
	changed := *last != name
	*last = name
	r.mu.Unlock()
	if !changed {
		return
	}
	level := slog.LevelInfo
	if quality == livekit.ConnectionQuality_POOR || quality == livekit.ConnectionQuality_LOST {
		level = slog.LevelWarn
	}
	r.metrics.quality(r.context(), name)
	r.happened(level, eventQualityChanged, p, semconv.VoiceParticipantQuality(name), semconv.VoiceParticipantID(who.SID()))
}

// attributesChanged records that attributes changed, and keeps the status of a telephone call.
func (r *room) attributesChanged(changed map[string]string, p *participant) {
	status := changed[livekit.AttrSIPCallStatus]
	if p != nil && status != "" {
		r.mu.Lock()
		p.status = status
		r.mu.Unlock()
		r.happened(slog.LevelInfo, eventAttributesChanged, p, semconv.VoiceSIPCallStatus(status))
		return
	}
	r.happened(slog.LevelDebug, eventAttributesChanged, p, semconv.VoiceRoomEventItems(len(changed)))
}

func (r *room) subscribed(p *participant, pub *lksdk.RemoteTrackPublication) {
	if p != nil {
		r.mu.Lock()
		_, known := p.tracks[pub.SID()]
		kind := trackKind(pub)
		opened := !known && !p.ended // The participant may have left since the callback looked them up.
		if opened {
			p.tracks[pub.SID()] = kind
		}
		r.mu.Unlock()
		if opened {
			r.metrics.tracks(p.ctx, kind, 1)
		}
	}
	r.happened(slog.LevelInfo, eventTrackSubscribed, p, about(pub)...)
}

func (r *room) unsubscribed(p *participant, pub *lksdk.RemoteTrackPublication) {
	if p != nil {
		r.mu.Lock()
		kind, known := p.tracks[pub.SID()]
		delete(p.tracks, pub.SID())
		r.mu.Unlock()
		if known {
			r.metrics.tracks(p.ctx, kind, -1)
		}
	}
	r.happened(slog.LevelInfo, eventTrackUnsubscribed, p, about(pub)...)
}

// trackKind returns the kind of a track: audio or video.
func trackKind(pub lksdk.TrackPublication) string {
	if pub.Kind() == lksdk.TrackKindVideo {
		return semconv.VoiceTrackKindVideo
	}
	return semconv.VoiceTrackKindAudio
}
