// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"context"
	"time"

	"github.com/voice-agents/telemetry/internal/spool"
	"github.com/voice-agents/telemetry/internal/spool/deadletter"
)

// Segment is a file of waiting requests.
type Segment struct {
	Name     string
	Signal   Signal
	Requests int       // Requests that were not delivered.
	Items    int       // Spans, metric points or log records in them.
	Bytes    int64     // Size of the file, including delivered requests.
	Oldest   time.Time // When the oldest request was written; zero if there is none.
	Damaged  int       // Items that cannot be read, or that are being written.
}

// Segments returns the segments in a directory, the oldest of each signal first. It only reads
// the files: services may use the directory at the same time. It does not show which requests
// are set aside, which only the delivering process knows. It fails if the directory does not
// exist.
func Segments(dir string) ([]Segment, error) {
	all, err := spool.Segments(dir)
	segments := make([]Segment, 0, len(all))
	for _, s := range all {
		segments = append(segments, Segment{
			Name: s.Name, Signal: Signal(s.Signal), Requests: s.Requests, Items: s.Items, Bytes: s.Bytes, Oldest: s.Oldest, Damaged: s.Damaged,
		})
	}
	return segments, err
}

// DeadLetter is a request that was dropped: the collector rejected it permanently, it was too
// large as a single item, or it grew too old because the collector failed on it.
type DeadLetter struct {
	Time   time.Time // When the request was dropped.
	Signal Signal
	Items  int    // Spans, metric points or log records in it.
	Bytes  int    // Size of the request, as it was sent.
	Reason string // The collector's last response.
}

// DeadLetters returns the dead letters in a directory, the oldest first. Other processes may use
// the directory at the same time. It fails if the directory does not exist.
func DeadLetters(dir string) ([]DeadLetter, error) {
	all, err := deadletter.List(dir)
	if err != nil {
		return nil, err
	}
	letters := make([]DeadLetter, 0, len(all))
	for _, l := range all {
		letters = append(letters, DeadLetter{Time: l.Time, Signal: Signal(l.Signal), Items: l.Items, Bytes: l.Bytes, Reason: l.Reason})
	}
	return letters, nil
}

// Resent is the result of [ResendDeadLetters].
type Resent struct {
	Letters, Items int    // Letters and items that the collector accepted.
	Refused        int    // Letters that it rejected again, and that stay.
	RefusedReason  string // Its last response.
}

// ResendDeadLetters sends the dead letters in a directory again, the oldest first, and deletes
// those that the collector accepts. Letters that it rejects again stay. If the collector cannot
// be reached, ResendDeadLetters stops and returns an error.
//
// Each letter is marked when it is accepted, so that another call does not send it again; a
// crash between the two costs one duplicate. A second call at the same time fails. Services may
// use the directory at the same time.
func ResendDeadLetters(ctx context.Context, dir string, endpoint func(Signal) (Endpoint, error)) (Resent, error) {
	done, err := deadletter.Resend(ctx, dir, func(s spool.Signal) (spool.Endpoint, error) {
		e, err := endpoint(Signal(s))
		return spool.Endpoint(e), err
	})
	return Resent(done), err
}

// DropDeadLetters deletes the dead letters in a directory and returns their number and the
// number of items in them. It fails while [ResendDeadLetters] runs. Services may use the
// directory at the same time.
func DropDeadLetters(dir string) (letters, items int, err error) { return deadletter.Drop(dir) }
