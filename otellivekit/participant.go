// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// participant is a remote participant. The room's mutex guards its fields, except for kind,
// ctx and session, which never change.
type participant struct {
	kind    string
	ctx     context.Context    //nolint:containedctx // Has the session, for later events; never canceled.
	session *otelvoice.Session // Nil for agents and recorders.

	rp      *lksdk.RemoteParticipant
	sid     string
	status  string            // The status of a telephone call.
	quality string            // Of the connection.
	tracks  map[string]string // The kinds of the subscribed tracks, by SID.
	readers []*TrackReader
	media   sums          // The sum of readers that have ended.
	outage  time.Duration // How long the agent's connection was lost.
	away    *time.Timer   // Ends the session of a participant who may rejoin.
	ended   bool          // The session has ended.
}

// rememberedLeavers is how many participants are remembered after they left.
const rememberedLeavers = 64

// seen returns the participant. It starts their session if they are new. It returns nil if
// the participant has left, or the agent has left the room.
func (r *room) seen(rp *lksdk.RemoteParticipant) *participant {
	identity, sid := rp.Identity(), rp.SID()
	r.mu.Lock()
	if joining := r.joining; joining != nil && r.sdk == nil {
		r.mu.Unlock()
		r.bind(joining)
		r.mu.Lock()
	}
	p := r.participants[identity]
	switch {
	case r.closed, p == nil && r.left.has(sid):
		r.mu.Unlock()
		return nil
	case p == nil:
		p = r.joined(rp)
		r.mu.Unlock()
		r.happened(slog.LevelInfo, eventParticipantJoined, p, semconv.VoiceParticipantID(sid))
		return p
	case p.sid == sid && p.away == nil:
		r.mu.Unlock()
		return p
	}
	// The participant joined again. If they left first and the SDK has not called the
	// callback yet, which it does on a goroutine of its own, the object is a new one.
	reason := livekit.DisconnectReason_DUPLICATE_IDENTITY
	if p.rp != rp {
		reason = p.rp.DisconnectReason()
	}
	if p.away != nil || r.waits(reason) > 0 {
		if p.away != nil {
			p.away.Stop()
			p.away = nil
		}
		p.rp, p.sid = rp, sid
		r.mu.Unlock()
		r.happened(slog.LevelInfo, eventParticipantRejoined, p, semconv.VoiceParticipantID(sid))
		return p
	}
	r.forget(identity, p)
	again := r.joined(rp)
	r.mu.Unlock()
	end, err := ended(reason)
	r.recordLeft(p, end, reason, err)
	r.happened(slog.LevelInfo, eventParticipantJoined, again, semconv.VoiceParticipantID(sid))
	return again
}

// churn is how long after an outage participants may leave and rejoin, because their clients
// had the outage, too. Their disconnect reason is then that of a normal hang-up.
const churn = 10 * time.Second

// waits returns how long the session of a participant who left stays open for them to
// rejoin: if the agent lost its connection or was moved, or after an outage. It is 0 for a
// participant who was removed. The caller holds the mutex.
func (r *room) waits(reason livekit.DisconnectReason) time.Duration {
	switch reason {
	case livekit.DisconnectReason_MIGRATION:
		return r.config.rejoin
	case livekit.DisconnectReason_PARTICIPANT_REMOVED, livekit.DisconnectReason_ROOM_DELETED, livekit.DisconnectReason_ROOM_CLOSED,
		livekit.DisconnectReason_USER_UNAVAILABLE, livekit.DisconnectReason_USER_REJECTED:
		return 0
	case livekit.DisconnectReason_UNKNOWN_REASON:
		if r.wasLost() {
			return r.config.rejoin
		}
		return 0
	default:
		if !r.lost.IsZero() || time.Since(r.back) < churn {
			return min(churn, r.config.rejoin)
		}
		return 0
	}
}

// joined adds and counts a participant, and starts their session. The caller holds the mutex.
func (r *room) joined(rp *lksdk.RemoteParticipant) *participant {
	p := r.newParticipant(rp)
	r.participants[rp.Identity()] = p
	r.metrics.participants(r.ctx, p.kind, 1)
	return p
}

