// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package caller

import (
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/voice-agents/telemetry/examples/voiceagent/tape"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/wav"
)

// A Line is an utterance of the caller.
type Line struct {
	// Name is the base name of the recording.
	Name    string
	Format  wav.Format
	Samples []byte
	// BargeIn reports that the line is said while the agent speaks.
	BargeIn bool
}

// speech returns when the speech begins and ends in the recording, as a voice detector does that
// compares the power of blocks of 10 ms with a threshold, which is -55 dB of full scale. An offset
// is no sound.
func (l Line) speech() (begins, ends time.Duration) {
	const (
		block     = 10 * time.Millisecond
		threshold = 1e-5 / 3 // A part of the power of a sample of full scale.
	)
	begins = -1
	at := time.Duration(0)
	for part := range slices.Chunk(tape.Resample(l.Format.AudioFormat(), l.Samples), int(block*tape.Rate/time.Second)) {
		sum, squares, n := 0.0, 0.0, float64(len(part))
		for _, sample := range part {
			v := float64(sample) / (1 << 15)
			sum, squares = sum+v, squares+v*v
		}
		if (squares-sum*sum/n)/n > threshold {
			if begins < 0 {
				begins = at
			}
			ends = at + block
		}
		at += block
	}
	return max(begins, 0), ends
}

// plot is a line that is not read yet.
type plot struct {
	file    string
	bargeIn bool
}

// Story returns the lines of the n-th caller, from 1, in a call with the given number of turns.
// Callers with odd numbers interrupt an answer. The recordings are in the root of fsys.
func Story(fsys fs.FS, n, turns int) ([]Line, error) {
	plots := []plot{
		{file: "opening_hours.wav"},
		{file: "book_table.wav"},
		{file: "name_morgan.wav"},
		{file: "nut_allergy.wav"},
		{file: "hotel_parking.wav"},
	}
	if n%2 == 1 {
		plots = []plot{
			{file: "book_table.wav"},
			{file: "make_it_eight.wav", bargeIn: true},
			{file: "name_morgan.wav"},
			{file: "hotel_parking.wav"},
			{file: "opening_hours.wav"},
		}
	}
	lines := make([]Line, 0, turns)
	for i := range turns {
		next := plots[i%len(plots)]
		if i > 0 && i == turns-1 && turns > 2 {
			next = plot{file: "goodbye.wav"}
		}
		file, err := fs.ReadFile(fsys, next.file)
		if err != nil {
			return nil, fmt.Errorf("caller: %w", err)
		}
		format, samples, err := wav.Parse(file)
		if err != nil {
			return nil, fmt.Errorf("caller: %s: %w", next.file, err)
		}
		lines = append(lines, Line{next.file, format, samples, next.bargeIn})
	}
	return lines, nil
}
