// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package syslog sends JSON log lines to a syslog server, as RFC 5424 has it: over
// UDP, TCP with octet counting (RFC 6587), TLS (RFC 5425), or the socket of this
// machine.
//
//	w, err := syslog.NewWriter(syslog.Options{Address: "tcp://logs:601", Facility: "local0"})
//	logger := jsonlog.New(w, nil)
//
// Writing never blocks: a line goes into a bounded queue, and one goroutine takes
// it apart, frames it and sends it. What does not fit is counted. A server that is
// not there, dies or does not read costs lines and no time.
//
// The message is the line itself. Its ids are also structured data, by which the
// server can filter without reading JSON:
//
//	<134>1 2024-01-01T12:00:00.000Z host agent 1234 stage_end [otelvoice@32473 correlation_id="550e8400-…" trace_id="…" session_id="…" module="voice.stt"] {"timestamp":…}
//
// One line is one message, whatever the line holds: ids and texts of callers can neither
// end a message, nor begin another, nor act on the terminal of a reader. Control
// characters, U+2028, U+2029 and the controls of bidirectional text are escaped with every
// transport: in JSON as \u0085, and in structured data and in other text as rsyslog does,
// #012 for a line end, each byte in octal. Line ends between the values of JSON become
// spaces. Invalid UTF-8 becomes U+FFFD. A value of the structured data is cut after 512
// bytes; if a message has no room for the structured data, it is left out.
//
// Neither UDP nor TCP confirms delivery: lines that the kernel had taken when a server
// died may be lost, and a line that was cut off is sent again.
package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Options are the options of a [Writer]. The zero value is the default.
type Options struct {
	// Address is udp://host:514, tcp://host:601, tls://host:6514 or
	// unix:///dev/log. Ports may be left out. The empty address is the socket of
	// this machine.
	Address string
	// Facility is what records are sent under, by its name: "user" by default.
	Facility string
	// AppName and Hostname are the program's and the machine's by default.
	AppName, Hostname string
	// ID is the SD-ID of the structured data; the default is otelvoice@32473, with
	// the enterprise number that RFC 5612 has for examples.
	ID string
	// TLS is for tls addresses; nil trusts the system's authorities.
	TLS *tls.Config
	// Queue is how many lines wait at most; the default is 4096. They take at
	// most 8 MiB together.
	Queue int
	// MaxMessageBytes bounds a message; a longer one is cut, and says so. The
	// default is 64 KiB, and 8 KiB over UDP.
	MaxMessageBytes int
	// Format makes the message of a JSON line; nil leaves the line as it is. Its
	// result is escaped as a line is.
	Format func(line []byte) []byte
	// OnError is told, from the goroutine that sends, when a row of failures
	// begins. It must not write to the Writer.
	OnError func(error)
	// Timeout bounds a connection attempt and a write each; the default is 5 s.
	Timeout time.Duration
}

const (
	defaultQueue   = 4096
	maxQueuedBytes = 8 << 20
	defaultTimeout = 5 * time.Second
	defaultID      = "otelvoice@32473"
)

// ErrFull is the error of a line for which the queue has no room.
var ErrFull = errors.New("the queue is full")

// Writer sends the lines that are written to it. It is safe for concurrent use.
type Writer struct {
	frame  framer
	dial   dialer
	opts   Options
	lines  chan []byte
	bytes  atomic.Int64
	lost   atomic.Uint64
	failed atomic.Bool // The last message was not sent.

	stop    context.CancelFunc // Ends what the sender is doing.
	stopped chan struct{}      // Closed when the sender has ended.

	mu     sync.RWMutex // Guards closed against a send on the closed channel.
	closed bool
	idle   *sync.Cond // With lock; waiting changed.
	lock   sync.Mutex
	queued int // Lines that are queued or being sent.
}

// NewWriter returns a writer and starts to send. That the server is not there is
// no error. The error names an option that makes no sense and what is allowed.
func NewWriter(opts Options) (*Writer, error) {
	if opts.Queue <= 0 {
		opts.Queue = defaultQueue
	}
	if opts.Timeout <= 0 {
		opts.Timeout = defaultTimeout
	}
	dial, err := newDialer(opts)
	if err != nil {
		return nil, err
	}
	if opts.MaxMessageBytes <= 0 {
		opts.MaxMessageBytes = dial.maxMessage()
	}
	frame, err := newFramer(opts)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	w := &Writer{frame: frame, dial: dial, opts: opts, lines: make(chan []byte, opts.Queue), stop: stop, stopped: make(chan struct{})}
	w.idle = sync.NewCond(&w.lock)
	go w.send(ctx)
	return w, nil
}

// Write puts a copy of the line into the queue. The error is [ErrFull] if there
// is no room, and os.ErrClosed after Shutdown; the line is counted as lost then.
func (w *Writer) Write(line []byte) (int, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		w.lost.Add(1)
		return 0, fmt.Errorf("syslog: %w", os.ErrClosed)
	}
	if w.bytes.Add(int64(len(line))) > maxQueuedBytes {
		return 0, w.full(line)
	}
	w.waiting(1)
	select {
	case w.lines <- append([]byte(nil), line...):
		return len(line), nil
	default:
		w.waiting(-1)
		return 0, w.full(line)
	}
}

func (w *Writer) full(line []byte) error {
	w.bytes.Add(-int64(len(line)))
	w.lost.Add(1)
	return fmt.Errorf("syslog: %w", ErrFull)
}

func (w *Writer) waiting(n int) {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.queued += n
	if w.queued == 0 {
		w.idle.Broadcast()
	}
}

// Lost returns how many lines could not be sent so far.
func (w *Writer) Lost() uint64 { return w.lost.Load() }

// ForceFlush waits until all lines are sent or lost, or until ctx is done.
func (w *Writer) ForceFlush(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		w.lock.Lock()
		defer w.lock.Unlock()
		w.idle.Broadcast()
	})
	defer stop()
	w.lock.Lock()
	defer w.lock.Unlock()
	for w.queued > 0 && ctx.Err() == nil {
		w.idle.Wait()
	}
	if w.queued > 0 {
		return fmt.Errorf("syslog: flush: %d lines are waiting: %w", w.queued, context.Cause(ctx))
	}
	return nil
}

// Shutdown takes no more lines and waits until those that wait are sent, or until
// ctx is done; the rest is lost and counted. Only the first call does anything.
func (w *Writer) Shutdown(ctx context.Context) error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		<-w.stopped
		return nil
	}
	w.closed = true
	close(w.lines)
	w.mu.Unlock()
	defer w.stop()
	before := w.lost.Load()
	select {
	case <-w.stopped:
		return nil
	case <-ctx.Done():
	}
	w.stop() // The sender gives up, and counts what is left.
	<-w.stopped
	return fmt.Errorf("syslog: shutdown: %d lines are lost: %w", w.lost.Load()-before, context.Cause(ctx))
}

// program is the name of the program, as AppName.
func program() string { return filepath.Base(os.Args[0]) }
