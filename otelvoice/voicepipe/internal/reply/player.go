// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package reply

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/stage"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// segment is a part of the answer that is synthesized at once.
type segment struct {
	text  string // As the model wrote it, with surrounding space.
	round int    // The number of tool call rounds before it.
}

// speech is a frame of the agent's voice.
type speech struct {
	voiceprovider.Frame

	begins segment // The segment that begins with the frame; without a text, none does.
}

// pieceDuration is the longest piece of audio that is passed to the output at once. After a
// pause or an interruption, the user still hears the current piece.
const pieceDuration = 100 * time.Millisecond

// player plays the audio of a reply. It knows what the user has heard.
type player struct {
	out     *Output
	timeout time.Duration // Beyond the duration of a piece.

	mu      sync.Mutex
	begun   []segment // The segments that began to play.
	played  time.Duration
	current time.Duration // The duration of the piece that plays since started.
	started time.Time
	gate    chan struct{} // Closed on resume; nil unless paused.
}

// play plays the audio. The first audible sample ends the user's wait.
func (p *player) play(ctx context.Context, turn *otelvoice.Turn, audio <-chan *speech) (err error) {
	out, err := p.out.open(ctx, p.timeout)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return stage.Wrap(stage.Playout, err)
	}
	defer out.close()
	heard := &onset{turn: turn}
	var stopped time.Time // When the last piece ended; while the player is paused, the agent is silent.
	defer func() { heard.end(err == nil && ctx.Err() == nil, stopped) }()
	for s := range audio {
		for _, f := range pieces(s.Frame) {
			if err := p.begin(ctx, f.Duration(), s.begins); err != nil {
				return err
			}
			s.begins = segment{}
			heard.begin(f, p.began())
			err := out.play(ctx, p.timeout+f.Duration(), f, heard)
			stopped = time.Now()
			p.stop(err == nil)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err != nil {
				return stage.Wrap(stage.Playout, err)
			}
		}
	}
	return nil
}

// begin waits while the player is paused, and then records what plays next.
func (p *player) begin(ctx context.Context, d time.Duration, begins segment) error {
	for {
		p.mu.Lock()
		gate := p.gate
		if gate == nil && ctx.Err() == nil {
			p.current, p.started = d, time.Now()
			if begins.text != "" {
				p.begun = append(p.begun, begins)
			}
			p.mu.Unlock()
			return nil
		}
		p.mu.Unlock()
		if gate == nil {
			return context.Cause(ctx)
		}
		select {
		case <-gate:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// began returns when the current piece began to play.
func (p *player) began() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.started
}

// stop records that all of the current piece was played, or only a part.
func (p *player) stop(all bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if all {
		p.played += p.current
	} else {
		p.played += p.elapsed()
	}
	p.current = 0
}

// elapsed is how much of the current piece was played.
func (p *player) elapsed() time.Duration {
	return min(time.Since(p.started), p.current)
}

// position is how much audio the user has heard.
func (p *player) position() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.played + p.elapsed()
}

// pause stops playing after the current piece.
func (p *player) pause() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gate == nil {
		p.gate = make(chan struct{})
	}
}

// resume continues after a pause.
func (p *player) resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gate != nil {
		close(p.gate)
		p.gate = nil
	}
}

// spoken returns the text of a round whose segments began to play.
func (p *player) spoken(round int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var text strings.Builder
	for _, s := range p.begun {
		if s.round == round {
			text.WriteString(s.text)
		}
	}
	return strings.TrimSpace(text.String())
}

// pieces splits a frame of constant bit rate into pieces of at most pieceDuration.
func pieces(f voiceprovider.Frame) []voiceprovider.Frame {
	width := max(f.Format.Channels, 1)
	if f.Format.Codec == otelvoice.CodecPCM16 {
		width *= 2
	}
	size := int(float64(len(f.Data))*float64(pieceDuration)/float64(max(f.Duration(), 1))) / width * width
	if f.Duration() <= pieceDuration || size <= 0 {
		return []voiceprovider.Frame{f}
	}
	frames := make([]voiceprovider.Frame, 0, len(f.Data)/size+1)
	for part := range slices.Chunk(f.Data, size) {
		frames = append(frames, voiceprovider.Frame{Format: f.Format, Data: part})
	}
	return frames
}
