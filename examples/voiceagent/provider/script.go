// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"time"
)

// An Utterance is a recording and its text.
type Utterance struct {
	File     string // base name of the WAV file
	Text     string
	Language string // BCP 47, as in "en"
	Duration time.Duration
	WAV      []byte // the whole file
}

// A Script has the utterances of the callers.
type Script []Utterance

// ReadScript reads utterances.json from the root of fsys and every WAV file it
// names. Durations come from the audio itself.
func ReadScript(fsys fs.FS) (Script, error) {
	const name = "utterances.json"
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("provider: script: %w", err)
	}
	var entries []struct {
		File     string `json:"file"`
		Text     string `json:"text"`
		Language string `json:"language"`
	}
	if err := json.Unmarshal(data, &entries); err != nil {
		return nil, fmt.Errorf("provider: script: %s: %w", name, err)
	}
	script := make(Script, 0, len(entries))
	for _, e := range entries {
		wav, err := fs.ReadFile(fsys, e.File)
		if err != nil {
			return nil, fmt.Errorf("provider: script: %w", err)
		}
		audio, err := parseWAV(wav)
		if err != nil {
			return nil, fmt.Errorf("provider: script: %s: %w", e.File, err)
		}
		script = append(script, Utterance{
			File: e.File, Text: e.Text, Language: e.Language, Duration: audio.duration(), WAV: wav,
		})
	}
	return script, nil
}

// hear returns the utterance with the samples of audio, whatever the header. Cut or resampled
// audio is identified by the name of the file. The second result is false for unknown audio.
func (s Script) hear(audio wavAudio, file string) (Utterance, bool) {
	sum := sha256.Sum256(audio.samples)
	for _, u := range s {
		if known, err := parseWAV(u.WAV); err == nil && sha256.Sum256(known.samples) == sum {
			return u, true
		}
	}
	for _, u := range s {
		if u.File == file {
			return u, true
		}
	}
	return Utterance{}, false
}
