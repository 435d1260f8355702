// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/reply"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/stage"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/wait"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// Config configures a pipeline.
type Config struct {
	// Telemetry starts the sessions of calls that have none, and writes the pipeline's log
	// lines. Nil does neither.
	Telemetry *otelvoice.Telemetry

	// STT, LLM and TTS are the providers. The first is preferred, the others are fallbacks.
	// Providers that are not instrumented are instrumented as models without a name. The
	// preferred recognizer may stay connected for the call: see [InstrumentSTTStream].
	STT []voiceprovider.Transcriber
	LLM []voiceprovider.Responder
	TTS []voiceprovider.Synthesizer

	// Instructions begin every conversation. Greeting, if set, is what the agent says at the
	// start of a call.
	Instructions, Greeting string
	// Tools are the tools that the model may call.
	Tools []voiceprovider.Tool
	// MaxRounds is how often the model is asked in a turn, with tool calls in between. 0 is 4.
	MaxRounds int

	// EndOfTurn selects how the end of the user's turn is detected.
	EndOfTurn EndOfTurn
	// Endpointing is how long the user may pause, after the end of speech is reported, and
	// still continue the same turn.
	Endpointing time.Duration
	// MinInterruption is how long the user must speak to interrupt the agent. The agent
	// continues after shorter speech, such as a cough. 0 is 300 ms. A negative value
	// interrupts at once.
	MinInterruption time.Duration

	// Retries is how often a provider is called again after a temporary error. An error with
	// a Temporary() bool method decides itself; timeouts and panics are not temporary. 0 is
	// once, a negative value never. RetryPause is the time between attempts. 0 is 100 ms.
	Retries    int
	RetryPause time.Duration
	Timeouts   Timeouts

	// ID is the pipeline's ID on the sessions that it starts. Channel is their channel.
	ID, Channel string
	// OnTurn is called with each turn of [Pipeline.Run] when it has ended, and with the
	// error that ended it, if any. Calls are not concurrent. It must not block.
	OnTurn func(Result, error)
}

// EndOfTurn selects how the end of the user's turn is detected.
type EndOfTurn uint8

// The ways to detect the end of a turn.
const (
	// ByVAD uses voice activity detection: the events [SpeechStarted] and [SpeechStopped].
	ByVAD EndOfTurn = iota
	// BySTT uses the recognizer: a transcript with EndOfTurn set. A turn begins with the
	// first audible audio, or with any audio of a compressed codec, and words interrupt the
	// agent. With [InstrumentSTTStream] a turn begins with the recognizer's start of speech,
	// which interrupts the agent in the same way as with [ByVAD].
	BySTT
)

// Timeouts limit how long a provider may block a call: for its first answer, and then for
// each further one. 0 is 10 s.
type Timeouts struct {
	STT     time.Duration // From the end of the audio.
	LLM     time.Duration
	TTS     time.Duration
	Tool    time.Duration
	Playout time.Duration // Beyond the duration of the audio.
}

// The defaults of a [Config].
const (
	defaultTimeout         = 10 * time.Second
	defaultRounds          = 4
	defaultPause           = 100 * time.Millisecond
	defaultMinInterruption = 300 * time.Millisecond
)

// A Pipeline is a voice agent. It has no state of a call, so one pipeline serves any number
// of calls concurrently.
type Pipeline struct {
	cfg     Config
	retry   stage.Retry
	replies reply.Config
}

// New returns a pipeline. The error names missing providers.
func New(cfg Config) (*Pipeline, error) {
	p := &Pipeline{cfg: cfg, retry: stage.Retry{Retries: max(cfg.Retries, 0), Pause: orDefault(cfg.RetryPause, defaultPause)}}
	if cfg.Retries == 0 {
		p.retry.Retries = 1
	}
	c := &p.cfg
	if c.MaxRounds <= 0 {
		c.MaxRounds = defaultRounds
	}
	if c.MinInterruption == 0 {
		c.MinInterruption = defaultMinInterruption
	}
	for _, d := range []*time.Duration{&c.Timeouts.STT, &c.Timeouts.LLM, &c.Timeouts.TTS, &c.Timeouts.Tool, &c.Timeouts.Playout} {
		*d = orDefault(*d, defaultTimeout)
	}
	var errSTT, errLLM, errTTS error
	c.STT, errSTT = instrumented(stage.STT, c.STT, InstrumentSTT)
	c.LLM, errLLM = instrumented(stage.LLM, c.LLM, InstrumentLLM)
	c.TTS, errTTS = instrumented(stage.TTS, c.TTS, InstrumentTTS)
	if err := errors.Join(errSTT, errLLM, errTTS); err != nil {
		return nil, err
	}
	p.retry.Log = cfg.Telemetry.Logger("voice.pipeline", otelvoice.Component(cmp.Or(cfg.ID, "voicepipe"), otelvoice.ComponentPipeline))
	p.replies = reply.Config{
		LLM: c.LLM, TTS: c.TTS, Tools: c.Tools, MaxRounds: c.MaxRounds, Retry: p.retry,
		LLMTimeout: c.Timeouts.LLM, TTSTimeout: c.Timeouts.TTS, ToolTimeout: c.Timeouts.Tool, PlayoutTimeout: c.Timeouts.Playout,
	}
	return p, nil
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}

// An Output plays the agent's voice to the user. Play returns when the frame was played, or
// earlier by the time that the output buffers; see [Paced].
//
// The frames of a call are played one at a time: Play is called again only after it has returned. An
// interruption, the end of the call or a timeout ends its ctx, and the pipeline continues without
// waiting for it. If it then blocks for longer than [Timeouts.Playout] in the agent's next turn,
// that turn fails. It may still run when [Pipeline.Run] or [Pipeline.Process] has returned.
type Output interface {
	Play(ctx context.Context, f voiceprovider.Frame) error
}

// Paced returns an output for a function that returns before a frame was played: Play waits
// for the duration of each frame. Audio that was written cannot be taken back when the user
// interrupts.
func Paced(write func(voiceprovider.Frame) error) Output { return paced(write) }

type paced func(voiceprovider.Frame) error

// Play writes the frame and waits for its duration.
func (write paced) Play(ctx context.Context, f voiceprovider.Frame) error {
	if err := write(f); err != nil {
		return err
	}
	return wait.Sleep(ctx, f.Duration())
}
