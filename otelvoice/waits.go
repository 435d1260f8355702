// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import "time"

// waits measures the time in which a stage's consumer did not read. stage.mu guards it.
type waits struct {
	since time.Time     // When the consumer received the newest chunk; zero after it reads again.
	held  time.Duration // The sum of the waits that have ended.
}

// hold starts a wait: the consumer has a chunk and does not read until release.
func (s *stage) hold() {
	s.set(func() {
		if s.waits.since.IsZero() {
			s.waits.since = time.Now()
		}
	})
}

// release ends a wait: the consumer reads again.
func (s *stage) release() { s.set(func() { s.waits.release(time.Now()) }) }

func (w *waits) release(now time.Time) {
	if w.since.IsZero() {
		return
	}
	w.held += max(now.Sub(w.since), 0)
	w.since = time.Time{}
}

// worked returns the duration of the stage without the waits. It ends the last wait.
func (s *stage) worked(end stageEnd) time.Duration {
	s.waits.release(end.at)
	return max(end.at.Sub(s.start)-s.waits.held, 0)
}
