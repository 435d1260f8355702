// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"context"
	"crypto/rand"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// room is the telemetry of one room.
type room struct {
	tel     *otelvoice.Telemetry
	next    *lksdk.RoomCallback
	config  config
	log     *slog.Logger
	metrics *metrics

	closing sync.Mutex // Held while the room is closed, so that concurrent closes wait.

	mu           sync.Mutex
	ctx          context.Context         //nolint:containedctx // The trace for participants without one of their own; never canceled.
	joining      *lksdk.Room             // Set during Join.
	sdk          *lksdk.Room             // Nil until the room is connected and known: callbacks do not have their room.
	name, sid    string                  // The name without telephone numbers.
	participants map[string]*participant // By identity.
	left         recent[struct{}]        // The SIDs of the last participants who left, for late callbacks.
	lost         time.Time               // When the connection was lost; zero if it is not.
	back         time.Time               // When it was last restored.
	closed       bool
	failed       bool          // Closed because a join failed; the next join reopens it.
	done         chan struct{} // Closed when the room is.
	quality      string        // Of the agent's connection.
	rtt          time.Duration // The last measurement; 0 if unknown.
}

// An Option configures [Callbacks]. Nil options are ignored.
type Option interface{ apply(*config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

type config struct {
	hashKey []byte
	rejoin  time.Duration
}

// DefaultRejoinTimeout is how long a participant's session stays open for them to rejoin,
// after the agent lost its connection or was moved to another room.
const DefaultRejoinTimeout = 30 * time.Second

// WithRejoinTimeout replaces [DefaultRejoinTimeout]. Zero ends the sessions at once.
func WithRejoinTimeout(timeout time.Duration) Option {
	return option(func(c *config) { c.rejoin = max(timeout, 0) })
}

// WithPhoneHashKey sets the key for hashing telephone numbers (HMAC-SHA256). If all rooms use
// the same key, the holder of the key can find the calls of a number. By default each room has
// a random key, because an unkeyed hash of a telephone number can be reversed by trying all
// numbers.
func WithPhoneHashKey(key []byte) Option {
	return option(func(c *config) { c.hashKey = append([]byte(nil), key...) })
}

func newRoom(tel *otelvoice.Telemetry, next *lksdk.RoomCallback, opts []Option) *room {
	r := &room{
		tel:          tel,
		next:         lksdk.NewRoomCallback(),
		config:       config{rejoin: DefaultRejoinTimeout},
		log:          tel.Logger("livekit.room", component()),
		metrics:      newMetrics(tel),
		ctx:          context.Background(),
		participants: make(map[string]*participant),
		left:         recent[struct{}]{limit: rememberedLeavers},
		done:         make(chan struct{}),
	}
	r.next.Merge(next)
	for _, opt := range opts {
		if opt != nil {
			opt.apply(&r.config)
		}
	}
	if len(r.config.hashKey) == 0 {
		r.config.hashKey = []byte(rand.Text())
	}
	return r
}

// probe is a data packet that is never sent. The SDK does not expose a room's callbacks, but
// passes packets to them: the callback that [Callbacks] made sets found. That avoids a table
// from rooms to their telemetry.
type probe struct{ found *room }

// ToProto makes a probe an [lksdk.DataPacket].
func (*probe) ToProto() *livekit.DataPacket { return &livekit.DataPacket{} }

// probeIdentity is no participant's identity: the SDK ignores packets of its own participant.
const probeIdentity = "\x00otelvoice"

// roomOf returns the telemetry of a room with [Callbacks], or nil.
func roomOf(sdk *lksdk.Room) *room {
	if sdk == nil {
		return nil
	}
	p := new(probe)
	sdk.OnDataPacket(probeIdentity, p)
	if p.found != nil {
		p.found.bind(sdk)
	}
	return p.found
}

// Disconnect leaves the room and ends its sessions. Their end reason is that the agent hung
// up, unless another was set. After room.Disconnect alone, the sessions end within some
// seconds, because the SDK does not always call a callback when the agent itself leaves.
func Disconnect(room *lksdk.Room) {
	if room == nil {
		return
	}
	r := roomOf(room)
	room.Disconnect()
	if r != nil {
		r.close(otelvoice.EndAgentHangup, "client_initiated", nil)
	}
}

// SessionFromRoom returns the session of the participant with an identity, and ctx with the
// session, its trace and its IDs. Use it for the agent's turns with the participant:
//
//	ctx, session := otellivekit.SessionFromRoom(ctx, room, rp.Identity())
//	ctx, turn := session.StartTurn(ctx)
//
// Each participant except for agents and recorders has a session.
//
// Do not call it from OnTrackPublished, OnTrackUnpublished, OnTrackMuted, OnTrackUnmuted,
// OnMetadataChanged or OnAttributesChanged: the SDK may hold the room's lock there.
//
// For an identity without a session, and in rooms without [Callbacks], the session is nil,
// whose methods are no-ops, and ctx has the trace of the room, if there is one.
func SessionFromRoom(ctx context.Context, room *lksdk.Room, identity string) (context.Context, *otelvoice.Session) {
	if ctx == nil {
		ctx = context.Background()
	}
	r := roomOf(room)
	if r == nil {
		return ctx, nil
	}
	if rp := room.GetParticipantByIdentity(identity); rp != nil {
		r.seen(rp)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.participants[identity]; p != nil {
		return valuesOf{ctx, p.ctx}, p.session
	}
	return valuesOf{ctx, r.ctx}, nil
}

// valuesOf is a context that looks up values in another context first.
type valuesOf struct {
	context.Context //nolint:containedctx // The type is a context.

	values context.Context //nolint:containedctx // As above.
}

// Value returns the value of the other context, or else of this one.
func (c valuesOf) Value(key any) any {
	if v := c.values.Value(key); v != nil {
		return v
	}
	return c.Context.Value(key)
}

// bind reads the name and the trace of the room when the server has admitted the agent.
func (r *room) bind(sdk *lksdk.Room) {
	if !r.unbound() || !admitted(sdk) || left(sdk) {
		return
	}
	mark(sdk)
	present := sdk.GetRemoteParticipants() // Without the mutex: the SDK may call back with its own held.
	r.mu.Lock()
	if r.sdk != nil || r.closed {
		r.mu.Unlock()
		return
	}
	r.sdk = sdk
	r.name = withoutNumber(sdk.Name())
	for _, rp := range present {
		r.hideCaller(rp)
	}
	r.ctx = Extract(r.ctx, r.tel, sdk.Metadata())
	r.ctx = ExtractAttributes(r.ctx, r.tel, sdk.LocalParticipant.Attributes())
	ctx, done, name := r.ctx, r.done, r.name
	r.mu.Unlock()

	r.log.LogAttrs(ctx, slog.LevelInfo, "room joined", slog.String(string(semconv.VoiceRoomNameKey), name))
	go func() { // The SID may take two seconds to arrive. Leaving the room ends the wait.
		sid := sdk.SID()
		r.mu.Lock()
		if r.done == done && r.sid == "" { // Otherwise the join has failed, and another may have begun; or the agent was moved.
			r.sid = sid
		}
		r.mu.Unlock()
		r.watch(sdk, done)
	}()
	for _, rp := range sdk.GetRemoteParticipants() { // They joined before the agent, without a callback.
		r.seen(rp)
	}
}

// unbound reports whether bind has yet to read the room.
func (r *room) unbound() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sdk == nil && !r.closed
}

// happened records an event of the room: a log line, a count and an event on the span of the
// participant's session, or of all sessions if p is nil.
func (r *room) happened(level slog.Level, event string, p *participant, attrs ...attribute.KeyValue) {
	r.mu.Lock()
	if len(r.participants) == 1 && p == nil { // An event of the room belongs to its only participant.
		for _, p = range r.participants {
			break
		}
	}
	ctx := r.ctx
	if p != nil {
		ctx = p.ctx
	}
	r.mu.Unlock()

	r.metrics.event(ctx, event)
	if level >= slog.LevelInfo { // Debug events are too many for a span.
		r.addEvent(p, append([]attribute.KeyValue{semconv.VoiceRoomEvent(event)}, attrs...))
	}
	if r.log.Enabled(ctx, level) {
		r.log.LogAttrs(ctx, level, describe(event), r.line(event, attrs)...)
	}
}

// addEvent adds an event to the span of a participant's session, or of all sessions.
func (r *room) addEvent(p *participant, attrs []attribute.KeyValue) {
	if p != nil {
		p.event(attrs)
		return
	}
	r.mu.Lock()
	all := slices.Collect(maps.Values(r.participants))
	r.mu.Unlock()
	for _, p := range all {
		p.event(attrs)
	}
}

// line returns the attributes of an event's log line.
func (r *room) line(event string, attrs []attribute.KeyValue) []slog.Attr {
	line := make([]slog.Attr, 0, len(attrs)+3)
	line = append(line, slog.String(string(semconv.VoiceRoomEventKey), event))
	for _, kv := range attrs {
		line = append(line, slog.Any(string(kv.Key), kv.Value.AsInterface()))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.name != "" {
		line = append(line, slog.String(string(semconv.VoiceRoomNameKey), r.name))
	}
	if r.sid != "" {
		line = append(line, slog.String(string(semconv.VoiceRoomIDKey), r.sid))
	}
	return line
}

// close ends all sessions of the room. Later callbacks are passed on and start no session.
func (r *room) close(end otelvoice.EndReason, reason string, err error) {
	r.closing.Lock()
	defer r.closing.Unlock()
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return
	}
	lost := r.lost
	r.lost = time.Time{}
	r.mu.Unlock()
	if !lost.IsZero() {
		r.metrics.reconnected(r.context(), time.Since(lost), errGivenUp)
	}
	level := slog.LevelInfo
	if err != nil {
		level = slog.LevelError
	}
	r.happened(level, eventDisconnected, nil, semconv.VoiceRoomDisconnectReason(reason))

	r.mu.Lock()
	r.closed = true
	close(r.done)
	open := make([]*participant, 0, len(r.participants))
	for identity, p := range r.participants {
		open = append(open, p)
		delete(r.participants, identity)
	}
	r.mu.Unlock()
	for _, p := range open {
		r.end(p, end, reason, err)
	}
}
