// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"context"

	"github.com/voice-agents/telemetry/semconv"
)

// Underrun records the seconds for which the playback had no audio in mid-answer. It is rare, so that
// its attributes are made each time.
func (s *Set) Underrun(ctx context.Context, source, channel string, seconds float64) {
	with := newOptions(s.redactor, list{}.with(semconv.VoicePlayoutSourceKey, source).with(semconv.VoiceChannelKey, channel))
	s.underruns.Add(ctx, 1, with.add...)
	s.underrunDuration.Record(ctx, seconds, with.record...)
}
