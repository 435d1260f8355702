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

// Callbacks returns callbacks for one room that record what happens in it and then
// call those of next, which may be nil:
//
//	room := lksdk.NewRoom(otellivekit.Callbacks(tel, &lksdk.RoomCallback{…}))
//	err := otellivekit.Join(ctx, room, url, token)
//	defer otellivekit.Disconnect(room)
//
// A session ([otelvoice.Session]) lasts from the moment that a participant is seen to
// the one that they leave, with the room's and the participant's names in it, and for
// a call by telephone its ids and, hashed, its numbers. Telephone numbers in names, as in
// call-_+14155550123_Ab12, are recorded as [REDACTED:phone]. Agents and recorders have none.
// When the agent loses its connection or is moved to another room, the sessions wait
// for their participants ([DefaultRejoinTimeout]); somebody who joins again meanwhile
// goes on in the same session, and somebody who joins a second time starts another. For
// ten seconds after an outage those who leave are waited for as well, as long: their
// clients come and go, and a hang-up is only known to be one afterwards.
//
// What happens is counted (voice.room.event.count), written as a line, and, unless it
// is frequent (speaking, data, transcriptions), an event of the session's span. What
// is said, sent or set is not recorded, only how much of it there was.
//
// A callback of next that panics ends the sessions with that error, is logged and flushed,
// and panics on, as it would have without the toolkit: within a second, whatever hangs.
// After the room is left, callbacks are passed on, counted, and start nothing.
//
// One result serves one room. A callback of the frequent ones costs 0.3 µs and no
// allocation while debug lines are off (BenchmarkHotPaths); a room costs one goroutine,
// which ends some seconds after the room is left.
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
		defer r.disconnected(reason) // After the user's, who may still have something to say.
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
		r.mu.Lock()
		r.name, r.sid = withoutNumber(name), "" // The new room's id isn't told.
		r.mu.Unlock()
		r.happened(slog.LevelInfo, eventMoved, nil)
		defer r.guard("OnRoomMoved")
		r.next.OnRoomMoved(name, token)
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
		defer r.leave(rp) // After the user's, who may still have something to say.
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
		// The SDK may hold the room's lock: nothing can be asked of the room.
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
		defer r.guard("OnDataReceived") // Counted as a packet, which it is as well.
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

// flushTimeout bounds how long the end of a process that panics is put off.
const flushTimeout = time.Second

// guard, deferred around a callback of the user's, records its panic and lets it go on.
func (r *room) guard(callback string) {
	v := recover()
	if v == nil {
		return
	}
	err, stack := fmt.Errorf("panic in %s: %v", callback, v), string(debug.Stack())
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	go func() { // A log output, a span processor or an observer may hang, and must not keep the panic.
		defer cancel()
		r.log.LogAttrs(r.context(), slog.LevelError, "a callback panicked", otelvoice.Error(err), slog.String("stack", stack)) //nolint:contextcheck // The room's is never cancelled.
		r.close(otelvoice.EndError, "panic", err)                                                                              //nolint:contextcheck // As above.
		_ = r.tel.ForceFlush(ctx)                                                                                              // Whatever it says, the panic is what matters now.
	}()
	<-ctx.Done()
	panic(v)
}

func (r *room) context() context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ctx
}

// What happens in a room, in the words of LiveKit's webhooks where they have one.
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

// describe returns an event in words.
func describe(event string) string { return strings.ReplaceAll(event, "_", " ") }

// about says what a callback's track is.
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
