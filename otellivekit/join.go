// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"context"
	"errors"

	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/voice-agents/telemetry/otelvoice"
)

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
