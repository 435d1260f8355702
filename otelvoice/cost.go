// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/otelvoice/internal/guard"
	"github.com/voice-agents/telemetry/otelvoice/internal/outcome"
	"github.com/voice-agents/telemetry/otelvoice/internal/spend"
	"github.com/voice-agents/telemetry/otelvoice/internal/stagerecord"
	"github.com/voice-agents/telemetry/pricing"
	"github.com/voice-agents/telemetry/semconv"
)

// WithPrices sets the list of prices from which costs are computed: voice.cost on the spans and end lines of STT,
// LLM, TTS and realtime stages, of STT streams, turns and sessions, and the metric voice.cost. Without a list there
// are no costs. Prices are those at the start of the stage.
//
//   - A stage has a cost if the list has a price for everything that it used; see package pricing. If it failed
//     before the provider answered, it is not charged.
//   - An STTStream is charged once, at its end: for the audio that the provider bills, or else for the audio that was
//     sent. Its utterances are not charged, so that no audio is charged twice.
//   - The cost of a turn is that of its stages. The cost of a session is that of all its stages and streams so far,
//     including those outside of turns and those of earlier parts in this process.
//   - If the cost of a stage is unknown, so are those of its turn and its session: the attribute is absent. So is the
//     sum of several currencies. A warning names the first missing price of each model.
//   - Usage that arrives after the end of a stage (see [LLM.SetUsage]) is added to the metric, to the session if it
//     is open, and to the log line "llm usage". Usage that would lower a cost, or make it unknown, leaves it as it
//     is: what was counted is not taken back.
func WithPrices(list *pricing.List) Option {
	return optionFunc(func(c config) config {
		if list != nil {
			c.prices = list
		}
		return c
	})
}

// charge appends the cost of a stage that ends. Only the stage's report calls it.
func (s *stage) charge(end stagerecord.End, attrs []attribute.KeyValue) []attribute.KeyValue {
	if s.turn.session.tel.prices == nil {
		return attrs
	}
	usage, isAnswered := s.usage()
	if end.Outcome == outcome.Failed && !isAnswered || usage == (pricing.Usage{}) {
		return attrs
	}
	charge, err := s.price(usage)
	charge, _ = s.settle(charge)
	var unknown *pricing.UnknownError
	if errors.As(err, &unknown) && (!unknown.IsPriced || end.Outcome == outcome.Completed) {
		s.unpriced = unknown // What a stage did not measure that ended early is no surprise.
	}
	return charge.Attributes(attrs)
}

// recharge computes the cost of a stage that has ended from later usage. It returns the whole, and what was not
// counted before. The lock of Set is held.
func (s *stage) recharge() (all, more spend.Charge) {
	if s.turn.session.tel.prices == nil {
		return all, more
	}
	usage, _ := s.usage()
	all, _ = s.price(usage)
	return s.settle(all)
}

// price returns the charge for a usage of the stage's model.
func (s *stage) price(usage pricing.Usage) (spend.Charge, error) {
	return s.turn.session.tel.price(&pricing.Call{
		Provider: s.Model.Provider, Model: s.Model.Name, ResponseModel: s.Attribute(semconv.GenAIResponseModelKey),
		Time: s.Start, Usage: usage,
	})
}

// price returns the charge for a call, and why it is unknown.
func (t *Telemetry) price(c *pricing.Call) (spend.Charge, error) {
	cost, err := t.prices.Cost(c)
	if err != nil {
		return spend.Charge{State: spend.Unknown}, err
	}
	return spend.Charge{Cost: cost, State: spend.Known}, nil
}

// settle replaces the charge of the stage in the sums of its turn and session, and counts what was not counted
// before. It returns the charge that counts, and what was not counted.
func (s *stage) settle(newest spend.Charge) (now, more spend.Charge) {
	before, now, more := s.account.Set(newest)
	if !s.turn.isDetached {
		s.turn.spent.Replace(before, now)
	}
	s.turn.session.settle(s.Uncancelled, s.Kind, Model(s.Model), before, now, more)
	return now, more
}

