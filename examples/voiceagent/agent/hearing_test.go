// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/examples/voiceagent/pace"
)

const ms = time.Millisecond

// An arrival is a frame of some length that arrives some time after the step before.
type arrival struct{ after, length time.Duration }

func TestHearing(t *testing.T) {
	paced := func(n int) (list []arrival) {
		for range n {
			list = append(list, arrival{100 * ms, 100 * ms})
		}
		return list
	}
	for _, tt := range []struct {
		name   string
		speed  pace.Speed
		frames []arrival
		offset time.Duration
		want   time.Duration // After the start; below 0 is unknown.
	}{
		{"in time", 1, paced(10), 700 * ms, 700 * ms},
		{"at its end", 1, paced(10), time.Second, time.Second},
		{"beyond its end", 1, paced(10), 1001 * ms, -1},
		{"no audio", 1, nil, 1, -1},
		{"the last frames are late", 1, append(paced(8), arrival{190 * ms, 100 * ms}, arrival{10 * ms, 100 * ms}), 900 * ms, 900 * ms},
		{"a burst", 1, append([]arrival{{300 * ms, 300 * ms}}, paced(5)...), 700 * ms, 700 * ms},
		{"the rest, at once", 1, append(paced(5), arrival{0, 900 * ms}), 600 * ms, 600 * ms},
		{"a pause in mid-utterance", 1, append(append(paced(5), arrival{600 * ms, 100 * ms}), paced(4)...), 900 * ms, 1400 * ms},
		{"a pause after the offset", 1, append(paced(9), arrival{600 * ms, 100 * ms}), 900 * ms, 900 * ms},
		{"more pauses than are kept", 1, slices.Repeat([]arrival{{500 * ms, 100 * ms}}, 100), 9950 * ms, 49_950 * ms},
		{"before what is kept", 1, slices.Repeat([]arrival{{500 * ms, 100 * ms}}, 100), 1050 * ms, -1},
		{"ten times life's speed", 10, []arrival{{10 * ms, 100 * ms}, {10 * ms, 100 * ms}}, 150 * ms, 15 * ms},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := hearing{speed: tt.speed}
				for range 2 { // The second utterance does not depend on the first.
					<-time.After(5 * time.Second)
					began := time.Now()
					h.start()
					for _, f := range tt.frames {
						<-time.After(f.after)
						h.add(f.length)
					}
					got := time.Duration(-1)
					if at := h.at(tt.offset); !at.IsZero() {
						got = at.Sub(began)
					}
					if got != tt.want {
						t.Errorf("got %v, want %v", got, tt.want)
					}
				}
			})
		})
	}
}
