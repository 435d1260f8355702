// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package syslog sends log lines to a syslog server in the format of RFC 5424, over UDP, TCP with octet
// counting (RFC 6587), TLS (RFC 5425), or the local socket.
//
// Stability: experimental; may change in a minor release.
//
//	w, err := syslog.NewWriter(syslog.Options{Address: "tcp://logs:601", Facility: "local0"})
//	provider := jsonlog.New(w, nil) // Or textlog.New(w, nil).
//
// Writing never blocks. A line is framed and put into a bounded queue, from which one goroutine sends.
// Lines that do not fit into the queue are dropped and counted. A server that is down, crashes or does
// not read costs lines, but callers do not wait.
//
// The message is the line as its encoder wrote it. The ids of the record are also structured data, so
// that the server can filter by them without parsing the line:
//
//	<134>1 2024-01-01T12:00:00.000Z host agent 1234 stage_end [otelvoice@32473 correlation_id="550e8400-…" trace_id="…" session_id="…" module="voice.stt"] {"timestamp":…}
//
// Each line is one message, whatever its values are: they can neither end a message, nor start another,
// nor control the terminal of a reader. Control characters, U+2028, U+2029 and bidirectional controls
// are escaped with every transport. JSON has them as \u0085. Structured data and other text have them as
// rsyslog writes them, each byte in octal: #012 is a line end. Line ends between the values of JSON
// become spaces. Invalid UTF-8 becomes U+FFFD. A value of the structured data is cut after 512 bytes.
// Structured data that leaves no room for the message is left out.
//
// Neither UDP nor TCP confirms delivery. Lines that the kernel accepted before a server crashed may be
// lost, and a line that was cut off is sent again.
package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Options are the options of a [Writer]. The zero value has the defaults.
type Options struct {
	// Address is udp://host:514, tcp://host:601, tls://host:6514 or unix:///dev/log. Ports are
	// optional. The default is the local socket.
	Address string
	// Facility is the name of the facility; the default is "user".
	Facility string
	// AppName and Hostname default to the names of the program and of the machine.
	AppName, Hostname string
	// ID is the SD-ID of the structured data; the default is otelvoice@32473, with the enterprise
	// number that RFC 5612 reserves for examples.
	ID string
	// TLS is the configuration for tls addresses; nil trusts the system's certificates.
	TLS *tls.Config
	// Queue is the maximum number of lines in the queue; the default is 4096. They have at most
	// 8 MiB together.
	Queue int
	// MaxMessageBytes bounds a message. A longer one is cut and ends in "…(+N bytes)". The default
	// is 64 KiB, or 8 KiB with UDP.
	MaxMessageBytes int
	// OnError is called with the first error of a series of failures. It runs on the goroutine
	// that sends, and must not write to the Writer.
	OnError func(error)
	// Timeout bounds each connection attempt and each write; the default is 5 s.
	Timeout time.Duration
}

const (
	defaultQueue   = 4096
	maxQueuedBytes = 8 << 20
	defaultTimeout = 5 * time.Second
	defaultID      = "otelvoice@32473"
)

// ErrFull is the error for a line that does not fit into the queue.
var ErrFull = errors.New("the queue is full")

// Writer sends log lines. It is safe for concurrent use.
type Writer struct {
	frame  framer
	dial   dialer
	opts   Options
	queue  chan []byte  // Messages.
	bytes  atomic.Int64 // Of the messages in the queue or being sent.
	lost   atomic.Uint64
	failed atomic.Bool // The last message was not sent.

	stop    context.CancelFunc // Interrupts the sender.
	stopped chan struct{}      // Closed when the sender has ended.

	mu     sync.RWMutex // Guards closed against a send on the closed channel.
	closed bool
	idle   *sync.Cond // With lock; waiting changed.
	lock   sync.Mutex
	queued int // Messages in the queue or being sent.
}

// NewWriter returns a Writer and starts its goroutine. It fails if an option is not valid, but not if
// the server is down.
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
	w := &Writer{frame: frame, dial: dial, opts: opts, queue: make(chan []byte, opts.Queue), stop: stop, stopped: make(chan struct{})}
	w.idle = sync.NewCond(&w.lock)
	go w.send(ctx)
	return w, nil
}

// Write sends a line without time and structured data, at level INFO. [Writer.WriteLine] sends them
// too.
func (w *Writer) Write(line []byte) (int, error) {
	return w.WriteLine(line, time.Time{}, slog.LevelInfo, nil)
}

// WriteLine puts a line into the queue with the time, the level and fields of its record. The field
// process_id becomes PROCID, phase becomes MSGID, and the others become structured data. WriteLine
// keeps none of its arguments. The error is [ErrFull] if the line does not fit into the queue, and
// os.ErrClosed after Shutdown; such lines are counted as lost. The providers of the packages jsonlog
// and textlog call it.
func (w *Writer) WriteLine(line []byte, at time.Time, level slog.Level, fields []slog.Attr) (int, error) {
	message := w.frame.message(line, &header{at, level, fields})
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		w.lost.Add(1)
		return 0, fmt.Errorf("syslog: %w", os.ErrClosed)
	}
	if w.bytes.Add(int64(len(message))) > maxQueuedBytes {
		return 0, w.full(message)
	}
	w.waiting(1)
	select {
	case w.queue <- message:
		return len(line), nil
	default:
		w.waiting(-1)
		return 0, w.full(message)
	}
}

func (w *Writer) full(message []byte) error {
	w.bytes.Add(-int64(len(message)))
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

// Lost returns the number of lines that could not be sent.
func (w *Writer) Lost() uint64 { return w.lost.Load() }

// ForceFlush waits until all lines are sent or lost, or ctx is done.
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
		return fmt.Errorf("syslog: flush: %d lines still queued: %w", w.queued, context.Cause(ctx))
	}
	return nil
}

// Shutdown stops accepting lines and waits until the queued lines are sent or ctx is done. It counts
// the lines that remain as lost. Later calls wait for the end of the first.
func (w *Writer) Shutdown(ctx context.Context) error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		<-w.stopped
		return nil
	}
	w.closed = true
	close(w.queue)
	w.mu.Unlock()
	defer w.stop()
	before := w.lost.Load()
	select {
	case <-w.stopped:
		return nil
	case <-ctx.Done():
	}
	w.stop() // The sender stops and counts the remaining lines.
	<-w.stopped
	return fmt.Errorf("syslog: shutdown: %d lines lost: %w", w.lost.Load()-before, context.Cause(ctx))
}

// program returns the name of the program, the default of AppName.
func program() string { return filepath.Base(os.Args[0]) }
