// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// Callbacks returns callbacks for one room. They record the room's events and then call the
// callbacks of next, which may be nil:
//
//	room := lksdk.NewRoom(otellivekit.Callbacks(tel, &lksdk.RoomCallback{…}))
//	err := otellivekit.Join(ctx, room, url, token)
//	defer otellivekit.Disconnect(room)
//
// Each participant except for agents and recorders has a session ([otelvoice.Session]) from
// when they are first seen until they leave. It has the names of the room and the
// participant; for a telephone call it also has the call's IDs and hashed numbers. Telephone
// numbers in names, as in call-_+14155550123_Ab12, are recorded as [REDACTED:phone].
//
// When the agent loses its connection or is moved to another room, sessions stay open for
// [DefaultRejoinTimeout]. A participant who rejoins in that time continues their session; one
// who joins again without having left starts a new session. For ten seconds after a
// reconnection, sessions of participants who leave stay open for ten seconds, because
// clients often rejoin.
//
// Each event is counted (voice.room.event.count) and logged. Events that are not frequent
// (all except speaking, data and transcriptions) are also added to the session's span.
// Payloads, metadata and transcripts are not recorded, only their size.
//
// A panic in a callback of next ends the sessions with that error, is logged and flushed, and
// then continues, after at most one second. After the agent has left the room, callbacks
// are passed on and counted, and start no session.
//
// Use one result for one room. A frequent callback costs 0.3 µs and no allocation while
// debug logs are off (BenchmarkHotPaths). A room has one goroutine, which ends some seconds
// after the agent has left.
func Callbacks(tel *otelvoice.Telemetry, next *lksdk.RoomCallback, opts ...Option) *lksdk.RoomCallback {
	r := newRoom(tel, next, opts)
	cb := new(lksdk.RoomCallback)
	r.roomCallbacks(cb)
	r.localCallbacks(cb)
	r.participantCallbacks(cb)
	r.trackCallbacks(cb)
	r.messageCallbacks(cb)
	return cb
}

func (r *room) roomCallbacks(cb *lksdk.RoomCallback) {
	cb.OnDisconnected = func() {
		defer r.guard("OnDisconnected")
		r.next.OnDisconnected()
	}
	cb.OnDisconnectedWithReason = func(reason lksdk.DisconnectionReason) {
		defer r.disconnected(reason) // Deferred, because the callback of next may still use the session.
		defer r.guard("OnDisconnectedWithReason")
		r.next.OnDisconnectedWithReason(reason)
	}
	cb.OnActiveSpeakersChanged = func(speakers []lksdk.Participant) {
		r.happened(slog.LevelDebug, eventSpeakersChanged, nil, semconv.VoiceRoomEventItems(len(speakers)))
		defer r.guard("OnActiveSpeakersChanged")
		r.next.OnActiveSpeakersChanged(speakers)
	}
	cb.OnRoomMetadataChanged = func(metadata string) {
		r.happened(slog.LevelDebug, eventRoomMetadataChanged, nil, semconv.VoiceRoomEventItems(len(metadata)))
		defer r.guard("OnRoomMetadataChanged")
		r.next.OnRoomMetadataChanged(metadata)
	}
	cb.OnRecordingStatusChanged = func(recording bool) {
		event := eventRecordingStopped
		if recording {
			event = eventRecordingStarted
		}
		r.happened(slog.LevelInfo, event, nil)
		defer r.guard("OnRecordingStatusChanged")
		r.next.OnRecordingStatusChanged(recording)
	}
	cb.OnRoomMoved = func(name, token string) {
		r.moved(name, "")
		r.happened(slog.LevelInfo, eventMoved, nil)
		defer r.guard("OnRoomMoved")
		r.next.OnRoomMoved(name, token)
	}
	cb.OnRoomMovedWithSID = func(name, sid, token string) {
		r.moved(name, sid) // OnRoomMoved records the same event.
		defer r.guard("OnRoomMovedWithSID")
		r.next.OnRoomMovedWithSID(name, sid, token)
	}
	cb.OnReconnecting = func() {
		r.reconnecting()
		defer r.guard("OnReconnecting")
		r.next.OnReconnecting()
	}
	cb.OnReconnected = func() {
		r.reconnected()
		defer r.guard("OnReconnected")
		r.next.OnReconnected()
	}
}

