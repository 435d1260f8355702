// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package caller

import (
	"fmt"
	"io/fs"

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
