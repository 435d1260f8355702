// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package pricing

import (
	"math"
	"math/bits"
	"slices"
	"time"
)

// Tokens holds the tokens that a request used, as gen_ai.usage.* does. A count of 0 is unknown. Cached tokens and
// audio tokens are included in the input tokens; reasoning and audio tokens are included in the output tokens.
type Tokens struct {
	InputTokens               int
	OutputTokens              int
	CacheReadInputTokens      int
	CacheWriteInputTokens     int
	ReasoningOutputTokens     int
	AudioInputTokens          int
	AudioOutputTokens         int
	AudioCacheReadInputTokens int
}

// Usage holds what a request used. Values of 0 are unknown.
type Usage struct {
	Tokens

	Characters              int
	InputAudio, OutputAudio time.Duration
	Requests                int
}

// A Call is a request to a provider, or several that are charged together.
type Call struct {
	Provider      string // As gen_ai.provider.name.
	Model         string // The one that was asked for, as gen_ai.request.model.
	ResponseModel string // The one that answered, as gen_ai.response.model. It may be empty.
	Time          time.Time
	Usage         Usage
}

// An UnknownError is the error of [List.Cost] if the cost is unknown.
type UnknownError struct {
	Provider, Model string
	// Unit is the unit that has no price or was not measured. It is empty if the model has no prices at the time.
	Unit Unit
	// IsPriced is true if the unit has a price and was not measured.
	IsPriced bool
}

// Error says what is missing.
func (e *UnknownError) Error() string {
	name := e.Provider + " " + e.Model
	switch {
	case e.Unit == "":
		return "pricing: the list has no price for " + name
	case e.IsPriced:
		return "pricing: " + string(e.Unit) + " of " + name + " has a price and was not measured"
	}
	return "pricing: the list has no price for " + string(e.Unit) + " of " + name
}

// Cost returns the cost of a call, with the prices at its time. If the cost is unknown, the error is an
// [*UnknownError]; the package documentation says when. Cost takes less than a microsecond, and allocates only
// the error.
func (l *List) Cost(c *Call) (Cost, error) {
	m := l.find(c)
	if m == nil {
		return Cost{}, c.unknown("", false)
	}
	rates := m.at(c.Time)
	used, isDivided := c.Usage.divide(rates[reasoning] != nil)
	in, out := slices.ContainsFunc(rates[input:output], isPrice), slices.ContainsFunc(rates[output:characters], isPrice)
	switch {
	case in && c.Usage.InputTokens <= 0, (in || out) && !isDivided:
		return Cost{}, c.unknown(InputToken, true)
	case out && c.Usage.OutputTokens <= 0:
		return Cost{}, c.unknown(OutputToken, true)
	}
	var sum uint64
	for of, r := range rates {
		of, n := measure(of), used[of]
		switch {
		case of.isToken() && (n == 0 || !in && !out), !of.isToken() && r == nil:
			continue // It is not charged.
		case r == nil:
			return Cost{}, c.unknown(of.unit(), false)
		case n <= 0:
			return Cost{}, c.unknown(of.unit(), true)
		}
		amount, ok := r.amount(n)
		if sum += amount; !ok || sum > math.MaxInt64 {
			return Cost{}, c.unknown(of.unit(), true)
		}
	}
	return Cost{Amount(sum), m.currency}, nil
}

func isPrice(r *rate) bool { return r != nil }

func (c *Call) unknown(u Unit, isPriced bool) error {
	name := c.Model
	if name == "" {
		name = c.ResponseModel
	}
	return &UnknownError{Provider: c.Provider, Model: name, Unit: u, IsPriced: isPriced}
}

// divide divides the usage by measure. It is not ok if the tokens contradict each other. Reasoning is a part of
// the other output unless it is apart.
func (u *Usage) divide(apart bool) (n [measures]int64, ok bool) {
	n[cachedAudioInput] = int64(u.AudioCacheReadInputTokens)
	n[cachedInput] = int64(u.CacheReadInputTokens) - n[cachedAudioInput]
	n[cacheWrite] = int64(u.CacheWriteInputTokens)
	n[audioInput] = int64(u.AudioInputTokens) - n[cachedAudioInput]
	n[input] = int64(u.InputTokens) - n[cachedAudioInput] - n[cachedInput] - n[cacheWrite] - n[audioInput]
	n[audioOutput] = int64(u.AudioOutputTokens)
	n[reasoning] = int64(u.ReasoningOutputTokens)
	n[output] = int64(u.OutputTokens) - n[audioOutput] - n[reasoning]
	ok = true
	for _, part := range n[:characters] {
		ok = ok && part >= 0
	}
	if !apart {
		n[output] += n[reasoning]
		n[reasoning] = 0
	}
	n[characters], n[requests] = int64(u.Characters), int64(u.Requests)
	n[inputAudio], n[outputAudio] = int64(u.InputAudio), int64(u.OutputAudio)
	return n, ok
}

// amount returns the price of n of what the rate is for, in billionths. It is not ok if it is too large.
func (r *rate) amount(n int64) (_ uint64, ok bool) {
	n = max(n, int64(r.minimum))
	if step := int64(r.roundUp); step > 0 {
		if n > math.MaxInt64-step {
			return 0, false
		}
		n = (n + step - 1) / step * step
	}
	hi, lo := bits.Mul64(uint64(n), r.num)
	if hi >= r.den {
		return 0, false
	}
	whole, rest := bits.Div64(hi, lo, r.den)
	if rest >= r.den-rest {
		whole++
	}
	return whole, whole <= math.MaxInt64
}
