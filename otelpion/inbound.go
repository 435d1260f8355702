// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelpion

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/pion/interceptor"

	"github.com/voice-agents/telemetry/internal/media"
)

// mediaInterval is how often the quality of media is recorded.
const mediaInterval = 5 * time.Second

// inbound is a reader of the user's audio.
type inbound struct {
	connection *connection
	reader     interceptor.RTPReader
	ssrc       uint32

	mu        sync.Mutex
	reception media.Reception
	recorded  sums // What the metrics have recorded.
	at        time.Time
	removed   bool // The call has the counts.
}

func newInbound(c *connection, info *interceptor.StreamInfo, reader interceptor.RTPReader) *inbound {
	clock := float64(info.ClockRate)
	return &inbound{connection: c, reader: reader, ssrc: info.SSRC, reception: media.NewReception(clock), at: time.Now()}
}

// Read reads a packet and records its arrival.
func (in *inbound) Read(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
	n, attrs, err := in.reader.Read(b, a)
	if err == nil && in.connection.isOpen() {
		in.arrived(b[:min(max(n, 0), len(b))], time.Now())
	}
	return n, attrs, err //nolint:wrapcheck // As the reader returned it.
}

// rtpHeader is the size of a fixed RTP header (RFC 3550, 5.1).
const rtpHeader = 12

func (in *inbound) arrived(packet []byte, now time.Time) {
	if len(packet) < rtpHeader || packet[0]>>6 != 2 || binary.BigEndian.Uint32(packet[8:]) != in.ssrc {
		return
	}
	in.mu.Lock()
	if in.removed {
		in.mu.Unlock()
		return
	}
	before := in.reception.Gaps()
	in.reception.Arrived(binary.BigEndian.Uint16(packet[2:]), binary.BigEndian.Uint32(packet[4:]), now)
	after := in.reception.Gaps()
	due := now.Sub(in.at) >= mediaInterval
	if due {
		in.at = now
	}
	in.mu.Unlock()
	if after.Count > before.Count {
		in.connection.call.gap(after.Total - before.Total)
	}
	if due {
		in.connection.call.record(in)
	}
}

// sums is the reception of audio so far.
type sums struct {
	received, lost int64
	jitter         float64
}

// add adds the sums of another stream. The jitter is the maximum.
func (s *sums) add(other sums) {
	s.received += other.received
	s.lost += other.lost
	s.jitter = max(s.jitter, other.jitter)
}

func (in *inbound) sums() sums {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.current()
}

// current returns the sums. The caller holds the lock.
func (in *inbound) current() sums {
	return sums{in.reception.Received(), in.reception.Lost(), in.reception.Jitter()}
}
