// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package spool buffers OTLP requests on disk or in memory until a collector accepts them. Package
// exporters/spool documents what it does for users.
//
// [Spool.Requests] accepts encoded requests. [Spool.Transport] is an HTTP transport for
// OpenTelemetry's exporters, which takes the place of the network. Each signal has a queue and a
// sender:
//
//	segment     files, records, locks and checksums
//	report      counters, health and log lines
//	queue       the waiting requests of one signal
//	collector   HTTP and gRPC clients
//	deadletter  requests that the collector rejected
//	delivery    the sender, with retries and splitting
//
// There is no fsync: written data survives a crash of the process, but not of the machine. A sync
// would take some milliseconds for each batch.
//
// Libraries for logs on disk do not fit. tidwall/wal and rosedblabs/wal open a directory for one
// process and stop at the first damaged record. bbolt and badger also lock their directory, and
// rewrite pages to delete delivered data. gofrs/flock opens files by path, follows links and needs
// a second descriptor for each. The pauses are those of cenkalti/backoff.
package spool

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/deadletter"
	"github.com/voice-agents/telemetry/internal/spool/delivery"
	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// Spool holds the queues of a process. It is safe for concurrent use. On a nil Spool, ForceFlush,
// Health and Shutdown do nothing.
type Spool struct {
	cfg    queue.Config
	report *report.Reporter
	dead   *deadletter.File

	mu      sync.Mutex
	memory  map[segment.Signal]int64 // The bounds of single signals.
	senders []*delivery.Sender
	closing chan struct{} // Closed when Shutdown begins.
	silent  chan struct{} // Closed when there are no more log lines.
	ended   bool
	cancel  context.CancelFunc
	ctx     context.Context //nolint:containedctx // The context of the senders, which end with the spool.
	running sync.WaitGroup
}

// New returns a spool. It fails if the directory cannot be created or written to. If the disk is
// full, it succeeds, and requests wait in memory.
func New(cfg queue.Config) (*Spool, error) {
	cfg = cfg.Filled()
	if cfg.Dir != "" {
		if err := usable(cfg.Dir); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	tell := report.NewReporter()
	return &Spool{
		cfg: cfg, report: tell, dead: &deadletter.File{Dir: cfg.Dir, Max: deadletter.MaxBytes, Report: tell},
		closing: make(chan struct{}), silent: make(chan struct{}), ctx: ctx, cancel: cancel,
	}, nil
}

// usable creates the directory and writes a file to it.
func usable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("spool: make the directory: %w", err)
	}
	probe := filepath.Join(dir, "probe-"+segment.NewID())
	f, err := os.OpenFile(probe, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		if queue.NoSpace(err) {
			return nil
		}
		return fmt.Errorf("spool: write to the directory: %w", err)
	}
	return errors.Join(f.Close(), os.Remove(probe))
}

// Transport returns the HTTP transport for the exporter of a signal and starts delivery to the
// endpoint, first of the requests that earlier processes left.
func (s *Spool) Transport(signal segment.Signal, endpoint collector.Endpoint) (http.RoundTripper, error) {
	return s.front(signal, endpoint)
}

// Requests returns a function that accepts encoded requests of a signal, with the number of spans,
// points or records in each, and starts delivery as [Spool.Transport] does. The function does not
// retain the request.
func (s *Spool) Requests(signal segment.Signal, endpoint collector.Endpoint) (func(request []byte, items int) error, error) {
	f, err := s.front(signal, endpoint)
	if err != nil {
		return nil, err
	}
	return func(payload []byte, items int) error {
		return f.put(segment.Request{Items: items, Payload: payload, Borrowed: true})
	}, nil
}

func (s *Spool) front(signal segment.Signal, endpoint collector.Endpoint) (*front, error) {
	c, err := collector.NewClient(signal, endpoint)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, queue.ErrClosed
	}
	cfg := s.cfg
	if bytes := s.memory[signal]; bytes > 0 {
		cfg.MaxMemory = bytes
	}
	q := queue.NewQueue(signal, cfg, &report.Stats{}, s.report)
	q.Adopt()
	sender := delivery.NewSender(q, c, s.dead, s.closing)
	s.senders = append(s.senders, sender)
	s.running.Go(func() { sender.Run(s.ctx) })
	if s.cfg.Dir != "" {
		s.running.Go(func() { s.maintain(q) })
	}
	return &front{queue: q, packs: c.Compresses}, nil
}

