// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package caller is a caller with a microphone and a loudspeaker in a LiveKit room. It has no
// telemetry: the token has the trace.
package caller

import (
	"context"
	"fmt"
	"io/fs"
	"sync/atomic"

	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"

	"github.com/voice-agents/telemetry/otellivekit/examples/concierge/opus"
)

// A Caller is in a room until it hangs up.
type Caller struct {
	room   *lksdk.Room
	track  *lksdk.LocalTrack
	files  fs.FS
	heard  atomic.Int64
	voices atomic.Int64 // Tracks of others that were subscribed.
	news   chan struct{}
}

// Join joins the room of a token with a microphone.
func Join(files fs.FS, url, token string) (*Caller, error) {
	c := &Caller{files: files, news: make(chan struct{}, 1)}
	var err error
	if c.track, err = opus.NewTrack(); err != nil {
		return nil, err
	}
	c.room = lksdk.NewRoom(&lksdk.RoomCallback{ParticipantCallback: lksdk.ParticipantCallback{OnTrackSubscribed: c.listen}})
	if err := c.room.JoinWithToken(url, token); err != nil {
		return nil, fmt.Errorf("caller: join: %w", err)
	}
	if _, err := c.room.LocalParticipant.PublishTrack(c.track, &lksdk.TrackPublicationOptions{Name: "microphone"}); err != nil {
		c.HangUp()
		return nil, fmt.Errorf("caller: publish the microphone: %w", err)
	}
	return c, nil
}

// Say plays a recording.
func (c *Caller) Say(ctx context.Context, file string) error {
	packets, err := opus.Read(c.files, file)
	if err != nil {
		return err
	}
	return opus.Play(ctx, c.track, packets...)
}

// Heard returns how many packets of others the caller has received.
func (c *Caller) Heard() int64 { return c.heard.Load() }

// Subscribed returns how often the caller has subscribed to a track of others: once for each connection.
func (c *Caller) Subscribed() int64 { return c.voices.Load() }

// Hear waits until the caller has received a number of packets of others.
func (c *Caller) Hear(ctx context.Context, packets int64) error {
	for c.heard.Load() < packets {
		select {
		case <-c.news:
		case <-ctx.Done():
			return fmt.Errorf("caller: heard %d packets of %d: %w", c.heard.Load(), packets, context.Cause(ctx))
		}
	}
	return nil
}

// HangUp leaves the room.
func (c *Caller) HangUp() { c.room.Disconnect() }

func (c *Caller) listen(track *webrtc.TrackRemote, _ *lksdk.RemoteTrackPublication, _ *lksdk.RemoteParticipant) {
	c.voices.Add(1)
	go func() {
		for {
			if _, _, err := track.ReadRTP(); err != nil {
				return
			}
			c.heard.Add(1)
			select {
			case c.news <- struct{}{}:
			default:
			}
		}
	}()
}
