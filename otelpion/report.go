// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelpion

import (
	"encoding/binary"
	"time"
)

// A receptionReport is what the remote end reports about a stream that it receives (RFC 3550,
// 6.4.1). Times are in 1/65536 s.
type receptionReport struct {
	ssrc       uint32
	lastSender uint32 // LSR: the time in the last sender report that arrived there.
	delay      uint32 // DLSR: how long ago it arrived.
}

// Sizes and types of RTCP packets.
const (
	rtcpHeader        = 8  // With the sender's SSRC.
	senderInfo        = 20 // Of a sender report.
	reportBlock       = 24
	rtcpSenderType    = 200
	rtcpReceiverType  = 201
	reportCountMask   = 0x1f
	lastSenderOffset  = 16
	reportDelayOffset = 20
)

// receptionReports calls found with each report in a compound RTCP packet. It is pion's parser
// without the allocations, and ignores what is malformed.
func receptionReports(compound []byte, found func(receptionReport)) {
	for len(compound) >= rtcpHeader && compound[0]>>6 == 2 {
		size := 4 * (int(binary.BigEndian.Uint16(compound[2:])) + 1)
		if size < rtcpHeader || size > len(compound) {
			return
		}
		packet := compound[:size]
		compound = compound[size:]
		blocks := packet[rtcpHeader:]
		switch packet[1] {
		case rtcpSenderType:
			if len(blocks) < senderInfo {
				continue
			}
			blocks = blocks[senderInfo:]
		case rtcpReceiverType:
		default:
			continue
		}
		for n := packet[0] & reportCountMask; n > 0 && len(blocks) >= reportBlock; n-- {
			found(receptionReport{
				ssrc:       binary.BigEndian.Uint32(blocks),
				lastSender: binary.BigEndian.Uint32(blocks[lastSenderOffset:]),
				delay:      binary.BigEndian.Uint32(blocks[reportDelayOffset:]),
			})
			blocks = blocks[reportBlock:]
		}
	}
}

// ntpEpoch is the Unix time 0 in seconds since 1900.
const ntpEpoch = 2_208_988_800

// ntp returns the middle 32 bits of an NTP timestamp, which are those of a report.
func ntp(at time.Time) uint32 {
	return uint32(at.Unix()+ntpEpoch)<<16 | uint32(uint64(at.Nanosecond())<<16/uint64(time.Second))
}

// Limits of a round-trip time. It is computed on the wall clock, because pion writes sender reports
// with it: after a step of the clock it may be anything.
const (
	maxRoundTrip = 10 * time.Second
	unit         = time.Second / (1 << 16)
	rounding     = -66 // Two clock readings may round to a negative time; about 1 ms.
)

// roundTrip returns the round-trip time, if the report has a plausible one.
func (r receptionReport) roundTrip(now time.Time) (rtt time.Duration, ok bool) {
	if r.lastSender == 0 { // No sender report arrived there.
		return 0, false
	}
	units := int32(ntp(now) - r.lastSender - r.delay)
	if units < rounding {
		return 0, false
	}
	rtt = max(time.Duration(units)*time.Second>>16, unit)
	return rtt, rtt <= maxRoundTrip
}