// newParticipant returns a participant with a new session. The caller holds the mutex.
func (r *room) newParticipant(rp *lksdk.RemoteParticipant) *participant {
	identity, attrs := rp.Identity(), rp.Attributes()
	p := &participant{
		kind: kindName(rp.Kind()), ctx: r.ctx, rp: rp, sid: rp.SID(),
		status: attrs[livekit.AttrSIPCallStatus], tracks: make(map[string]string),
	}
	if rp.Kind() == lksdk.ParticipantAgent || rp.Kind() == lksdk.ParticipantEgress {
		return p
	}
	ctx := Extract(r.ctx, r.tel, rp.Metadata())
	ctx = ExtractAttributes(ctx, r.tel, attrs)
	start := []attribute.KeyValue{semconv.VoiceParticipantID(p.sid), semconv.VoiceParticipantKind(p.kind)}
	channel := "webrtc"
	if rp.Kind() == lksdk.ParticipantSIP {
		channel = "phone"
		// LiveKit derives the identity of a caller from the number.
		start = append(start, semconv.VoiceParticipantIdentity(r.hash(identity)))
		start = append(start, r.telephone(attrs)...)
		r.hideCaller(rp)
	} else {
		start = append(start, semconv.VoiceParticipantIdentity(withoutNumber(identity)))
	}
	if r.name != "" {
		start = append(start, semconv.VoiceRoomName(r.name))
	}
	p.ctx, p.session = r.tel.StartSession(ctx, otelvoice.WithChannel(channel), otelvoice.WithAttributes(start...))
	p.session.OnTurn(r.observe(p))
	return p
}

// telephone returns the attributes that the SIP bridge has of a call.
func (r *room) telephone(attrs map[string]string) (out []attribute.KeyValue) {
	for _, a := range []struct {
		key string
		to  func(string) attribute.KeyValue
	}{
		{livekit.AttrSIPCallID, semconv.VoiceSIPCallID},
		{livekit.AttrSIPTrunkID, semconv.VoiceSIPTrunkID},
		{livekit.AttrSIPDispatchRuleID, semconv.VoiceSIPRuleID},
		{livekit.AttrSIPPhoneNumber, func(n string) attribute.KeyValue { return semconv.VoiceSIPPhoneNumberHash(r.hash(n)) }},
		{livekit.AttrSIPTrunkNumber, func(n string) attribute.KeyValue { return semconv.VoiceSIPTrunkPhoneNumberHash(r.hash(n)) }},
	} {
		if v := attrs[a.key]; v != "" {
			out = append(out, a.to(v))
		}
	}
	return out
}

// hideCaller removes the telephone number of a caller from the room's name. The caller of the
// function holds the mutex.
func (r *room) hideCaller(rp *lksdk.RemoteParticipant) {
	if rp.Kind() != lksdk.ParticipantSIP {
		return
	}
	attrs := rp.Attributes()
	for _, number := range []string{attrs[livekit.AttrSIPPhoneNumber], attrs[livekit.AttrSIPTrunkNumber], rp.Identity()} {
		r.name = withoutDigits(r.name, number)
	}
}

// hash returns the keyed hash of a telephone number. Punctuation and spaces are ignored: the
// hashes of +1 (555) 0100 and 15550100 are equal.
func (r *room) hash(number string) string {
	digits := digitsOf(number)
	if digits == "" {
		digits = number
	}
	mac := hmac.New(sha256.New, r.config.hashKey)
	mac.Write([]byte(digits))
	return "p_" + hex.EncodeToString(mac.Sum(nil)[:8])
}

// find returns a known participant, or nil.
func (r *room) find(p lksdk.Participant) *participant {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.participants[p.Identity()]
}

// forget removes a participant. The caller holds the mutex.
func (r *room) forget(identity string, p *participant) {
	delete(r.participants, identity)
	r.left.put(p.sid, struct{}{})
}

// leave ends a participant's session, or keeps it open if they may rejoin.
func (r *room) leave(rp *lksdk.RemoteParticipant) {
	identity, reason := rp.Identity(), rp.DisconnectReason()
	r.mu.Lock()
	p := r.participants[identity]
	if p == nil || p.sid != rp.SID() || p.away != nil {
		r.mu.Unlock()
		return
	}
	if wait := r.waits(reason); wait > 0 {
		p.away = time.AfterFunc(wait, func() { r.stayedAway(identity, p, reason) })
		r.mu.Unlock()
		r.happened(slog.LevelInfo, eventParticipantAway, p, semconv.VoiceRoomDisconnectReason(reasonName(reason)))
		return
	}
	r.forget(identity, p)
	r.mu.Unlock()
	end, err := ended(reason)
	r.recordLeft(p, end, reason, err)
}

