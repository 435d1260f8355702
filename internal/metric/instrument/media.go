// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import "context"

// Media records how the user's audio arrived over a connection: packets or frames, and the jitter in
// seconds.
func (s *Set) Media(ctx context.Context, packets, lost, outOfOrder int64, jitter float64) {
	s.packets.Add(ctx, packets)
	s.jitter.Record(ctx, jitter)
	if lost > 0 {
		s.packetsLost.Add(ctx, lost)
	}
	if outOfOrder > 0 {
		s.packetsLate.Add(ctx, outOfOrder)
	}
}

// MediaGap records the seconds for which no audio arrived.
func (s *Set) MediaGap(ctx context.Context, seconds float64) { s.gaps.Record(ctx, seconds) }
