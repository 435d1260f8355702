// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"context"
	"fmt"
)

// Flushed waits until a flush is served.
func (s *Sender) Flushed(ctx context.Context, n int64) error {
	q := s.Queue
	for {
		empty, changed := q.Empty()
		if empty {
			return nil
		}
		if d := q.Depth(); s.served.Load() >= n && d.Requests == d.AsideRequests && d.Requests > 0 {
			return fmt.Errorf("spool: flush %s: %d %s are set aside for later attempts: %s", q.Signal, d.AsideItems, q.Signal.Noun(), q.LastError())
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("spool: flush %s: %w: %s", q.Signal, ctx.Err(), q.LastError())
		}
	}
}
