// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
)

// An Output is the agent's way to the user. Play plays a frame, and returns when it
// has been heard, or as long before as the line buffers; see [Paced].
type Output interface {
	Play(ctx context.Context, f Frame) error
}

// Paced returns an output for a line that takes frames faster than they are heard:
// it waits for as long as each plays. What has been sent can't be taken back when
// the user interrupts.
func Paced(write func(Frame) error) Output { return paced(write) }

type paced func(Frame) error

// Play writes the frame and waits until it has been heard.
func (write paced) Play(ctx context.Context, f Frame) error {
	if err := write(f); err != nil {
		return err
	}
	return sleep(ctx, f.Duration())
}

// segment is a part of the answer that is spoken at once.
type segment struct {
	text  string // As the model wrote it, with the space around.
	round int    // How many rounds of tool calls came before it.
}

// speech is a frame of the agent's voice.
type speech struct {
	Frame

	begins segment // The segment that it begins, if that has a text.
}

// piece is how much is handed to the line at once, at most: what a pause, or an
// interruption, leaves to be heard.
const piece = 100 * time.Millisecond

// player plays the audio of a reply. It knows what the user has heard.
type player struct {
	out      Output
	patience time.Duration

	mu      sync.Mutex
	begun   []segment // Those that have begun to be played.
	played  time.Duration
	current time.Duration // What is being played, since started.
	started time.Time
	gate    chan struct{} // Closed to go on; nil if not paused.
}

// play plays what comes. The first frame is the end of the user's wait.
func (p *player) play(ctx context.Context, turn *otelvoice.Turn, audio <-chan *speech) error {
	line := newLine(ctx, p.out)
	defer line.close()
	first := true
	defer func() {
		if !first {
			turn.Mark(otelvoice.AgentStopped)
		}
	}()
	for s := range audio {
		for _, f := range pieces(s.Frame) {
			if err := p.begin(ctx, f.Duration(), s.begins); err != nil {
				return err
			}
			s.begins = segment{}
			if first {
				first = false
				turn.Mark(otelvoice.AgentStarted)
			}
			err := line.play(ctx, p.patience+f.Duration(), f)
			p.stop(err == nil)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err != nil {
				return stageError(stagePlayout, err)
			}
		}
	}
	return nil
}

// begin waits while the player is paused, and notes what is played next.
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

// stop notes that the current frame has been played, or how much of it has.
func (p *player) stop(all bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if all {
		p.played += p.current
	} else {
		p.played += p.running()
	}
	p.current = 0
}

// running is how much of the current frame has been played.
func (p *player) running() time.Duration {
	return min(time.Since(p.started), p.current)
}

// position is how much the user has heard.
func (p *player) position() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.played + p.running()
}

// pause falls silent after the current piece.
func (p *player) pause() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gate == nil {
		p.gate = make(chan struct{})
	}
}

// resume goes on.
func (p *player) resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gate != nil {
		close(p.gate)
		p.gate = nil
	}
}

// heard returns the text of a round that has begun to be played.
func (p *player) heard(round int) string {
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

// pieces cuts a frame of constant rate into pieces that are soon over.
func pieces(f Frame) []Frame {
	width := max(f.Format.Channels, 1)
	if f.Format.Codec == otelvoice.CodecPCM16 {
		width *= 2
	}
	size := int(float64(len(f.Data))*float64(piece)/float64(max(f.Duration(), 1))) / width * width
	if f.Duration() <= piece || size <= 0 {
		return []Frame{f}
	}
	frames := make([]Frame, 0, len(f.Data)/size+1)
	for part := range slices.Chunk(f.Data, size) {
		frames = append(frames, Frame{Format: f.Format, Data: part})
	}
	return frames
}
