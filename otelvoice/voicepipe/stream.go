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
)

// InstrumentSTTStream returns a [Transcriber] that [Pipeline.Run] keeps connected for
// the whole call: Transcribe is called once, with all audio of the call, and again only
// when its sequence ends before the call does. There is a span for the connection, with
// the time to connect, reconnects and the seconds that were sent and billed, and one for
// each utterance in its turn. Offsets are mapped to the clock by the audio that was sent.
//
// Three things differ from the audio of one utterance:
//
//   - The provider draws the first frame when it is connected.
//   - A frame without data says that the voice activity detection hears the user no more:
//     the provider asks the recogniser for what it has (Finalize at Deepgram, ForceEndpoint
//     at AssemblyAI) and yields it as a final transcript.
//   - After a lost connection the audio begins with that of the utterance under way.
//
// With [BySTT] the turn begins with the recogniser's own start of speech, which is also
// what interrupts the agent; see [Transcript.SpeechStarted]. With none it begins with the
// first words. What the recogniser says twice, as the end of a turn without and with
// punctuation, or late, counts once; see [Transcript.Words].
//
// While no connection can be made, the other providers of [Config.STT] are asked for each
// utterance. In [Pipeline.Process] it is as [InstrumentSTT] is, and so is a
// [TranscribeFunc], which cannot listen.
func InstrumentSTTStream(next Transcriber, model otelvoice.Model) Transcriber {
	_, batch := next.(TranscribeFunc)
	return &instrumentedSTT{next: next, model: model, stays: !batch}
}

// listener is a recogniser that stays connected for a call.
type listener struct {
	p      *Pipeline
	stt    *instrumentedSTT
	stream *otelvoice.STTStream
	feed   *feed
	news   chan recognition
	over   chan struct{} // Closed when the call takes no more news.
	done   chan struct{}
	cancel context.CancelFunc
}

// recognition is news of a recogniser that stays connected.
type recognition struct {
	Transcript

	started time.Time // When speech started and when the first word did, if that is known.
	flushes int       // How many requests for it the recogniser has been given.
	up      bool      // A connection is open.
	down    error     // None can be made.
}

// listenToCall connects the preferred recogniser for a call, or returns nil if it takes
// utterances.
func (p *Pipeline) listenToCall(ctx context.Context, session *otelvoice.Session) *listener {
	stt, ok := p.cfg.STT[0].(*instrumentedSTT)
	if !ok || !stt.stays {
		return nil
	}
	l := &listener{
		p: p, stt: stt,
		news: make(chan recognition), over: make(chan struct{}), done: make(chan struct{}),
	}
	// A hang-up does not cut the connection: what was heard is billed, and said so.
	ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	ctx, l.stream = session.StartSTTStream(ctx, stt.model)
	l.feed = newFeed(l.stream.Dropped)
	go l.run(ctx)
	return l
}

// run keeps the recogniser connected until the call is over.
func (l *listener) run(ctx context.Context) {
	defer close(l.done)
	const longestPause = 5 * time.Second
	var lost error // Why there is no connection.
	defer func() { l.stream.End(lost) }()
	failed := 0
	for !l.isOver() {
		heard, err := l.connect(ctx)
		if l.isOver() {
			if ctx.Err() == nil { // Else it was not asked any more.
				lost = err
			}
			return
		}
		if lost = err; lost == nil {
			lost = io.ErrUnexpectedEOF
		}
		l.stream.Reconnecting(lost)
		if heard {
			failed = 0
		}
		failed++
		hopeless := !mayReconnect(lost)
		if hopeless || failed > l.p.retries {
			l.tell(recognition{down: lost})
		}
		if hopeless {
			<-l.over
			return
		}
		l.wait(min(l.p.pause<<min(failed-1, 10), longestPause))
	}
}

// mayReconnect reports whether another connection may be had. A timeout is no reason
// against one: nobody is kept waiting by it alone.
func mayReconnect(err error) bool { return errors.Is(err, ErrTimeout) || temporary(err) }

func (l *listener) isOver() bool {
	select {
	case <-l.over:
		return true
	default:
		return false
	}
}

// wait waits before the next attempt, or until the call is over.
func (l *listener) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.over:
	}
}

func (l *listener) tell(news recognition) {
	select {
	case l.news <- news:
	case <-l.over:
	}
}

// connect has the call recognised over one connection, until it ends. It reports whether
// anything was understood.
func (l *listener) connect(ctx context.Context) (heard bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := time.AfterFunc(l.p.cfg.Timeouts.STT, func() { cancel(ErrTimeout) })
	defer late.Stop()
	var flushes atomic.Int64
	audio := func(yield func(Frame) bool) {
		if !late.Stop() {
			return
		}
		l.stream.Connected()
		l.tell(recognition{up: true})
		for f := range l.feed.connect(ctx) {
			if f.flush > 0 {
				flushes.Store(int64(f.flush))
			} else {
				l.stream.SetAudio(f.Format)
				l.stream.AddAudioAt(f.Data, f.at)
			}
			if !yield(f.Frame) {
				return
			}
		}
	}
	for t, err := range pull(ctx, 0, nil, func(ctx context.Context) iter.Seq2[Transcript, error] {
		return l.stt.next.Transcribe(ctx, audio)
	}) {
		if err != nil {
			if errors.Is(context.Cause(ctx), ErrTimeout) {
				err = ErrTimeout
			}
			return heard, err
		}
		heard = true
		l.stream.AddRequestID(t.RequestID)
		if t.Billed > 0 {
			l.stream.SetBilled(t.Billed)
		}
		news := recognition{Transcript: t, flushes: int(flushes.Load())}
		switch {
		case t.SpeechStarted != nil:
			news.started, _ = l.stream.At(*t.SpeechStarted)
		case len(t.Words) > 0:
			news.started, _ = l.stream.At(t.Words[0].Start)
		}
		l.tell(news)
	}
	return heard, nil
}

// close ends the connection. The recogniser is given a moment to say what it bills.
func (l *listener) close(hungUp bool) {
	const patience = 500 * time.Millisecond
	close(l.over)
	l.feed.close()
	if !hungUp {
		l.cancel()
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-l.done:
	case <-timer.C:
	}
	l.cancel()
	<-l.done
}