// settle replaces a charge in the sum of the session, and counts what was not counted before.
func (s *Session) settle(ctx context.Context, kind string, model Model, before, charge, more spend.Charge) {
	if s.conversation != nil { // Nil for a stage outside of a session.
		s.conversation.Spent.Replace(before, charge)
	}
	if more.State == spend.Known {
		s.tel.emit.Metrics.Charged(ctx, instrument.Cost{
			Kind: instrument.StageKind(kind), Provider: model.Provider, Model: model.Name, Currency: more.Cost.Currency,
		}, more.Cost.Amount.Float64())
	}
}

// usage returns what the stage used, and whether the provider answered. It is zero if the stage is not charged: a
// tool, or an utterance of a stream.
func (s *stage) usage() (u pricing.Usage, isAnswered bool) {
	switch of := s.Owner.(type) {
	case *LLM:
		u.Tokens = s.tokens(of.usage)
		isAnswered = of.chunks > 0
	case *STT:
		if of.stream != nil {
			return u, false
		}
		u.Tokens, u.InputAudio = pricing.Tokens(of.seen.Usage), of.length()
		isAnswered = of.partials > 0 || !of.final.IsZero()
	case *TTS:
		u.Characters, u.OutputAudio = of.characters, of.audio.Length()
		isAnswered = of.audio.Size > 0 || !of.firstByte.IsZero()
	case *Realtime:
		u.Tokens, u.InputAudio, u.OutputAudio = s.tokens(of.usage), of.input.Length(), of.audio.Length()
		isAnswered = of.audio.Size > 0 || !of.firstAudio.IsZero()
	default:
		return u, false
	}
	u.Requests = 1
	return u, isAnswered || u.Tokens != (pricing.Tokens{})
}

// charge appends the cost of a stream that ends. It also returns why the cost is unknown. The lock is held.
func (s *STTStream) charge(attrs []attribute.KeyValue) (_ []attribute.KeyValue, unpriced *pricing.UnknownError) {
	charge, err := s.settle()
	_ = errors.As(err, &unpriced)
	return charge.Attributes(attrs), unpriced
}

// recharge computes the cost of a stream that has ended from what the provider bills later. The lock is held.
func (s *STTStream) recharge() {
	if !s.state.Open() {
		_, _ = s.settle()
	}
}

// settle replaces the charge of the stream in the sum of its session.
func (s *STTStream) settle() (charge spend.Charge, err error) {
	defer s.session.tel.emit.Guard.Recovered(guard.Instruments)
	if s.session.tel.prices == nil {
		return charge, nil
	}
	model := *s.model.Load()
	tokens := pricing.Tokens(s.usage)
	if s.usage.IsContradictory() {
		tokens = pricing.Tokens{InputTokens: -1} // See [stage.tokens].
	}
	switch audio := s.state.Charged(); {
	case audio.IsUnknown && tokens == pricing.Tokens{}:
		charge.State = spend.Unknown
	case audio.Audio > 0, tokens != pricing.Tokens{}:
		if audio.IsUnknown {
			audio.Audio = 0 // Its price, if it has one, is unknown then.
		}
		charge, err = s.session.tel.price(&pricing.Call{
			Provider: model.Provider, Model: model.Name, Time: s.start,
			Usage: pricing.Usage{Tokens: tokens, InputAudio: audio.Audio, Requests: 1},
		})
	}
	before, charge, more := s.account.Set(charge)
	s.session.settle(s.record, semconv.VoiceStageSTT, model, before, charge, more)
	return charge, err
}

// warn logs why a cost is unknown, once for each reason.
func (s *Session) warn(ctx context.Context, kind string, unpriced *pricing.UnknownError) {
	if unpriced != nil {
		s.tel.emit.Log.Unpriced(ctx, kind, *unpriced)
	}
}
