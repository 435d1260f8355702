// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// The samples of G.711 are from ITU-T G.191: silence, and the quietest and loudest values on
// either side of the threshold.
func TestAudible(t *testing.T) {
	for _, tt := range []struct {
		name, codec string
		data        []byte
		want        bool
	}{
		{"nothing", otelvoice.CodecPCM16, nil, false},
		{"half a sample", otelvoice.CodecPCM16, []byte{0x7f}, false},
		{"silence", otelvoice.CodecPCM16, make([]byte, 100), false},
		{"hiss", otelvoice.CodecPCM16, []byte{0x2c, 0x01, 0xd4, 0xfe}, false}, // 300, -300
		{"a sound", otelvoice.CodecPCM16, []byte{0, 0, 0x2d, 0x01}, true},     // 301
		{"a sound below zero", otelvoice.CodecPCM16, []byte{0, 0x80}, true},   // -32768
		{"µ-law silence", otelvoice.CodecMuLaw, []byte{0xff, 0x7f}, false},    // 0
		{"µ-law hiss", otelvoice.CodecMuLaw, []byte{0xef, 0x6f}, false},       // ±120
		{"µ-law sound", otelvoice.CodecMuLaw, []byte{0xff, 0x80}, true},       // 32124
		{"A-law silence", otelvoice.CodecALaw, []byte{0xd5, 0x55}, false},     // ±8
		{"A-law sound", otelvoice.CodecALaw, []byte{0xd5, 0xaa}, true},        // 32256
		{"opus", "opus", []byte{0xff, 0xff}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := (otelvoice.AudioFormat{Codec: tt.codec}).Audible(tt.data); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// liar is a reader that returns a count greater than the length of the buffer.
type liar struct{}

func (liar) Read(p []byte) (int, error) { return len(p) + 1, errors.New("lies") }

func TestReaderThatLies(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context())
	_, turn := session.StartTurn(ctx)
	_, stt := turn.StartSTT(ctx, nova3)
	if n, err := stt.Reader(liar{}).Read(make([]byte, 10)); n != 11 || err == nil {
		t.Errorf("got %d, %v: what the reader says is not the meter's to change", n, err)
	}
	stt.End(nil)
	session.End()
	voicetest.Check(t, rec)
	if !slices.ContainsFunc(turn.Stages(), func(r otelvoice.StageMetrics) bool {
		size, _ := r.Float(semconv.VoiceAudioSizeKey)
		return size == 10
	}) {
		t.Errorf("stages: %+v", turn.Stages())
	}
}