func (r *room) localCallbacks(cb *lksdk.RoomCallback) {
	cb.OnLocalTrackPublished = func(pub *lksdk.LocalTrackPublication, lp *lksdk.LocalParticipant) {
		r.happened(slog.LevelInfo, eventLocalTrackPublished, nil, about(pub)...)
		defer r.guard("OnLocalTrackPublished")
		r.next.OnLocalTrackPublished(pub, lp)
	}
	cb.OnLocalTrackUnpublished = func(pub *lksdk.LocalTrackPublication, lp *lksdk.LocalParticipant) {
		r.happened(slog.LevelInfo, eventLocalTrackUnpublished, nil, about(pub)...)
		defer r.guard("OnLocalTrackUnpublished")
		r.next.OnLocalTrackUnpublished(pub, lp)
	}
	cb.OnLocalTrackSubscribed = func(pub *lksdk.LocalTrackPublication, lp *lksdk.LocalParticipant) {
		r.happened(slog.LevelInfo, eventLocalTrackSubscribed, nil, about(pub)...)
		defer r.guard("OnLocalTrackSubscribed")
		r.next.OnLocalTrackSubscribed(pub, lp)
	}
}

func (r *room) participantCallbacks(cb *lksdk.RoomCallback) {
	cb.OnParticipantConnected = func(rp *lksdk.RemoteParticipant) {
		r.seen(rp)
		defer r.guard("OnParticipantConnected")
		r.next.OnParticipantConnected(rp)
	}
	cb.OnParticipantDisconnected = func(rp *lksdk.RemoteParticipant) {
		defer r.leave(rp) // Deferred, because the callback of next may still use the session.
		defer r.guard("OnParticipantDisconnected")
		r.next.OnParticipantDisconnected(rp)
	}
	cb.OnMetadataChanged = func(old string, p lksdk.Participant) {
		r.happened(slog.LevelDebug, eventMetadataChanged, r.find(p))
		defer r.guard("OnMetadataChanged")
		r.next.OnMetadataChanged(old, p)
	}
	cb.OnAttributesChanged = func(changed map[string]string, p lksdk.Participant) {
		r.attributesChanged(changed, r.find(p))
		defer r.guard("OnAttributesChanged")
		r.next.OnAttributesChanged(changed, p)
	}
	cb.OnIsSpeakingChanged = func(p lksdk.Participant) {
		event := eventSpeakingStopped
		if p.IsSpeaking() {
			event = eventSpeakingStarted
		}
		r.happened(slog.LevelDebug, event, r.find(p))
		defer r.guard("OnIsSpeakingChanged")
		r.next.OnIsSpeakingChanged(p)
	}
	cb.OnConnectionQualityChanged = func(update *livekit.ConnectionQualityInfo, p lksdk.Participant) {
		r.qualityChanged(update.GetQuality(), p)
		defer r.guard("OnConnectionQualityChanged")
		r.next.OnConnectionQualityChanged(update, p)
	}
}

func (r *room) trackCallbacks(cb *lksdk.RoomCallback) {
	cb.OnTrackMuted = func(pub lksdk.TrackPublication, p lksdk.Participant) {
		r.happened(slog.LevelInfo, eventTrackMuted, r.find(p), about(pub)...)
		defer r.guard("OnTrackMuted")
		r.next.OnTrackMuted(pub, p)
	}
	cb.OnTrackUnmuted = func(pub lksdk.TrackPublication, p lksdk.Participant) {
		r.happened(slog.LevelInfo, eventTrackUnmuted, r.find(p), about(pub)...)
		defer r.guard("OnTrackUnmuted")
		r.next.OnTrackUnmuted(pub, p)
	}
	cb.OnTrackPublished = func(pub *lksdk.RemoteTrackPublication, rp *lksdk.RemoteParticipant) {
		// The SDK may hold the room's lock here, so methods of the room would deadlock.
		r.happened(slog.LevelDebug, eventTrackPublished, r.find(rp), about(pub)...)
		defer r.guard("OnTrackPublished")
		r.next.OnTrackPublished(pub, rp)
	}
	cb.OnTrackUnpublished = func(pub *lksdk.RemoteTrackPublication, rp *lksdk.RemoteParticipant) {
		r.happened(slog.LevelDebug, eventTrackUnpublished, r.find(rp), about(pub)...)
		defer r.guard("OnTrackUnpublished")
		r.next.OnTrackUnpublished(pub, rp)
	}
	cb.OnTrackSubscribed = func(track *webrtc.TrackRemote, pub *lksdk.RemoteTrackPublication, rp *lksdk.RemoteParticipant) {
		r.subscribed(r.seen(rp), pub)
		defer r.guard("OnTrackSubscribed")
		r.next.OnTrackSubscribed(track, pub, rp)
	}
	cb.OnTrackUnsubscribed = func(track *webrtc.TrackRemote, pub *lksdk.RemoteTrackPublication, rp *lksdk.RemoteParticipant) {
		r.unsubscribed(r.find(rp), pub)
		defer r.guard("OnTrackUnsubscribed")
		r.next.OnTrackUnsubscribed(track, pub, rp)
	}
	cb.OnTrackSubscriptionFailed = func(sid string, rp *lksdk.RemoteParticipant) {
		r.happened(slog.LevelWarn, eventSubscriptionFailed, r.seen(rp), semconv.VoiceTrackID(sid))
		defer r.guard("OnTrackSubscriptionFailed")
		r.next.OnTrackSubscriptionFailed(sid, rp)
	}
}

