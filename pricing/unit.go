// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package pricing

import (
	"slices"
	"time"
)

// A Unit is what a price is for.
type Unit string

// The units. The package documentation says how those of tokens divide the tokens of a request.
const (
	InputToken            Unit = "input_token"
	CachedInputToken      Unit = "cached_input_token"       //nolint:gosec // It is no secret.
	CacheWriteToken       Unit = "cache_write_token"        //nolint:gosec // It is no secret.
	AudioInputToken       Unit = "audio_input_token"        //nolint:gosec // It is no secret.
	CachedAudioInputToken Unit = "cached_audio_input_token" //nolint:gosec // It is no secret.
	OutputToken           Unit = "output_token"
	AudioOutputToken      Unit = "audio_output_token"
	ReasoningToken        Unit = "reasoning_token"

	// Character is a Unicode code point of text to synthesise.
	Character Unit = "character"

	// Input audio is sent to the model: to a recogniser, or by the user to a speech-to-speech model.
	InputAudioSecond Unit = "input_audio_second"
	InputAudioMinute Unit = "input_audio_minute"
	InputAudioHour   Unit = "input_audio_hour"
	// Output audio is the agent's.
	OutputAudioSecond Unit = "output_audio_second"
	OutputAudioMinute Unit = "output_audio_minute"
	OutputAudioHour   Unit = "output_audio_hour"

	// Request is a request, of any size.
	Request Unit = "request"
)

// A measure is what units count: audio has one measure for seconds, minutes and hours.
type measure uint8

const (
	input measure = iota // The first of input tokens.
	cachedInput
	cacheWrite
	audioInput
	cachedAudioInput
	output // The first of output tokens.
	audioOutput
	reasoning
	characters // The first that is no token.
	inputAudio // In nanoseconds.
	outputAudio
	requests

	measures // How many there are.
)

func (m measure) isToken() bool { return m < characters }
func (m measure) isAudio() bool { return m == inputAudio || m == outputAudio }

// scale says what a unit measures, and how much of it.
type scale struct {
	unit Unit
	of   measure
	size int64
}

// scales returns the units. Of several units of a measure, the first names it in errors.
func scales() []scale {
	return []scale{
		{InputToken, input, 1},
		{CachedInputToken, cachedInput, 1},
		{CacheWriteToken, cacheWrite, 1},
		{AudioInputToken, audioInput, 1},
		{CachedAudioInputToken, cachedAudioInput, 1},
		{OutputToken, output, 1},
		{AudioOutputToken, audioOutput, 1},
		{ReasoningToken, reasoning, 1},
		{Character, characters, 1},
		{InputAudioSecond, inputAudio, int64(time.Second)},
		{InputAudioMinute, inputAudio, int64(time.Minute)},
		{InputAudioHour, inputAudio, int64(time.Hour)},
		{OutputAudioSecond, outputAudio, int64(time.Second)},
		{OutputAudioMinute, outputAudio, int64(time.Minute)},
		{OutputAudioHour, outputAudio, int64(time.Hour)},
		{Request, requests, 1},
	}
}

// scaleOf returns the scale of a unit.
func scaleOf(u Unit) (scale, bool) {
	all := scales()
	i := slices.IndexFunc(all, func(s scale) bool { return s.unit == u })
	if i < 0 {
		return scale{}, false
	}
	return all[i], true
}

// unit returns the unit that names the measure in errors.
func (m measure) unit() Unit {
	for _, s := range scales() {
		if s.of == m {
			return s.unit
		}
	}
	return ""
}

// Units returns all units.
func Units() []Unit {
	var units []Unit
	for _, s := range scales() {
		units = append(units, s.unit)
	}
	return units
}
