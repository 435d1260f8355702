// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package wire is the protocol between a caller and the agent: frames with a kind, a length and
// a payload, in the body of an HTTP request and, at the same time, in the body of its
// response.
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

// A Kind is the kind of a frame.
type Kind byte

// From the caller to the agent.
const (
	// SpeechStarted reports that the caller's device has detected speech for [Attack]. Its
	// payload is the format of the audio that follows, from the start of the speech on; see
	// [Format].
	SpeechStarted Kind = iota + 1
	// SpeechStopped reports that the device detected no speech for [Hangover]. Its payload is where
	// the speech ended in the audio since SpeechStarted; see [Offset]. It may be empty.
	SpeechStopped
	// HangUp reports that the caller ends the call.
	HangUp
)

// From the agent to the caller.
const (
	// Done ends a complete reply.
	Done Kind = iota + 16
	// Cleared ends an interrupted reply. The caller's device drops what it has not played.
	Cleared
	// Failed ends a failed reply.
	Failed
)

// Audio is a piece of audio, in both directions. The agent's audio has [ReplyFormat].
const Audio Kind = 32

// Attack is how long a caller's device hears speech before it reports its start.
const Attack = 100 * time.Millisecond

// Hangover is the silence after which a caller's device reports the end of speech.
const Hangover = 400 * time.Millisecond

// MaxPayload bounds the payload of a frame, in bytes: 20 s of the agent's audio.
const MaxPayload = 1 << 20

// ReplyFormat is the format of the agent's audio: the PCM of OpenAI's voices.
func ReplyFormat() wav.Format {
	return wav.Format{Encoding: wav.PCM, SampleRate: 24000, Channels: 1, BitsPerSample: 16}
}

// ErrMalformed reports data that is not a valid frame.
var ErrMalformed = errors.New("wire: malformed frame")

// Write writes one frame. It must not be called concurrently for one writer.
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

// Read reads one frame. It returns [io.EOF] at the end of the data and [io.ErrUnexpectedEOF]
// inside a frame.
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
		return nil // Encoding four numbers cannot fail.
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

// Offset returns the payload of [SpeechStopped]: milliseconds, 4 bytes, big-endian. A message may be
// late, and an offset in the audio is not.
func Offset(d time.Duration) []byte {
	return binary.BigEndian.AppendUint32(nil, uint32(d.Milliseconds()))
}

// ParseOffset reads the payload of [SpeechStopped]. It is not known if the payload is empty.
func ParseOffset(payload []byte) (d time.Duration, known bool, err error) {
	switch len(payload) {
	case 0:
		return 0, false, nil
	case 4:
		return time.Duration(binary.BigEndian.Uint32(payload)) * time.Millisecond, true, nil
	}
	return 0, false, fmt.Errorf("%w: an offset of %d bytes", ErrMalformed, len(payload))
}
