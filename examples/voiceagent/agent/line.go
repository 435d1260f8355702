// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/examples/voiceagent/pace"
	"github.com/voice-agents/telemetry/examples/voiceagent/tape"
	"github.com/voice-agents/telemetry/examples/voiceagent/wire"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// A line sends frames to the caller, in the body of the response.
type line struct {
	speed pace.Speed
	tape  *tape.Tape // Nil without a recording.
	ends  time.Time  // When the audio that was sent has been played.

	mu   sync.Mutex // One frame at a time.
	over bool       // The caller is no longer there.
	w    http.ResponseWriter
	http *http.ResponseController
}

// pickUp accepts the call. From here on the response is written while the request is read.
func pickUp(w http.ResponseWriter, speed pace.Speed) (*line, error) {
	l := &line{w: w, http: http.NewResponseController(w), speed: speed}
	if err := l.http.EnableFullDuplex(); err != nil {
		return nil, fmt.Errorf("agent: pick up: %w", err)
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	// A connection is for one call. If it were kept open, net/http would wait for the next
	// request while the end of this one's body may still be read.
	w.Header().Set("Connection", "close")
	w.WriteHeader(http.StatusOK)
	if err := l.http.Flush(); err != nil {
		return nil, fmt.Errorf("agent: pick up: %w", err)
	}
	return l, nil
}

// Play sends audio to the caller in real time. A piece that is sent a moment late is played without
// a gap, as by the buffers of a device. When the caller interrupts, the rest of the piece is not
// heard; see [wire.Cleared].
func (l *line) Play(ctx context.Context, f voiceprovider.Frame) error {
	const buffered = 20 * time.Millisecond
	plays := time.Now()
	if plays.Sub(l.ends) < buffered {
		plays = l.ends
	}
	if err := l.send(wire.Audio, f.Data); err != nil {
		return err
	}
	l.tape.Add(tape.Agent, f.Format, f.Data, plays)
	l.ends = plays.Add(l.speed.Of(f.Duration()))
	err := l.speed.Until(ctx, plays, f.Duration())
	if err != nil {
		l.ends = time.Now()
		l.tape.Cut(tape.Agent, l.ends)
	}
	return err
}

// send sends one frame without buffering.
func (l *line) send(kind wire.Kind, payload []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return errHungUp
	}
	if err := wire.Write(l.w, kind, payload); err != nil {
		return err
	}
	if err := l.http.Flush(); err != nil {
		return fmt.Errorf("agent: send: %w", err)
	}
	return nil
}

var errHungUp = errors.New("agent: the call is over")

// hangUp ends the line: a response must not be written to after its handler has returned, and
// a canceled pipeline does not wait for the frame that it was playing. Sending a frame takes
// long only if the caller does not read; then the connection ends.
func (l *line) hangUp() {
	const hangUpTimeout = time.Second
	stuck := time.AfterFunc(hangUpTimeout, func() {
		_ = l.http.SetWriteDeadline(time.Now())
		_ = l.http.SetReadDeadline(time.Now())
	})
	defer stuck.Stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
}
