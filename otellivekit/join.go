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

// Join joins a room with [Callbacks]. It calls room.JoinWithContextAndToken within an
// operation of the trace in the token ([SignToken]), or else of the trace in ctx. Participants
// without a trace of their own continue that trace. Participants have one if their token was
// signed by SignToken or if the room's metadata has one ([Inject]). For a room with other
// callbacks, Join only calls room.JoinWithContextAndToken.
//
// The join fails when ctx is done, except while it waits for the media connection, which the
// SDK bounds ([lksdk.WithConnectTimeout], 5 s by default). After the join, the cancellation of
// ctx has no effect.
//
// A failed join has no lasting effect. If the server admitted the agent and the media
// connection then failed, the sessions that started in between end with the error, and later
// callbacks start no session. The room can be joined again with Join.
func Join(ctx context.Context, room *lksdk.Room, url, token string, opts ...lksdk.ConnectOption) error { //nolint:contextcheck // A room has its own context.
	if ctx == nil {
		ctx = context.Background()
	}
	r := roomOf(room)
	if r == nil {
		return room.JoinWithContextAndToken(ctx, url, token, opts...)
	}
	ctx = ExtractAttributes(r.tel.Context(ctx), r.tel, attributesOf(token))
	j := r.startJoin(ctx, room)
	joined := false
	var err error
	defer func() { // It also handles a panic of the join.
		if !joined {
			r.joinFailed(j, err)
		}
	}()
	start := time.Now()
	_, err = otelvoice.Timed(ctx, "livekit join", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, room.JoinWithContextAndToken(ctx, url, token, opts...)
	})
	r.metrics.joined(ctx, time.Since(start), err)
	if err != nil {
		return fmt.Errorf("otellivekit: join room: %w", err)
	}
	joined = true
	r.bind(room)
	return nil
}

// errJoinPanicked ends a join that panicked.
var errJoinPanicked = errors.New("otellivekit: the join panicked")

// A join is a join in progress, with the state that is restored if it fails.
type join struct {
	sdk   *lksdk.Room
	ctx   context.Context //nolint:containedctx // The context of the room before the join.
	bound bool            // The room was joined before, and stays joined.
}

// startJoin sets the trace of a join, for callbacks of participants before the join returns.
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

// joinFailed undoes startJoin. The SDK calls the callbacks of participants as soon as the
// server has admitted the agent, even if the media connection then fails. A room in that
// state is closed until it is joined again.
func (r *room) joinFailed(j join, err error) {
	if err == nil {
		err = errJoinPanicked
	}
	halfway := admitted(j.sdk) // Without the mutex, because the SDK may call back while it holds its own.
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
