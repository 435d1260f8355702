// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/audio"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/pull"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/stage"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// connection keeps a streaming recognizer connected for a call.
type connection struct {
	p       *Pipeline
	stt     *stage.Transcriber
	stream  *otelvoice.STTStream
	feed    *audio.Feed
	updates chan update
	over    chan struct{} // Closed when the call receives no more updates.
	done    chan struct{}
	cancel  context.CancelFunc
}

// update is a transcript of a streaming recognizer, or a change of its connection.
type update struct {
	voiceprovider.Transcript

	started   time.Time // When speech or the first word started, if that is known.
	flushes   int       // The number of the last flush request that the recognizer got.
	connected bool      // A connection was made.
	down      error     // No connection can be made.
}

// connect connects the preferred recognizer for a call. It returns nil if the recognizer is
// not a streaming one.
func (p *Pipeline) connect(ctx context.Context, session *otelvoice.Session) *connection {
	stt, ok := p.cfg.STT[0].(*stage.Transcriber)
	if !ok || !stt.Streams {
		return nil
	}
	c := &connection{
		p: p, stt: stt,
		updates: make(chan update), over: make(chan struct{}), done: make(chan struct{}),
	}
	// A hang-up does not cancel the connection: the recognizer reports what it bills first.
	ctx, c.cancel = context.WithCancel(context.WithoutCancel(ctx))
	ctx, c.stream = session.StartSTTStream(ctx, stt.Model)
	c.feed = audio.NewFeed(c.stream.Dropped)
	go c.run(ctx)
	return c
}

// run keeps the recognizer connected until the call is over.
func (c *connection) run(ctx context.Context) {
	defer close(c.done)
	const longestPause = 5 * time.Second
	var lost error // Why there is no connection.
	defer func() { c.stream.End(lost) }()
	failed := 0
	for !c.isOver() {
		answered, err := c.transcribe(ctx)
		if c.isOver() {
			if ctx.Err() == nil { // Otherwise the call canceled the connection.
				lost = err
			}
			return
		}
		if lost = err; lost == nil {
			lost = io.ErrUnexpectedEOF
		}
		c.stream.Reconnecting(lost)
		if answered {
			failed = 0
		}
		failed++
		permanent := !mayReconnect(lost)
		if permanent || failed > c.p.retry.Retries {
			c.send(update{down: lost})
		}
		if permanent {
			<-c.over
			return
		}
		c.wait(min(c.p.retry.Pause<<min(failed-1, 10), longestPause))
	}
}

// mayReconnect reports whether another connection may succeed. A timeout does not rule that
// out, because the user does not wait for the connection.
func mayReconnect(err error) bool {
	return errors.Is(err, voiceprovider.ErrTimeout) || stage.IsTemporary(err)
}

func (c *connection) isOver() bool {
	select {
	case <-c.over:
		return true
	default:
		return false
	}
}

// wait waits before the next attempt, or until the call is over.
func (c *connection) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.over:
	}
}

func (c *connection) send(u update) {
	select {
	case c.updates <- u:
	case <-c.over:
	}
}

// transcribe transcribes the call over one connection until the connection ends. It reports
// whether there was a transcript.
func (c *connection) transcribe(ctx context.Context) (answered bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := time.AfterFunc(c.p.cfg.Timeouts.STT, func() { cancel(voiceprovider.ErrTimeout) })
	defer late.Stop()
	var flushes atomic.Int64
	frames := func(yield func(voiceprovider.Frame) bool) {
		if !late.Stop() {
			return
		}
		c.stream.Connected()
		c.send(update{connected: true})
		for f := range c.feed.Connect(ctx) {
			if f.Flush > 0 {
				flushes.Store(int64(f.Flush))
			} else {
				c.stream.SetAudio(f.Format)
				c.stream.AddAudioAt(f.Data, f.At)
			}
			if !yield(f.Frame) {
				return
			}
		}
	}
	for t, err := range pull.Seq(ctx, 0, nil, func(ctx context.Context) iter.Seq2[voiceprovider.Transcript, error] {
		return c.stt.Next.Transcribe(ctx, frames)
	}) {
		if err != nil {
			if errors.Is(context.Cause(ctx), voiceprovider.ErrTimeout) {
				err = voiceprovider.ErrTimeout
			}
			return answered, err
		}
		answered = true
		c.stream.AddRequestID(t.RequestID)
		if t.Billed > 0 {
			c.stream.SetBilled(t.Billed)
		}
		u := update{Transcript: t, flushes: int(flushes.Load())}
		switch {
		case t.SpeechStarted != nil:
			u.started, _ = c.stream.At(*t.SpeechStarted)
		case len(t.Words) > 0:
			u.started, _ = c.stream.At(t.Words[0].Start)
		}
		c.send(u)
	}
	return answered, nil
}

// close ends the connection. The recognizer has a moment to report what it bills.
func (c *connection) close(hungUp bool) {
	const moment = 500 * time.Millisecond
	close(c.over)
	c.feed.Close()
	if !hungUp {
		c.cancel()
	}
	timer := time.NewTimer(moment)
	defer timer.Stop()
	select {
	case <-c.done:
	case <-timer.C:
	}
	c.cancel()
	<-c.done
}
