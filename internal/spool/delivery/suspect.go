// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"time"

	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// A suspects distinguishes a request that makes the endpoint fail from an endpoint that fails for all.
// Both respond with 500, so the difference shows only when the endpoint accepts another request.
// After some attempts a request is set aside and the next one is tried. If that is accepted, the
// first is at fault and stays aside. If not, the endpoint is at fault and the order is restored.
// Each time, twice as many requests are tried the next time, in case all of the oldest are at fault.
type suspects struct {
	probed        int   // Requests that were set aside since the endpoint accepted one.
	maxProbed     int   // The limit of probed.
	endpointFails bool  // The endpoint is at fault: it has accepted nothing since.
	accepted      int64 // Requests that the endpoint has accepted.
	closing       bool  // The spool is closing: there is time for one attempt each.
}

// When requests are set aside and how often they are retried.
const (
	suspectAttempts = 5 // Before a request is set aside for the first time.
	DeepestProbe    = 32
	closingProbe    = 4 // When the spool is closing.
	firstAside      = 30 * time.Second
	longestAside    = 10 * time.Minute
)

// maxAttempts returns the number of failed attempts after which a request is set aside.
func (s *suspects) maxAttempts(e *segment.Entry) int {
	if e.Suspicion != nil || s.probed > 0 || s.endpointFails || s.closing {
		return 1
	}
	return suspectAttempts
}

// taken records that the endpoint accepted a request. It reports whether the endpoint recovered, so
// that the requests that are set aside are tried again.
func (s *suspects) taken() (recovered bool) {
	recovered = s.probed > 0 || s.endpointFails
	s.probed, s.maxProbed, s.endpointFails = 0, 1, false
	s.accepted++
	return recovered
}

// suspend sets a request aside, or concludes that the endpoint is at fault.
func (s *Sender) suspend(d *delivery, a collector.Answer) next {
	q, suspects := s.Queue, &s.suspects
	suspicion := d.Entry.Suspicion
	if suspicion == nil {
		suspicion = &segment.Suspicion{Accepted: suspects.accepted, Pause: firstAside}
	} else if suspects.accepted > suspicion.Accepted {
		if suspicion.Confirmed {
			suspicion.Pause = min(2*suspicion.Pause, longestAside)
		}
		suspicion.Confirmed, suspicion.Accepted = true, suspects.accepted
	}
	if !suspicion.Confirmed {
		if suspects.probed >= suspects.maxProbed {
			suspects.probed, suspects.maxProbed, suspects.endpointFails = 0, min(2*suspects.maxProbed, DeepestProbe), true
			s.putBack(d)
			q.RestoreOrder()
			return yield
		}
		suspects.probed++
	}
	if d.begun {
		s.putBack(d) // The rest becomes a request of its own, which is next.
		return setAside
	}
	q.SetAside(d.Request, time.Now().Add(max(suspicion.Pause, a.After)))
	d.Entry.Suspicion = suspicion
	if suspicion.Confirmed {
		q.Report.Begin(report.AsideOf(q.Signal), "collector fails on a request of "+string(q.Signal)+" and accepts others, setting it aside for later attempts", a.Err)
	}
	return setAside
}
