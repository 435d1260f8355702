// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package stagerecord

import "time"

// waits measures the time in which a stage's consumer did not read. Record.mu guards it.
type waits struct {
	since time.Time     // When the consumer received the newest chunk; zero after it reads again.
	held  time.Duration // The sum of the waits that have ended.
}

// Hold starts a wait: the consumer has a chunk and does not read until Release.
func (s *Record) Hold() {
	s.Set(func() {
		if s.waits.since.IsZero() {
			s.waits.since = time.Now()
		}
	})
}

// Release ends a wait: the consumer reads again.
func (s *Record) Release() { s.Set(func() { s.waits.release(time.Now()) }) }

func (w *waits) release(now time.Time) {
	if w.since.IsZero() {
		return
	}
	w.held += max(now.Sub(w.since), 0)
	w.since = time.Time{}
}

// Worked returns the duration of the stage without the waits. It ends the last wait.
func (s *Record) Worked(end End) time.Duration {
	s.waits.release(end.At)
	return max(end.At.Sub(s.Start)-s.waits.held, 0)
}
