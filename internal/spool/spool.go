// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package spool keeps OTLP requests until a collector has taken them: on disk, where they
// outlive the collector and the process, or in memory within a bound.
//
// It stands where the network is for an OTLP/HTTP exporter: [Spool.Transport] is the
// transport of its HTTP client. A request is written first and sent then, in the order of
// its signal, and tried again until it is taken, refused for good or too old. What is lost
// is counted by its reason, and told when it begins and when it ends.
//
// # Files
//
// Processes may share a directory, and the next process sends what an earlier one has left.
// A file (logs-….spool) holds requests of one signal, up to 4 MiB. A process locks the files
// that it has open, four for each signal at most. A lock file (logs-….lock) says that the
// process lives and that its other files are its own.
//
// Files of earlier processes are listed at the start and every 30 s, and opened one after the
// other, the oldest first. Ten thousand of a signal cost a start some 20 ms and no descriptors.
// Until a file is opened, Health counts it as one request of one item. Of more than 4096 files
// only the oldest count.
//
// Only regular files of up to 68 MiB are opened, and no symbolic links. Files that are not
// the spool's, or of another version, are left alone and named in a line. The directory may
// be a symbolic link; it is made with mode 0700, its files with 0600.
//
// Records have checksums. A damaged record is skipped, its items are counted, and the rest is
// delivered.
//
// Another program may delete, rename, replace, truncate or overwrite files or the whole
// directory. A process notices that within a second when it writes, within 30 s if not, and
// at the end. It makes the directory again and writes anew what it still can reach: what is
// in memory and in open files. The rest is counted with the reason removed or damaged, and
// Shutdown returns an error about it.
//
// Requests that a collector refuses for good are in dead-letters.jsonl, with the reason.
//
// # What a collector answers
//
// A request is sent again, after pauses of half a second to half a minute, until it is taken
// or older than MaxAge: after 401, 404, 429, 502 and 503 as after a broken connection.
//
//   - 413, or gRPC's message that is larger than max: the request is halved and sent again,
//     down to single items. The size that the endpoint takes is remembered, and tried upward
//     again after a minute, or later each time that this is in vain. A single item that is too
//     large is dropped.
//   - 500 and other answers that may be due to the request: after five attempts it is set
//     aside and the next one is tried. If that is taken, the first is tried again at once, then
//     after 30 s and more and more rarely, at least every 10 minutes. If not, the order is
//     restored: the endpoint is at fault.
//   - 415, or gRPC's Unimplemented, to a compressed request: it is sent without compression,
//     and so are the next ones.
//   - 400, 422 and gRPC's InvalidArgument: the request is dropped. [Spool.ForceFlush] and
//     [Spool.Shutdown] return an error that says how much was, and Health.Delivering is false.
//
// Dropped requests are dead letters: [DeadLetters] lists them and [deadletter.Resend] sends
// them again, and so does the command otelvoice spool. The newest 16 to 32 MiB are kept, if
// there is a directory.
//
// What is written is safe from the end of the process, not from that of the machine:
// nothing waits for the disk to have it (fsync), which would cost some milliseconds for
// each batch.
//
// # Why not a library
//
// The libraries for logs on disk (tidwall/wal, rosedblabs/wal) open a directory for one
// process and stop at the first record that is damaged; bbolt and badger lock theirs, too,
// and rewrite pages to delete what was sent. gofrs/flock opens files by their path, follows
// links and takes a second descriptor for each. The pauses are those of cenkalti/backoff.
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

// Spool is the queues of a process. It is safe for concurrent use. A nil Spool has nothing
// to flush, to shut down or to tell of.
type Spool struct {
	cfg    queue.Config
	report *report.Reporter
	dead   *deadletter.File

	mu      sync.Mutex
	senders []*delivery.Sender
	closing chan struct{} // Closed when Shutdown begins.
	silent  chan struct{} // Closed when there is nothing more to tell.
	ended   bool
	cancel  context.CancelFunc
	ctx     context.Context //nolint:containedctx // That of the senders, which end with the spool.
	running sync.WaitGroup
}

// New makes a spool. It fails when the directory cannot be made or written to; a disk that
// is full is no reason: requests wait in memory until it is not.
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

// usable makes the directory and tries it out.
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

// Transport returns what takes the place of the network for the exporter of a signal, and
// begins to deliver to the endpoint: first what earlier processes have left.
func (s *Spool) Transport(signal segment.Signal, endpoint collector.Endpoint) (http.RoundTripper, error) {
	return s.front(signal, endpoint)
}

// Requests returns what takes requests of a signal that are ready to be sent, each with how
// many spans, points or records it has, and begins to deliver as [Spool.Transport] does. A
// request is not kept, and may be used again.
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
	q := queue.NewQueue(signal, s.cfg, &report.Stats{}, s.report)
	q.Adopt()
	sender := delivery.NewSender(q, c, s.dead, s.closing)
	s.senders = append(s.senders, sender)
	s.running.Go(func() { sender.Run(s.ctx) })
	if s.cfg.Dir != "" {
		s.running.Go(func() { s.maintain(q) })
	}
	return &front{queue: q, packs: c.Compresses}, nil
}

// adoptInterval is the time between two looks at the directory.
const adoptInterval = 30 * time.Second

// maintain takes over what processes leave behind that end while this one goes on, looks
// whether the files are still there while nothing is put, and keeps leftovers in their bound.
func (s *Spool) maintain(q *queue.Queue) {
	tick := time.NewTicker(adoptInterval)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			q.Look(now)
			q.Adopt()
		case <-q.Overfull:
			q.Trim()
		case <-s.closing:
			return
		}
	}
}

// Listen hands what the spool has to say about itself to a function, until Shutdown. It
// returns at once and is called once.
func (s *Spool) Listen(tell report.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.running.Go(func() { s.report.Listen(s.silent, tell) })
}

// Health tells how each signal is doing, in the order of their first use.
func (s *Spool) Health() []report.Health {
	now := time.Now()
	var all []report.Health
	for _, sender := range s.all() {
		all = append(all, sender.Queue.Health(now))
	}
	return all
}

// Lost counts what never came as far as the spool: what the queue of a batch processor
// before it had no room for. It costs a tenth of a microsecond.
func (s *Spool) Lost(signal segment.Signal, n int) {
	if q := s.queueOf(signal); q != nil {
		q.Drop(report.ReasonBurst, n)
	}
}

// Late counts what was made for the spool after the shutdown of a batch processor before it.
// The reason is that of what Shutdown drops. It may be called after Shutdown. Log records of
// the lines that [Spool.Listen] hands over are not counted: the last of them always are late.
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

// Shutdown delivers what it can until the context ends or an attempt fails, and leaves the
// rest on disk for the next process. At least one attempt is made for each signal that waits,
// even in a pause that the collector asked for. What is only in memory is tried until the
// context ends. It fails when something was lost that no disk had, and when the collector
// refused something, or something grew too old, since the start. What is put afterwards is
// refused and counted. Calls after the first do nothing.
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

// ForceFlush makes an attempt at once and waits until all that was put has been delivered or
// the context ends. Requests that are set aside are tried once and not waited for. It fails
// when something still waits, and when since the last flush something was refused by the
// collector or grew too old: the error says how many of what.
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