func (r *room) messageCallbacks(cb *lksdk.RoomCallback) {
	cb.OnDataReceived = func(data []byte, params lksdk.DataReceiveParams) {
		defer r.guard("OnDataReceived") // OnDataPacket counts the same packet.
		r.next.OnDataReceived(data, params)
	}
	cb.OnDataPacket = func(data lksdk.DataPacket, params lksdk.DataReceiveParams) {
		if p, ok := data.(*probe); ok {
			p.found = r
			return
		}
		var sender *participant
		if params.Sender != nil {
			sender = r.find(params.Sender)
		}
		r.happened(slog.LevelDebug, eventDataReceived, sender)
		defer r.guard("OnDataPacket")
		r.next.OnDataPacket(data, params)
	}
	cb.OnTranscriptionReceived = func(segments []*lksdk.TranscriptionSegment, p lksdk.Participant, pub lksdk.TrackPublication) {
		r.happened(slog.LevelDebug, eventTranscriptionReceived, r.find(p), semconv.VoiceRoomEventItems(len(segments)))
		defer r.guard("OnTranscriptionReceived")
		r.next.OnTranscriptionReceived(segments, p, pub)
	}
}

// flushTimeout bounds how long a panic is delayed.
const flushTimeout = time.Second

// guard records a panic of a callback of next and continues it. It must be deferred directly.
func (r *room) guard(callback string) {
	v := recover()
	if v == nil {
		return
	}
	err, stack := fmt.Errorf("panic in %s: %v", callback, v), string(debug.Stack())
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	go func() { // A log output, a span processor or an observer may block, which must not stop the panic.
		defer cancel()
		r.log.LogAttrs(r.context(), slog.LevelError, "callback panicked", otelvoice.Error(err), slog.String("stack", stack)) //nolint:contextcheck // The context of the room is never canceled.
		r.close(otelvoice.EndError, "panic", err)                                                                            //nolint:contextcheck // As above.
		_ = r.tel.ForceFlush(ctx)                                                                                            // An error does not matter beside the panic.
	}()
	<-ctx.Done()
	panic(v)
}

func (r *room) context() context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ctx
}

// The events of a room. Names are those of LiveKit's webhooks where these have one.
const (
	eventParticipantJoined     = "participant_joined"
	eventParticipantLeft       = "participant_left"
	eventParticipantAway       = "participant_away"
	eventParticipantRejoined   = "participant_rejoined"
	eventReconnecting          = "reconnecting"
	eventReconnected           = "reconnected"
	eventDisconnected          = "disconnected"
	eventMoved                 = "room_moved"
	eventSpeakersChanged       = "active_speakers_changed"
	eventRoomMetadataChanged   = "room_metadata_changed"
	eventMetadataChanged       = "metadata_changed"
	eventAttributesChanged     = "attributes_changed"
	eventRecordingStarted      = "recording_started"
	eventRecordingStopped      = "recording_stopped"
	eventSpeakingStarted       = "speaking_started"
	eventSpeakingStopped       = "speaking_stopped"
	eventQualityChanged        = "connection_quality_changed"
	eventTrackPublished        = "track_published"
	eventTrackUnpublished      = "track_unpublished"
	eventTrackSubscribed       = "track_subscribed"
	eventTrackUnsubscribed     = "track_unsubscribed"
	eventSubscriptionFailed    = "track_subscription_failed"
	eventTrackMuted            = "track_muted"
	eventTrackUnmuted          = "track_unmuted"
	eventLocalTrackPublished   = "local_track_published"
	eventLocalTrackUnpublished = "local_track_unpublished"
	eventLocalTrackSubscribed  = "local_track_subscribed"
	eventDataReceived          = "data_received"
	eventTranscriptionReceived = "transcription_received"
)

// describe returns the name of an event as words.
func describe(event string) string { return strings.ReplaceAll(event, "_", " ") }

// about returns the attributes of a track.
func about(pub lksdk.TrackPublication) []attribute.KeyValue {
	attrs := make([]attribute.KeyValue, 0, 2)
	if sid := pub.SID(); sid != "" {
		attrs = append(attrs, semconv.VoiceTrackID(sid))
	}
	if kind := pub.Kind(); kind != "" {
		attrs = append(attrs, semconv.VoiceTrackKind(kind.String()))
	}
	return attrs
}
