// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// pcm8 is raw PCM of 16 bytes a millisecond.
var pcm8 = otelvoice.AudioFormat{Codec: otelvoice.CodecPCM16, SampleRate: 8000, Channels: 1}

func silence(ms int) []byte { return make([]byte, 16*ms) }

func voice(ms int) []byte { return bytes.Repeat([]byte{0, 0x40}, 8*ms) }

// The first byte comes 100 ms after the request.
func TestTimeToFirstAudible(t *testing.T) {
	wav := append([]byte("RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\xff\xff\xff\xff"), silence(500)...)
	for _, tt := range []struct {
		name string
		add  func(tts *otelvoice.TTS)
		want float64 // 0 for unknown.
	}{
		{"at once", func(tts *otelvoice.TTS) { tts.AddAudio(voice(20)) }, .1},
		{"behind a second of silence, in one piece", func(tts *otelvoice.TTS) { tts.AddAudio(slices.Concat(silence(1000), voice(1000))) }, 1.1},
		{"in pieces that come in a burst", func(tts *otelvoice.TTS) {
			for range 50 {
				tts.AddAudio(silence(20))
			}
			tts.AddAudio(slices.Concat(silence(10), voice(10)))
		}, 1.11},
		{"in pieces faster than speech", func(tts *otelvoice.TTS) {
			for range 10 {
				tts.AddAudio(silence(100))
				wait(30)
			}
			tts.AddAudio(voice(100))
		}, 1.1},
		{"in a piece that comes too late", func(tts *otelvoice.TTS) {
			tts.AddAudio(silence(100)) // Plays until 0.2.
			wait(700)
			tts.AddAudio(slices.Concat(silence(50), voice(50))) // Plays from 0.8 on.
		}, .85},
		{"cut inside a sample", func(tts *otelvoice.TTS) {
			tts.AddAudio(silence(200)[:3199])
			tts.AddAudio(slices.Concat([]byte{0}, voice(10)))
		}, .3},
		{"behind the header of a file", func(tts *otelvoice.TTS) {
			tts.AddAudio(wav)
			tts.AddAudio(voice(10))
		}, .6},
		{"behind a header in a piece of its own", func(tts *otelvoice.TTS) {
			tts.AddAudio(wav[:20])
			tts.AddAudio(wav[20:])
			tts.AddAudio(voice(10))
		}, .6},
		{"behind a header in pieces of a few bytes", func(tts *otelvoice.TTS) {
			for piece := range slices.Chunk(wav, 3) {
				tts.AddAudio(piece)
			}
			tts.AddAudio(voice(10))
		}, .6},
		{"behind a header with other chunks, in pieces", func(tts *otelvoice.TTS) {
			tagged := slices.Concat(wav[:36], []byte("LIST\x05\x00\x00\x00data!\x00"), wav[36:])
			for piece := range slices.Chunk(tagged, 44) {
				tts.AddAudio(piece)
			}
			tts.AddAudio(voice(10))
		}, .6},
		{"in pieces of a byte", func(tts *otelvoice.TTS) {
			for piece := range slices.Chunk(slices.Concat(silence(500), voice(10)), 1) {
				tts.AddAudio(piece)
			}
		}, .6},
		{"behind what begins as a header does", func(tts *otelvoice.TTS) {
			tts.AddAudio([]byte("R"))
			tts.AddAudio(silence(500)[:7999])
			tts.AddAudio(voice(10))
		}, .6},
		{"never", func(tts *otelvoice.TTS) { tts.AddAudio(silence(1000)); tts.AddAudio(nil) }, 0},
		{"of an unknown format", func(tts *otelvoice.TTS) {
			tts.SetAudio(otelvoice.AudioFormat{Codec: "opus"})
			tts.AddAudio(voice(10))
		}, 0},
		{"of an unknown rate", func(tts *otelvoice.TTS) {
			tts.SetAudio(otelvoice.AudioFormat{Codec: otelvoice.CodecPCM16})
			tts.AddAudio(silence(1000))
			wait(50)
			tts.AddAudio(voice(10))
		}, .15},
		{"of a format that is said afterwards", func(tts *otelvoice.TTS) {
			tts.SetAudio(otelvoice.AudioFormat{})
			tts.AddAudio(silence(400))
			tts.SetAudio(pcm8)
			tts.AddAudio(voice(10))
		}, .5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := inTurn(t, func(ctx context.Context, turn *otelvoice.Turn) {
					_, tts := turn.StartTTS(ctx, sonic3)
					tts.SetAudio(pcm8)
					wait(100)
					tt.add(tts)
					tts.End(nil)
				})
				got := span(t, rec, "text_to_speech sonic-3")[semconv.VoiceTTSTimeToFirstAudibleKey].AsFloat64()
				if diff := got - tt.want; diff > 1e-6 || diff < -1e-6 {
					t.Errorf("got %v, want %v", got, tt.want)
				}
				if counted := strings.Contains(points(rec, "voice.tts.time_to_first_audible"), "n=1"); counted != (tt.want > 0) {
					t.Errorf("in the metric: %v", counted)
				}
			})
		})
	}
}
