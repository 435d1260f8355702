// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelpion

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"

	"github.com/voice-agents/telemetry/otelvoice"
)

// maxStreams is how many streams of each direction a PeerConnection measures at the same time.
// Further streams are passed on untouched.
const maxStreams = 32

// connection is the interceptor of one PeerConnection.
type connection struct {
	interceptor.NoOp

	call   *call
	closed atomic.Bool

	mu      sync.Mutex
	inbound []*inbound
	sources []*source
}

// source is a stream of the agent's audio.
type source struct {
	ssrc   uint32
	report uint64 // The LSR and DLSR of the latest report: pion may deliver one twice.
}

// isAudio reports whether a stream has a codec that is measured.
func isAudio(info *interceptor.StreamInfo) bool {
	if info == nil {
		return false
	}
	kind, codec, _ := strings.Cut(strings.ToLower(info.MimeType), "/")
	return kind == "audio" && slices.Contains([]string{"opus", "pcmu", "pcma", "g722"}, codec)
}

// BindRemoteStream measures a stream of the user's audio.
func (c *connection) BindRemoteStream(info *interceptor.StreamInfo, reader interceptor.RTPReader) interceptor.RTPReader {
	if !isAudio(info) || c.closed.Load() {
		return reader
	}
	in := newInbound(c, info, reader)
	c.mu.Lock()
	full := len(c.inbound) >= maxStreams
	if !full {
		c.inbound = append(c.inbound, in)
	}
	c.mu.Unlock()
	if full || !c.call.add(in) {
		return reader
	}
	return in
}

// UnbindRemoteStream keeps the counts of a stream.
func (c *connection) UnbindRemoteStream(info *interceptor.StreamInfo) {
	if info == nil {
		return
	}
	c.mu.Lock()
	i := slices.IndexFunc(c.inbound, func(in *inbound) bool { return in.ssrc == info.SSRC })
	if i < 0 {
		c.mu.Unlock()
		return
	}
	in := c.inbound[i]
	c.inbound = slices.Delete(c.inbound, i, i+1)
	c.mu.Unlock()
	c.call.remove(in)
}

// BindLocalStream observes a stream of the agent's audio.
func (c *connection) BindLocalStream(info *interceptor.StreamInfo, writer interceptor.RTPWriter) interceptor.RTPWriter {
	if !isAudio(info) || c.closed.Load() {
		return writer
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.sources) >= maxStreams {
		return writer
	}
	c.sources = append(c.sources, &source{ssrc: info.SSRC})
	if c.call.config.unmarks {
		return writer
	}
	return &outbound{c, writer, audibleOf(info.MimeType)}
}

// UnbindLocalStream forgets a stream.
func (c *connection) UnbindLocalStream(info *interceptor.StreamInfo) {
	if info == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sources = slices.DeleteFunc(c.sources, func(s *source) bool { return s.ssrc == info.SSRC })
}

// BindRTCPReader reads reception reports.
func (c *connection) BindRTCPReader(reader interceptor.RTCPReader) interceptor.RTCPReader {
	return interceptor.RTCPReaderFunc(func(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		n, attrs, err := reader.Read(b, a)
		if err == nil && c.isOpen() {
			now := time.Now()
			receptionReports(b[:min(max(n, 0), len(b))], func(r receptionReport) { c.reported(r, now) })
		}
		return n, attrs, err //nolint:wrapcheck // As the reader returned it.
	})
}

// reported records the round-trip time of a report about the agent's audio.
func (c *connection) reported(r receptionReport, now time.Time) {
	rtt, ok := r.roundTrip(now)
	if !ok {
		return
	}
	report := uint64(r.lastSender)<<32 | uint64(r.delay)
	c.mu.Lock()
	i := slices.IndexFunc(c.sources, func(s *source) bool { return s.ssrc == r.ssrc })
	isNew := i >= 0 && c.sources[i].report != report
	if isNew {
		c.sources[i].report = report
	}
	c.mu.Unlock()
	if isNew {
		c.call.roundTrip(rtt, now)
	}
}

func (c *connection) isOpen() bool { return !c.closed.Load() && !c.call.ended.Load() }

// Close keeps the counts of the streams that are still bound.
func (c *connection) Close() error {
	c.closed.Store(true)
	c.mu.Lock()
	streams := c.inbound
	c.inbound, c.sources = nil, nil
	c.mu.Unlock()
	for _, in := range streams {
		c.call.remove(in)
	}
	return nil
}

// outbound is a writer of the agent's audio.
type outbound struct {
	connection *connection
	writer     interceptor.RTPWriter
	audible    func(payload []byte) bool
}

// Write writes a packet and records afterwards that it was sent.
func (o *outbound) Write(header *rtp.Header, payload []byte, attributes interceptor.Attributes) (int, error) {
	audible := o.connection.isOpen() && len(payload) > 0 && o.audible(payload) // Before others can change it.
	n, err := o.writer.Write(header, payload, attributes)
	// Before the connection is up, pion returns 0 for a packet that it does not send.
	if audible && err == nil && n > 0 {
		o.connection.call.speech.sent(time.Now())
	}
	return n, err //nolint:wrapcheck // As the writer returned it.
}

// opusSilence is the size of the largest Opus packet that is silence: F8 FF FE is 20 ms of digital
// silence, and packets of discontinuous transmission have one or two bytes.
const opusSilence = 3

// audibleOf returns whether a payload of a codec is audible.
func audibleOf(mimeType string) func(payload []byte) bool {
	switch strings.ToLower(mimeType) {
	case "audio/opus":
		return func(payload []byte) bool { return len(payload) > opusSilence }
	case "audio/pcmu":
		return otelvoice.AudioFormat{Codec: otelvoice.CodecMuLaw}.Audible
	case "audio/pcma":
		return otelvoice.AudioFormat{Codec: otelvoice.CodecALaw}.Audible
	default:
		return func(payload []byte) bool { return len(payload) > 0 }
	}
}
