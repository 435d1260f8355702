// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"time"

	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// doubts tell a request that an endpoint fails on from an endpoint that fails. Both answer
// 500, and look alike until the endpoint takes another request. So a request that has had
// some attempts is set aside, and the next one is tried: if that is taken, the first is at
// fault and stays aside; if not, the endpoint is, and the order is restored. Each time that
// the endpoint is found at fault, twice as many requests are tried the next time, in case
// that those at the front are all at fault.
type doubts struct {
	probed int   // Requests that were set aside since the endpoint took one.
	depth  int   // How many may be.
	sick   bool  // The endpoint was found at fault, and has taken nothing since.
	took   int64 // Requests that the endpoint has taken.
	hurry  bool  // There is time for one attempt each: the spool is closing.
}

// When requests are set aside and how often they are retried.
const (
	suspectAttempts = 5 // Before a request is set aside for the first time.
	DeepestProbe    = 32
	closingProbe    = 4 // When the spool is closing.
	firstAside      = 30 * time.Second
	longestAside    = 10 * time.Minute
)

// patience is how many answers a request has before it is set aside.
func (d *doubts) patience(e *segment.Entry) int {
	if e.Suspicion != nil || d.probed > 0 || d.sick || d.hurry {
		return 1
	}
	return suspectAttempts
}

// taken notes that the endpoint took a request. It reports whether those that are set aside
// are to be tried again: the endpoint has recovered.
func (d *doubts) taken() (recovered bool) {
	recovered = d.probed > 0 || d.sick
	d.probed, d.depth, d.sick = 0, 1, false
	d.took++
	return recovered
}

// suspend sets a request aside, or finds the endpoint at fault.
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
		s.putBack(d) // The rest is another request, whose turn it is.
		return setAside
	}
	q.SetAside(d.Request, time.Now().Add(max(known.Pause, a.After)))
	d.Entry.Suspicion = known
	if known.Confirmed {
		q.Report.Begin(report.AsideOf(q.Signal), "collector fails on a request of "+string(q.Signal)+" and accepts others, setting it aside for later attempts", a.Err)
	}
	return setAside
}
