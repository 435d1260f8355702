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

// room is what the toolkit knows of one room that an agent is in.
type room struct {
	tel     *otelvoice.Telemetry
	next    *lksdk.RoomCallback
	config  config
	log     *slog.Logger
	metrics *metrics

	closing sync.Mutex // Held while the room is closed, so that who closes it too waits.

	mu           sync.Mutex
	ctx          context.Context         //nolint:containedctx // What participants without a trace of their own continue; never cancelled.
	joining      *lksdk.Room             // Given to Join.
	sdk          *lksdk.Room             // Nil until it is connected and known: callbacks don't tell which room they are of.
	name, sid    string                  // The name without telephone numbers.
	participants map[string]*participant // By identity.
	left         recent[struct{}]        // The sids of the last who left, so that what comes late starts nothing.
	lost         time.Time               // When the connection was lost, if it is.
	back         time.Time               // When it last came back.
	closed       bool
	failed       bool          // Closed because a join failed: the next one opens it again.
	done         chan struct{} // Closed with the room.
	quality      string        // Of the agent's connection.
	rtt          time.Duration // By the newest measurement; 0 if unknown.
}

// An Option changes what [Callbacks] records. Nil options are ignored.
type Option interface{ apply(*config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

type config struct {
	hashKey []byte
	rejoin  time.Duration
}

// DefaultRejoinTimeout is how long a participant's session waits for them when the
// agent lost its own connection, or was moved to another room.
const DefaultRejoinTimeout = 30 * time.Second

// WithRejoinTimeout changes [DefaultRejoinTimeout]. Zero ends the sessions at once.
func WithRejoinTimeout(timeout time.Duration) Option {
	return option(func(c *config) { c.rejoin = max(timeout, 0) })
}

// WithPhoneHashKey sets the key that telephone numbers are hashed with (HMAC-SHA256).
// With one key everywhere the calls of a number can be found, by those who have the
// key. Without, each room has a random one: a plain hash of a telephone number is
// no secret, for there are few numbers.
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
	if next != nil && next.OnRoomMoved != nil {
		r.next.OnRoomMoved = next.OnRoomMoved // Merge of v2.13.0 forgets it.
	}
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

// probe is a data packet that never leaves the process. The SDK keeps a room's
// callbacks to itself, but hands them packets: the callback that [Callbacks] made
// answers a probe with its room, and no table from rooms to their telemetry has to be
// kept, or forgotten, anywhere.
type probe struct{ found *room }

// ToProto makes a probe a packet.
func (*probe) ToProto() *livekit.DataPacket { return &livekit.DataPacket{} }

// probeIdentity is nobody's identity: the SDK ignores packets of its own participant.
const probeIdentity = "\x00otelvoice"

// roomOf returns what [Callbacks] made for a room, or nil.
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

// Disconnect leaves the room, and ends the sessions in it, as hung up by the agent
// unless somebody gave another reason. The SDK tells nobody when it was the agent who
// left: after room.Disconnect alone, the sessions end within some seconds.
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

// SessionFromRoom returns the session of the participant with an identity, and ctx
// with the session, its trace and its ids in it, so that an agent's turns are the
// participant's:
//
//	ctx, session := otellivekit.SessionFromRoom(ctx, room, rp.Identity())
//	ctx, turn := session.StartTurn(ctx)
//
// Each participant who is neither an agent nor a recorder has a session of their own.
//
// It must not be called from OnTrackPublished, OnTrackUnpublished, OnTrackMuted,
// OnTrackUnmuted, OnMetadataChanged or OnAttributesChanged: the SDK may hold the room's
// lock there, so that nothing can be asked of the room.
//
// For an identity without a session, and in rooms whose callbacks are not [Callbacks],
// the session is nil, which does nothing, and ctx comes back in the trace of the room,
// if there is one.
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

// valuesOf is one context with the values of another in front of its own.
type valuesOf struct {
	context.Context //nolint:containedctx // It is a context.

	values context.Context //nolint:containedctx // As above.
}

// Value returns the other context's value, or else this one's.
func (c valuesOf) Value(key any) any {
	if v := c.values.Value(key); v != nil {
		return v
	}
	return c.Context.Value(key)
}

// bind takes what is known once the room is, the first time that it is connected.
func (r *room) bind(sdk *lksdk.Room) {
	if sdk.ConnectionState() == lksdk.ConnectionStateDisconnected {
		return
	}
	if !r.unbound() {
		return
	}
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

	r.log.LogAttrs(ctx, slog.LevelInfo, "joined the room", slog.String(string(semconv.VoiceRoomNameKey), name))
	go func() { // It may take two seconds to be known; leaving the room ends the wait.
		sid := sdk.SID()
		r.mu.Lock()
		if r.done == done { // Else a join that failed is over, and another may have begun.
			r.sid = sid
		}
		r.mu.Unlock()
		r.watch(sdk, done)
	}()
	for _, rp := range sdk.GetRemoteParticipants() { // They were there first: no callback told.
		r.seen(rp)
	}
}

// unbound reports whether the room waits for what is known once it is connected.
func (r *room) unbound() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sdk == nil && !r.closed
}

// happened tells what happened in the room: a line, a count and, if it is about a
// participant with a session, or about all, an event of the session's span.
func (r *room) happened(level slog.Level, event string, p *participant, attrs ...attribute.KeyValue) {
	r.mu.Lock()
	if len(r.participants) == 1 && p == nil { // What happens to all happens to the only one.
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
	if level >= slog.LevelInfo { // The others are too many for a span.
		r.addEvent(p, append([]attribute.KeyValue{semconv.VoiceRoomEvent(event)}, attrs...))
	}
	if r.log.Enabled(ctx, level) {
		r.log.LogAttrs(ctx, level, describe(event), r.line(event, attrs)...)
	}
}

// addEvent adds an event to the span of a participant's session, or of every one's.
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

// line returns what the line of an event says.
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

// close ends every session of the room. What comes later is passed on and starts
// nothing.
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
