// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"time"

	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// doubts distinguish a request that makes the endpoint fail from an endpoint that fails for all.
// Both respond with 500, so the difference shows only when the endpoint accepts another request.
// After some attempts a request is set aside and the next one is tried. If that is accepted, the
// first is at fault and stays aside. If not, the endpoint is at fault and the order is restored.
// Each time, twice as many requests are tried the next time, in case all of the oldest are at fault.
type doubts struct {
	probed int   // Requests that were set aside since the endpoint accepted one.
	depth  int   // The limit of probed.
	sick   bool  // The endpoint is at fault: it has accepted nothing since.
	took   int64 // Requests that the endpoint has accepted.
	hurry  bool  // The spool is closing: there is time for one attempt each.
}

// When requests are set aside and how often they are retried.
const (
	suspectAttempts = 5 // Before a request is set aside for the first time.
	DeepestProbe    = 32
	closingProbe    = 4 // When the spool is closing.
	firstAside      = 30 * time.Second
	longestAside    = 10 * time.Minute
)

// patience returns the number of failed attempts after which a request is set aside.
func (d *doubts) patience(e *segment.Entry) int {
	if e.Suspicion != nil || d.probed > 0 || d.sick || d.hurry {
		return 1
	}
	return suspectAttempts
}

// taken records that the endpoint accepted a request. It reports whether the endpoint recovered, so
// that the requests that are set aside are tried again.
func (d *doubts) taken() (recovered bool) {
	recovered = d.probed > 0 || d.sick
	d.probed, d.depth, d.sick = 0, 1, false
	d.took++
	return recovered
}

// suspend sets a request aside, or concludes that the endpoint is at fault.
func (s *Sender) suspend(d *delivery, a collector.Answer) next {
	q, doubts := s.Queue, &s.doubts
	known := d.Entry.Suspicion
	if known == nil {
		known = &segment.Suspicion{Took: doubts.took, Pause: firstAside}
	} else if doubts.took > known.Took {
		if known.Confirmed {
			known.Pause = min(2*known.Pause, longestAside)
		}
		known.Confirmed, known.Took = true, doubts.took
	}
	if !known.Confirmed {
		if doubts.probed >= doubts.depth {
			doubts.probed, doubts.depth, doubts.sick = 0, min(2*doubts.depth, DeepestProbe), true
			s.putBack(d)
			q.RestoreOrder()
			return yield
		}
		doubts.probed++
	}
	if d.begun {
		s.putBack(d) // The rest becomes a request of its own, which is next.
		return setAside
	}
	q.SetAside(d.Request, time.Now().Add(max(known.Pause, a.After)))
	d.Entry.Suspicion = known
	if known.Confirmed {
		q.Report.Begin(report.AsideOf(q.Signal), "collector fails on a request of "+string(q.Signal)+" and accepts others, setting it aside for later attempts", a.Err)
	}
	return setAside
}
