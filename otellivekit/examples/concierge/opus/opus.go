// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package opus reads and writes speech as WebRTC sends it: Opus, in packets of 20 ms.
package opus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
	"github.com/pion/webrtc/v4/pkg/media/oggreader"

	"github.com/voice-agents/telemetry/otelvoice"
)

// PacketDuration is how long a packet plays.
const PacketDuration = 20 * time.Millisecond

// Format is that of the packets.
var Format = otelvoice.AudioFormat{Codec: "opus", SampleRate: 48_000, Channels: 1}

// Read returns the packets of an Ogg file that has each in a page of its own.
func Read(files fs.FS, name string) ([][]byte, error) {
	file, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("opus: %w", err)
	}
	reader, _, err := oggreader.NewWith(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("opus: read %s: %w", name, err)
	}
	var packets [][]byte
	for {
		page, _, err := reader.ParseNextPage()
		switch {
		case errors.Is(err, io.EOF):
			return packets, nil
		case err != nil:
			return nil, fmt.Errorf("opus: read %s: %w", name, err)
		case bytes.HasPrefix(page, []byte("OpusTags")):
		default:
			packets = append(packets, page)
		}
	}
}

// NewTrack returns a track to publish packets on.
func NewTrack() (*lksdk.LocalTrack, error) {
	track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48_000, Channels: 2})
	if err != nil {
		return nil, fmt.Errorf("opus: make a track: %w", err)
	}
	return track, nil
}

// loud tells the server that somebody speaks, in dB below the loudest (RFC 6464).
const loud = uint8(15)

// Play sends packets as fast as they are heard.
func Play(ctx context.Context, track *lksdk.LocalTrack, packets ...[]byte) error {
	tick := time.NewTicker(PacketDuration)
	defer tick.Stop()
	level := loud
	for _, data := range packets {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err() //nolint:wrapcheck // The caller's own.
		}
		if err := track.WriteSample(media.Sample{Data: data, Duration: PacketDuration}, &lksdk.SampleWriteOptions{AudioLevel: &level}); err != nil {
			return fmt.Errorf("opus: play: %w", err)
		}
	}
	return nil
}
