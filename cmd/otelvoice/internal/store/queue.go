// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"sync"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

// A task is work of the writer: a batch, or something to do after all batches before it.
type task struct {
	batch *signal.Batch
	bytes int64 // Of the batch.
	then  func()
}

func (t task) size() int {
	if t.batch == nil {
		return 0
	}
	return len(t.batch.Spans) + len(t.batch.Records)
}

// queued counts the bytes that wait to be written.
type queued struct {
	mu    sync.Mutex
	bytes int64
	freed chan struct{} // It is closed when bytes are written. Nil if no sender waits.
}

// take counts bytes that are to wait. If there are too many, it returns a channel that is closed when there are fewer. A
// batch waits however large it is if it is the only one.
func (q *queued) take(n int64) (later <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.bytes == 0 || q.bytes+n <= maxQueuedBytes {
		q.bytes += n
		return nil
	}
	if q.freed == nil {
		q.freed = make(chan struct{})
	}
	return q.freed
}

func (q *queued) release(n int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.bytes -= n
	if q.freed != nil {
		close(q.freed)
		q.freed = nil
	}
}

// Add adds the signals of a batch. It waits while too much is to be written. The store keeps the batch.
func (s *Store) Add(ctx context.Context, batch *signal.Batch) error {
	return s.send(ctx, task{batch: batch, bytes: batch.Size()}, true)
}

// Offer adds the signals of a batch as Add does, but returns [ErrFull] if too many bytes wait to be written: those who
// send the batch keep it better than the memory of the store.
func (s *Store) Offer(ctx context.Context, batch *signal.Batch) error {
	return s.send(ctx, task{batch: batch, bytes: batch.Size()}, false)
}

// Flush waits until all that was added before can be read. It returns an error if something was lost since the last
// Flush because the database failed.
func (s *Store) Flush(ctx context.Context) error {
	written := make(chan struct{})
	if err := s.send(ctx, task{then: func() { close(written) }}, true); err != nil {
		return err
	}
	select {
	case <-written:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := s.writeFail.Swap(nil); err != nil {
		return *err
	}
	return nil
}

// send hands a task to the writer.
func (s *Store) send(ctx context.Context, t task, wait bool) error {
	if !s.enter() {
		return ErrClosed
	}
	defer s.adding.Done()
	for later := s.queued.take(t.bytes); later != nil; later = s.queued.take(t.bytes) {
		if !wait {
			return ErrFull
		}
		select {
		case <-later:
		case <-s.closed:
			return ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	var err error
	select {
	case s.queue <- t:
		return nil
	case <-s.closed:
		err = ErrClosed
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.queued.release(t.bytes)
	return err
}

func (s *Store) enter() bool {
	s.closing.Lock()
	defer s.closing.Unlock()
	if !s.isClosed {
		s.adding.Add(1)
	}
	return !s.isClosed
}
