// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package wire is what passes between a caller and the agent: frames, each a
// kind, a length and a payload, in the body of one HTTP request one way and in
// the body of its response the other way, both at once.
//
//	kind     1 byte
//	length   4 bytes, big-endian
//	payload  length bytes
package wire

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voicepipe/wav"
)

// A Kind says what a frame means.
type Kind byte

// From the caller to the agent.
const (
	// SpeechStarted is the caller's device hearing a voice. Its payload says
	// how the audio that follows is encoded; see [Format].
	SpeechStarted Kind = iota + 1
	// SpeechStopped is the device having heard nothing for [Hangover].
	SpeechStopped
	// HangUp is the caller ending the call.
	HangUp
)

// From the agent to the caller.
const (
	// Done ends a reply that was spoken to its end.
	Done Kind = iota + 16
	// Cleared ends a reply that the caller cut short.
	Cleared
	// Failed ends a reply that the agent could not give.
	Failed
)

// Audio is a piece of audio, either way. The agent's is always that of
// [ReplyFormat].
const Audio Kind = 32

// Hangover is the silence after which a caller's device says that the speech
// has stopped, in the audio's time.
const Hangover = 400 * time.Millisecond

// MaxPayload is the most that a frame may carry: 20 s of the agent's audio.
const MaxPayload = 1 << 20

// ReplyFormat is how the agent speaks: the PCM of OpenAI's voices.
func ReplyFormat() wav.Format {
	return wav.Format{Encoding: wav.PCM, SampleRate: 24000, Channels: 1, BitsPerSample: 16}
}

// ErrMalformed is what a peer sends who does not speak this language.
var ErrMalformed = errors.New("wire: malformed frame")

// Write writes one frame. Frames written by several goroutines at once would
// mix: the caller takes turns.
func Write(w io.Writer, kind Kind, payload []byte) error {
	if len(payload) > MaxPayload {
		return fmt.Errorf("wire: write: %d bytes are more than a frame carries", len(payload))
	}
	frame := make([]byte, 0, headerSize+len(payload))
	frame = append(frame, byte(kind))
	frame = binary.BigEndian.AppendUint32(frame, uint32(len(payload)))
	if _, err := w.Write(append(frame, payload...)); err != nil {
		return fmt.Errorf("wire: write: %w", err)
	}
	return nil
}

const headerSize = 5

// Read reads one frame. It returns [io.EOF] at the end between two frames and
// [io.ErrUnexpectedEOF] inside of one.
func Read(r io.Reader) (Kind, []byte, error) {
	var header [headerSize]byte
	switch _, err := io.ReadFull(r, header[:]); {
	case errors.Is(err, io.EOF):
		return 0, nil, io.EOF
	case err != nil:
		return 0, nil, fmt.Errorf("wire: read: %w", err)
	}
	size := binary.BigEndian.Uint32(header[1:])
	if size > MaxPayload {
		return 0, nil, fmt.Errorf("%w: %d bytes", ErrMalformed, size)
	}
	payload := make([]byte, size)
	if _, err := io.ReadFull(r, payload); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return 0, nil, fmt.Errorf("wire: read: %w", err)
	}
	return Kind(header[0]), payload, nil
}

// Format returns the payload of [SpeechStarted].
func Format(f wav.Format) []byte {
	data, err := json.Marshal(f)
	if err != nil {
		return nil // Four numbers always encode.
	}
	return data
}

// ParseFormat reads the payload of [SpeechStarted].
func ParseFormat(payload []byte) (wav.Format, error) {
	var f wav.Format
	if err := json.Unmarshal(payload, &f); err != nil {
		return f, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if err := f.Check(); err != nil {
		return f, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return f, nil
}
