// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"context"
	"errors"
	"fmt"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/voice-agents/telemetry/otelvoice"
)

// Join joins a room whose callbacks are [Callbacks]: room.JoinWithToken, timed, as an
// operation of the trace in the token ([SignToken]), or else of that in ctx. Participants
// who bring no trace of their own continue that one; they bring one when their token
// was signed as well, or when the room's metadata has one ([Inject]). A room with other
// callbacks is just joined.
//
// The cancellation of ctx is not heard: the SDK's join can't be cancelled.
//
// A join that fails leaves nothing behind: the trace is forgotten. If the server had let the
// agent in and the media connection failed, the sessions that began meanwhile end with the
// error, and callbacks that still come start none. The room can be joined again by Join.
func Join(ctx context.Context, room *lksdk.Room, url, token string, opts ...lksdk.ConnectOption) error { //nolint:contextcheck // A room has a context of its own.
	r := roomOf(room)
	if r == nil {
		return room.JoinWithToken(url, token, opts...)
	}
	if ctx == nil {
		ctx = context.Background()
	}
	ctx = ExtractAttributes(r.tel.Context(ctx), r.tel, attributesOf(token))
	j := r.startJoin(ctx, room)
	joined := false
	var err error
	defer func() { // Also if the join panics.
		if !joined {
			r.joinFailed(j, err)
		}
	}()
	start := time.Now()
	_, err = otelvoice.Timed(ctx, "livekit join", func(context.Context) (struct{}, error) {
		return struct{}{}, room.JoinWithToken(url, token, opts...)
	})
	r.metrics.joined(ctx, time.Since(start), err)
	if err != nil {
		return fmt.Errorf("otellivekit: join the room: %w", err)
	}
	joined = true
	r.bind(room)
	return nil
}

// errJoinPanicked is the end of a join that did not return.
var errJoinPanicked = errors.New("otellivekit: the join panicked")

// A join is one that goes on, with what is put back if it fails.
type join struct {
	sdk   *lksdk.Room
	ctx   context.Context //nolint:containedctx // The room's before the join.
	bound bool            // The room was joined already: it stays so.
}

// startJoin keeps the trace of a join for the participants whose callbacks come before the
// join returns.
func (r *room) startJoin(ctx context.Context, sdk *lksdk.Room) join {
	if ctx.Done() != nil {
		ctx = context.WithoutCancel(ctx)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed {
		r.failed, r.closed, r.done = false, false, make(chan struct{})
		r.sdk, r.name, r.sid = nil, "", ""
	}
	j := join{sdk: sdk, ctx: r.ctx, bound: r.sdk != nil}
	r.ctx, r.joining = ctx, sdk
	return j
}

// joinFailed undoes startJoin. The SDK calls back about participants as soon as the server
// has let the agent in, and goes on to do so when the media connection then fails: a room
// in that state is closed until it is joined again.
func (r *room) joinFailed(j join, err error) {
	if err == nil {
		err = errJoinPanicked
	}
	halfway := j.sdk.ConnectionState() != lksdk.ConnectionStateDisconnected // Without the mutex: the SDK may call back with its own held.
	r.mu.Lock()
	halfway = !j.bound && (halfway || r.sdk != nil)
	r.joining = nil
	r.mu.Unlock()
	if halfway {
		r.close(otelvoice.EndError, "join_failed", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ctx = j.ctx
	r.failed = r.failed || halfway
}
