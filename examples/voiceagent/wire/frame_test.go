// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package wire_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/examples/voiceagent/wire"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/wav"
)

func TestFramesArriveAsSent(t *testing.T) {
	var line bytes.Buffer
	sent := []struct {
		kind    wire.Kind
		payload []byte
	}{
		{wire.SpeechStarted, wire.Format(wire.ReplyFormat())},
		{wire.Audio, bytes.Repeat([]byte{1, 2}, 2400)},
		{wire.SpeechStopped, nil},
		{wire.Audio, make([]byte, wire.MaxPayload)},
		{wire.HangUp, nil},
	}
	for _, f := range sent {
		if err := wire.Write(&line, f.kind, f.payload); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range sent {
		kind, payload, err := wire.Read(&line)
		if err != nil || kind != want.kind || !bytes.Equal(payload, want.payload) {
			t.Errorf("frame %d: got kind %d with %d bytes and %v, want kind %d with %d bytes",
				i, kind, len(payload), err, want.kind, len(want.payload))
		}
	}
	if _, _, err := wire.Read(&line); err != io.EOF { //nolint:errorlint // Unwrapped, as io.Reader has it.
		t.Errorf("after the last frame: got %v, want EOF", err)
	}
}

func TestWriteRejectsLongFrames(t *testing.T) {
	if err := wire.Write(io.Discard, wire.Audio, make([]byte, wire.MaxPayload+1)); err == nil {
		t.Error("Write accepted a frame that is too long")
	}
}

func TestReadOfBrokenLine(t *testing.T) {
	for _, test := range []struct {
		name string
		line []byte
		want error
	}{
		{"in the header", []byte{32, 0, 0}, io.ErrUnexpectedEOF},
		{"after the header", []byte{32, 0, 0, 0, 2}, io.ErrUnexpectedEOF},
		{"in the payload", []byte{32, 0, 0, 0, 2, 1}, io.ErrUnexpectedEOF},
		{"longer than allowed", []byte{32, 0xff, 0xff, 0xff, 0xff}, wire.ErrMalformed},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, _, err := wire.Read(bytes.NewReader(test.line)); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestParseFormat(t *testing.T) {
	want := wav.Format{Encoding: wav.MuLaw, SampleRate: 8000, Channels: 1, BitsPerSample: 8}
	if got, err := wire.ParseFormat(wire.Format(want)); err != nil || got != want {
		t.Errorf("got %+v and %v, want %+v", got, err, want)
	}
	for _, payload := range []string{"", "[]", "{}", `{"encoding": 1}`, `{"sample_rate": -1}`} {
		if got, err := wire.ParseFormat([]byte(payload)); !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("ParseFormat(%q) = %+v and %v, want %v", payload, got, err, wire.ErrMalformed)
		}
	}
}

func TestParseOffset(t *testing.T) {
	const want = 1234 * time.Millisecond
	if got, known, err := wire.ParseOffset(wire.Offset(want)); err != nil || !known || got != want {
		t.Errorf("got %v, %v and %v, want %v", got, known, err, want)
	}
	if _, known, err := wire.ParseOffset(nil); known || err != nil {
		t.Errorf("an empty payload: known %v, %v", known, err)
	}
	for _, payload := range []string{"1", "123", "12345"} {
		if _, _, err := wire.ParseOffset([]byte(payload)); !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("ParseOffset(%q): %v, want %v", payload, err, wire.ErrMalformed)
		}
	}
}

// A frame that was read and written again is unchanged.
func FuzzRead(f *testing.F) {
	f.Add([]byte{32, 0, 0, 0, 2, 1, 2})
	f.Add([]byte{3, 0, 0, 0, 0})
	f.Add([]byte{1, 0, 0xff, 0, 0})
	f.Fuzz(func(t *testing.T, line []byte) {
		kind, payload, err := wire.Read(bytes.NewReader(line))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := wire.Write(&again, kind, payload); err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(line, again.Bytes()) {
			t.Errorf("read from %x, written as %x", line, again.Bytes())
		}
	})
}
