// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package opus reads and sends speech as Opus packets of 20 ms, as WebRTC does.
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

// PacketDuration is the duration of a packet.
const PacketDuration = 20 * time.Millisecond

// Format is the format of the packets.
var Format = otelvoice.AudioFormat{Codec: "opus", SampleRate: 48_000, Channels: 1}

// Read returns the packets of an Ogg file with one packet a page.
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

// NewTrack returns a track for publishing packets.
func NewTrack() (*lksdk.LocalTrack, error) {
	track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48_000, Channels: 2})
	if err != nil {
		return nil, fmt.Errorf("opus: make a track: %w", err)
	}
	return track, nil
}

// loud is an audio level in dB below the maximum (RFC 6464). By it the server detects speech.
const loud = uint8(15)

// Play sends packets in real time.
func Play(ctx context.Context, track *lksdk.LocalTrack, packets ...[]byte) error {
	tick := time.NewTicker(PacketDuration)
	defer tick.Stop()
	level := loud
	for _, data := range packets {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err() //nolint:wrapcheck // The error is that of the context.
		}
		if err := track.WriteSample(media.Sample{Data: data, Duration: PacketDuration}, &lksdk.SampleWriteOptions{AudioLevel: &level}); err != nil {
			return fmt.Errorf("opus: play: %w", err)
		}
	}
	return nil
}