// recordLeft records that a participant left and ends their session.
func (r *room) recordLeft(p *participant, end otelvoice.EndReason, reason livekit.DisconnectReason, err error) {
	level := slog.LevelInfo
	if err != nil {
		level = slog.LevelWarn
	}
	r.happened(level, eventParticipantLeft, p, semconv.VoiceRoomDisconnectReason(reasonName(reason)))
	r.end(p, end, reasonName(reason), err)
}

var errStayedAway = errors.New("otellivekit: participant did not rejoin after the agent reconnected")

// stayedAway ends the session of a participant who did not rejoin in time.
func (r *room) stayedAway(identity string, p *participant, reason livekit.DisconnectReason) {
	r.mu.Lock()
	if r.participants[identity] != p || p.away == nil {
		r.mu.Unlock()
		return
	}
	if !r.lost.IsZero() { // A participant cannot be seen before the agent has reconnected.
		p.away.Reset(max(r.config.rejoin, time.Second))
		r.mu.Unlock()
		return
	}
	r.forget(identity, p)
	r.mu.Unlock()
	end, err := ended(reason)
	if reason == livekit.DisconnectReason_UNKNOWN_REASON {
		end, err = otelvoice.EndError, errStayedAway
	}
	r.recordLeft(p, end, reason, err)
}

// end ends the session of a participant who has left.
func (r *room) end(p *participant, end otelvoice.EndReason, reason string, err error) {
	r.mu.Lock()
	p.ended = true
	if p.away != nil {
		p.away.Stop()
	}
	attrs := []attribute.KeyValue{semconv.VoiceRoomDisconnectReason(reason), semconv.VoiceParticipantID(p.sid)}
	if r.sid != "" {
		attrs = append(attrs, semconv.VoiceRoomID(r.sid))
	}
	if r.name != "" {
		attrs = append(attrs, semconv.VoiceRoomName(r.name))
	}
	if p.status != "" {
		attrs = append(attrs, semconv.VoiceSIPCallStatus(p.status))
	}
	if p.outage > 0 {
		attrs = append(attrs, semconv.VoiceRoomOutage(p.outage.Seconds()))
	}
	for sid, kind := range p.tracks {
		r.metrics.tracks(p.ctx, kind, -1)
		delete(p.tracks, sid)
	}
	r.mu.Unlock()
	r.metrics.participants(p.ctx, p.kind, -1)
	p.session.SetAttributes(attrs...)
	if end != "" {
		p.session.SetEndReason(end)
	}
	p.session.Fail(err)
	p.session.End()
}

// event adds an event to the session's span.
func (p *participant) event(attrs []attribute.KeyValue) {
	if p.session != nil {
		trace.SpanFromContext(p.ctx).AddEvent(semconv.EventVoiceRoomEvent, trace.WithAttributes(attrs...))
	}
}

// ended returns how a participant's disconnection ends the session.
func ended(reason livekit.DisconnectReason) (otelvoice.EndReason, error) {
	switch reason {
	case livekit.DisconnectReason_CLIENT_INITIATED:
		return otelvoice.EndUserHangup, nil
	case livekit.DisconnectReason_PARTICIPANT_REMOVED, livekit.DisconnectReason_ROOM_DELETED, livekit.DisconnectReason_ROOM_CLOSED:
		return otelvoice.EndAgentHangup, nil
	case livekit.DisconnectReason_MIGRATION:
		return otelvoice.EndTransferred, nil
	case livekit.DisconnectReason_UNKNOWN_REASON, livekit.DisconnectReason_DUPLICATE_IDENTITY,
		livekit.DisconnectReason_USER_UNAVAILABLE, livekit.DisconnectReason_USER_REJECTED:
		return "", nil // No end reason fits; the attribute has LiveKit's reason.
	default:
		return otelvoice.EndError, fmt.Errorf("otellivekit: participant disconnected: %s", describe(reasonName(reason)))
	}
}

// reasonName returns a known reason in lower case, or "other".
func reasonName(reason livekit.DisconnectReason) string {
	if name, ok := livekit.DisconnectReason_name[int32(reason)]; ok {
		return strings.ToLower(name)
	}
	return "other"
}

// kindName returns a known kind of participant in lower case, or "other".
func kindName(kind lksdk.ParticipantKind) string {
	if name, ok := livekit.ParticipantInfo_Kind_name[int32(kind)]; ok {
		return strings.ToLower(name)
	}
	return "other"
}
