// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package voicepipe is the loop that most voice agents are, with its telemetry
// already right:
//
//	audio in → STT → LLM → sentences → TTS → playout
//	             ↘ tools ↗
//
// The stages of a turn run side by side: while the end of an answer is being thought
// of, its beginning is being played. The user may cut in at any moment. [Pipeline]
// has two ways in: [Pipeline.Process] for one utterance, [Pipeline.Run] for a whole
// call.
//
// Sentences end where Unicode says (UAX 29), in any script, and not after abbreviations,
// initials or ordinals. The first is spoken as soon as its end is known, which is with the
// character after it.
//
// Its providers are a [Transcriber], a [Responder] and a [Synthesizer]. They write no
// telemetry: [InstrumentSTT], [InstrumentLLM] and [InstrumentTTS] tell of their work.
// Those who keep a loop of their own use these alone.
//
// No provider can hold a call up or take it down: see [Timeouts].
package voicepipe

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// Config says what a pipeline is made of.
type Config struct {
	// Telemetry starts the sessions of calls that have none, and takes the
	// pipeline's log lines; nil tells nothing of either.
	Telemetry *otelvoice.Telemetry

	// STT, LLM and TTS are the providers, the preferred one first; the others are
	// fallbacks. Those that are not instrumented are, as models without a name. The
	// preferred recogniser may stay connected for the call: see [InstrumentSTTStream].
	STT []Transcriber
	LLM []Responder
	TTS []Synthesizer

	// Instructions begin every conversation. Greeting, if any, is what the agent
	// opens a call with.
	Instructions, Greeting string
	// Tools are what the model may call.
	Tools []Tool
	// MaxRounds is how often one turn asks the model, tools in between; 0 is 4.
	MaxRounds int

	// EndOfTurn says who decides that the user is done.
	EndOfTurn EndOfTurn
	// Endpointing is how long the user may pause, from when the silence is reported,
	// and still go on with the same turn.
	Endpointing time.Duration
	// MinInterruption is how long the user must speak to interrupt the agent; what
	// is shorter is a cough, after which the agent goes on. 0 is 300 ms. Negative is
	// at once.
	MinInterruption time.Duration

	// Retries is how often a provider is asked again if its error may pass, which
	// an error with a Temporary() bool method says itself; timeouts and panics do
	// not. 0 is once, negative is never. RetryPause is the time between; 0 is 100 ms.
	Retries    int
	RetryPause time.Duration
	Timeouts   Timeouts

	// ID is the pipeline's own, on the sessions that it starts; Channel is their
	// channel.
	ID, Channel string
	// OnTurn is told of every turn of [Pipeline.Run] when it has ended, one at a
	// time. It must not block.
	OnTurn func(Result, TurnMetrics, error)
}

// EndOfTurn says who decides that the user is done.
type EndOfTurn uint8

// The ways to know.
const (
	// ByVAD is voice activity detection: the events [SpeechStarted] and
	// [SpeechStopped].
	ByVAD EndOfTurn = iota
	// BySTT is the recogniser: a transcript with EndOfTurn set. A turn begins with
	// the first audio that can be heard, of a codec that is not raw with any, and words
	// interrupt the agent. With [InstrumentSTTStream] a turn begins with the recogniser's
	// start of speech, which interrupts the agent as that of [ByVAD] does.
	BySTT
)

// Timeouts are how long a provider may keep a call waiting: for its first answer and
// then for each further one. 0 is 10 s.
type Timeouts struct {
	STT     time.Duration // From the end of the audio.
	LLM     time.Duration
	TTS     time.Duration
	Tool    time.Duration
	Playout time.Duration // Beyond the length of what is played.
}

const (
	defaultPatience        = 10 * time.Second
	defaultRounds          = 4
	defaultPause           = 100 * time.Millisecond
	defaultMinInterruption = 300 * time.Millisecond
)

// The stages of a [StageError].
const (
	stageSTT     = semconv.VoiceStageSTT
	stageLLM     = semconv.VoiceStageLLM
	stageTTS     = semconv.VoiceStageTTS
	stageTool    = semconv.VoiceStageTool
	stagePlayout = semconv.VoiceSegmentPlayout
)

// A Pipeline is a voice agent. It holds no call's state: one serves any number at
// once.
type Pipeline struct {
	cfg     Config
	retries int
	pause   time.Duration
	log     *slog.Logger
}

// New returns a pipeline. The error names what is missing.
func New(cfg Config) (*Pipeline, error) {
	p := &Pipeline{cfg: cfg, retries: max(cfg.Retries, 0), pause: cfg.RetryPause}
	if cfg.Retries == 0 {
		p.retries = 1
	}
	p.pause = orDefault(p.pause, defaultPause)
	c := &p.cfg
	if c.MaxRounds <= 0 {
		c.MaxRounds = defaultRounds
	}
	if c.MinInterruption == 0 {
		c.MinInterruption = defaultMinInterruption
	}
	for _, d := range []*time.Duration{&c.Timeouts.STT, &c.Timeouts.LLM, &c.Timeouts.TTS, &c.Timeouts.Tool, &c.Timeouts.Playout} {
		*d = orDefault(*d, defaultPatience)
	}
	var errSTT, errLLM, errTTS error
	c.STT, errSTT = instrumented(stageSTT, c.STT, InstrumentSTT)
	c.LLM, errLLM = instrumented(stageLLM, c.LLM, InstrumentLLM)
	c.TTS, errTTS = instrumented(stageTTS, c.TTS, InstrumentTTS)
	if err := errors.Join(errSTT, errLLM, errTTS); err != nil {
		return nil, err
	}
	p.log = cfg.Telemetry.Logger("voice.pipeline", otelvoice.Component(or(cfg.ID, "voicepipe"), otelvoice.ComponentPipeline))
	return p, nil
}

// instrumented returns the providers with those instrumented that are not.
func instrumented[P comparable](stage string, providers []P, instrument func(P, otelvoice.Model) P) ([]P, error) {
	if len(providers) == 0 {
		return nil, fmt.Errorf("voicepipe: no provider for %s", stage)
	}
	out := make([]P, len(providers))
	for i, provider := range providers {
		var none P
		if provider == none {
			return nil, fmt.Errorf("voicepipe: provider %d for %s is nil", i+1, stage)
		}
		switch any(provider).(type) {
		case *instrumentedSTT, *instrumentedLLM, *instrumentedTTS:
			out[i] = provider
		default:
			out[i] = instrument(provider, otelvoice.Model{})
		}
	}
	return out, nil
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}