// ExpectItems sets the memory of a signal for a number of waiting items, see [queue.MemoryFor]. It
// has to be called before Requests and Transport.
func (s *Spool) ExpectItems(signal segment.Signal, items int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.memory == nil {
		s.memory = make(map[segment.Signal]int64)
	}
	s.memory[signal] = queue.MemoryFor(items)
}

// adoptInterval is the time between two looks at the directory.
const adoptInterval = 30 * time.Second

// maintain adopts the files of processes that end, checks that the queue's files still exist, and
// drops leftovers beyond the limit.
func (s *Spool) maintain(q *queue.Queue) {
	tick := time.NewTicker(adoptInterval)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			q.InspectAll(now)
			q.Adopt()
		case <-q.Overfull:
			q.Trim()
		case <-s.closing:
			return
		}
	}
}

// Listen starts calling tell with log lines about the spool until Shutdown. It does not block and
// must be called at most once.
func (s *Spool) Listen(tell report.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.running.Go(func() { s.report.Listen(s.silent, tell) })
}

// Health returns the state of each signal, in the order of their first use.
func (s *Spool) Health() []report.Health {
	now := time.Now()
	var all []report.Health
	for _, sender := range s.all() {
		all = append(all, sender.Queue.Health(now))
	}
	return all
}

// Lost counts items that were dropped before the spool because the queue of a batch processor was
// full. It takes 0.1 µs.
func (s *Spool) Lost(signal segment.Signal, n int) {
	if q := s.queueOf(signal); q != nil {
		q.Drop(report.ReasonBurst, n)
	}
}

// Late counts items that arrived after the shutdown of the batch processor before the spool, with
// the reason of items that Shutdown drops. It may be called after Shutdown. While a line is passed
// to the function of [Spool.Listen], nothing is counted: the last lines are always late.
func (s *Spool) Late(signal segment.Signal, n int) {
	if q := s.queueOf(signal); q != nil && !s.report.Logging.Load() {
		q.Stats.Drop(report.ReasonShutdown, n)
	}
}

func (s *Spool) queueOf(signal segment.Signal) *queue.Queue {
	for _, sender := range s.all() {
		if sender.Queue.Signal == signal {
			return sender.Queue
		}
	}
	return nil
}

func (s *Spool) all() []*delivery.Sender {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.senders
}

// Shutdown delivers requests until the context ends or an attempt fails, and leaves the others on
// disk for the next process. It makes at least one attempt for each signal with waiting requests,
// even in a pause that the collector asked for. Requests that are only in memory are tried until
// the context ends. Shutdown returns an error if such requests were lost, and if since the start
// the collector rejected requests or requests expired. Later requests are rejected and counted.
// Calls after the first do nothing.
func (s *Spool) Shutdown(ctx context.Context) error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return nil
	}
	s.ended = true
	senders := s.senders
	s.mu.Unlock()

	if deadline, ok := ctx.Deadline(); ok {
		for _, sender := range senders {
			sender.Until = deadline
		}
	}
	close(s.closing)
	stop := context.AfterFunc(ctx, s.cancel)
	defer stop()
	var errs []error
	for _, sender := range senders {
		<-sender.Ended
	}
	for _, sender := range senders {
		q := sender.Queue
		lost, removed := q.Close()
		if lost > 0 {
			s.report.Dropping(q.Signal, report.ReasonShutdown, lost)
			errs = append(errs, fmt.Errorf("spool: %d %s were not sent: %s", lost, q.Signal.Noun(), q.LastError()))
		}
		if removed > 0 {
			errs = append(errs, fmt.Errorf("spool: %d %s were lost: another program removed their files from %s", removed, q.Signal.Noun(), s.cfg.Dir))
		}
		sender.Client.Close()
	}
	s.cancel()
	close(s.silent)
	s.running.Wait()
	return errors.Join(append(errs, delivery.LossError(senders, (*report.Stats).All))...)
}

// ForceFlush makes an attempt at once and waits until all requests are delivered or the context
// ends. Requests that are set aside are tried once and not waited for. It returns an error if
// requests still wait, and if since the last flush the collector rejected requests or requests
// expired, with their number.
func (s *Spool) ForceFlush(ctx context.Context) error {
	senders := s.all()
	flushes := make([]int64, len(senders))
	for i, sender := range senders {
		flushes[i] = sender.Flush()
	}
	var errs []error
	for i, sender := range senders {
		errs = append(errs, sender.Flushed(ctx, flushes[i]))
	}
	return errors.Join(append(errs, delivery.LossError(senders, (*report.Stats).Unreported))...)
}
