// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/voice-agents/telemetry/internal/testing/syllables"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/wav"
	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
)

var le = binary.LittleEndian

// header is the header of a WAV file with a size of its samples.
func header(encoding, channels uint16, rate uint32, bits uint16, size uint32) []byte {
	h := wav.Format{Encoding: wav.Encoding(encoding), Channels: channels, SampleRate: rate, BitsPerSample: bits}.Header(0)
	le.PutUint32(h[4:], size+36)
	le.PutUint32(h[40:], size)
	return h
}

// extensible is the header of a file of WAVE_FORMAT_EXTENSIBLE.
func extensible(encoding, channels uint16, rate uint32, bits uint16, size uint32) []byte {
	h := append(le.AppendUint32([]byte("RIFF"), 60+size), "WAVEfmt "...)
	h = le.AppendUint32(h, 40)
	h = append(h, header(0xfffe, channels, rate, bits, 0)[20:36]...)
	h = append(h, 22, 0, byte(bits), 0, 3, 0, 0, 0, byte(encoding), 0)
	h = append(h, "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71data"...)
	return le.AppendUint32(h, size)
}

// encoders append a sample of 16 bits in another encoding.
var encoders = map[string]struct {
	encoding, bits uint16
	encode         func([]byte, int16) []byte
}{
	"8 bits":         {1, 8, func(b []byte, s int16) []byte { return append(b, byte(int(math.Round(float64(s)/256))+128)) }},
	"16 bits":        {1, 16, func(b []byte, s int16) []byte { return le.AppendUint16(b, uint16(s)) }},
	"24 bits":        {1, 24, func(b []byte, s int16) []byte { return append(b, 0, byte(s), byte(s>>8)) }},
	"32 bits":        {1, 32, func(b []byte, s int16) []byte { return le.AppendUint32(b, uint32(s)<<16) }},
	"float":          {3, 32, func(b []byte, s int16) []byte { return le.AppendUint32(b, math.Float32bits(float32(s)/32768)) }},
	"float, 64 bits": {3, 64, func(b []byte, s int16) []byte { return le.AppendUint64(b, math.Float64bits(float64(s)/32768)) }},
	"µ-law":          {7, 8, func(b []byte, s int16) []byte { return append(b, toMuLaw(s)) }},
	"A-law":          {6, 8, func(b []byte, s int16) []byte { return append(b, toALaw(s)) }},
}

// toMuLaw compresses a sample (ITU-T G.711).
func toMuLaw(s int16) byte {
	v, sign := int(s), byte(0x80)
	if v < 0 {
		v, sign = -v, 0
	}
	v = min(v, 32635) + 0x84
	exponent := 7
	for v < 1<<(exponent+7) {
		exponent--
	}
	return ^(^sign&0x80 | byte(exponent<<4) | byte(v>>(exponent+3))&0xf)
}

// toALaw compresses a sample (ITU-T G.711).
func toALaw(s int16) byte {
	v, sign := int(s), byte(0x80)
	if v < 0 {
		v, sign = -v-1, 0
	}
	exponent := 0
	for v>>(exponent+8) > 0 {
		exponent++
	}
	mantissa := byte(v>>4) & 0xf
	if exponent > 0 {
		mantissa = byte(v>>(exponent+3)) & 0xf
	}
	return (sign | byte(exponent<<4) | mantissa) ^ 0x55
}

// sample is a call of 4 s.
func sample(rate int) *call {
	c := newCall(rate, 4*time.Second)
	c.exchange(500, 1500, 2300, 3600)
	return c
}

// frames encodes the samples of a call.
func (c *call) frames(encode func([]byte, int16) []byte) (b []byte) {
	for i := range c.user.Samples {
		b = encode(encode(b, c.user.Sample(i)), c.agent.Sample(i))
	}
	return b
}

// heard checks that a file has the sound of the sample.
func heard(t *testing.T, file []byte) {
	t.Helper()
	sound, err := recording.Measure(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if len(sound.User) != 1 || len(sound.Agent) != 1 {
		t.Fatalf("user %v, agent %v", sound.User, sound.Agent)
	}
	near(t, "the user's start", &sound.User[0].Start, 500)
	near(t, "the user's end", &sound.User[0].End, 1500)
	near(t, "the agent's start", &sound.Agent[0].Start, 2300)
	near(t, "the agent's end", &sound.Agent[0].End, 3600)
}

func TestEncodings(t *testing.T) {
	for _, rate := range []int{8000, 16000, 24000, 44100, 48000} {
		c := sample(rate)
		for name, enc := range encoders {
			data := c.frames(enc.encode)
			size := uint32(len(data))
			for form, head := range map[string][]byte{
				"":                       header(enc.encoding, 2, uint32(rate), enc.bits, size),
				", extensible":           extensible(enc.encoding, 2, uint32(rate), enc.bits, size),
				", of size 0":            header(enc.encoding, 2, uint32(rate), enc.bits, 0),
				", of unknown size":      header(enc.encoding, 2, uint32(rate), enc.bits, math.MaxUint32),
				", cut":                  header(enc.encoding, 2, uint32(rate), enc.bits, size+1000),
				", larger than its size": header(enc.encoding, 2, uint32(rate), enc.bits, size-size/20),
			} {
				if rate != 8000 && form != "" {
					continue
				}
				t.Run(name+form, func(t *testing.T) { heard(t, append(head, data...)) })
			}
		}
	}
}

// A recorder that was killed leaves a part of a frame.
func TestPartOfAFrame(t *testing.T) {
	file := sample(8000).file()
	for cut := range 4 {
		heard(t, file[:len(file)-cut])
	}
	for _, r := range []io.Reader{
		iotest.OneByteReader(bytes.NewReader(file)), iotest.HalfReader(bytes.NewReader(file)), iotest.DataErrReader(bytes.NewReader(file)),
	} {
		sound, err := recording.Measure(r)
		if err != nil || sound.Duration != 4*time.Second || len(sound.User) != 1 || len(sound.Agent) != 1 {
			t.Errorf("%+v, %v", sound, err)
		}
	}
}

func TestAgentLeft(t *testing.T) {
	c := sample(8000)
	c.user, c.agent = c.agent, c.user
	sound := c.measure(t, recording.WithAgentLeft(), nil)
	near(t, "the user's start", &sound.User[0].Start, 500)
	near(t, "the agent's start", &sound.Agent[0].Start, 2300)
}

func TestMeasureSaysWhatIsWrong(t *testing.T) {
	file := sample(8000).file()
	float := header(3, 2, 8000, 32, 16)
	for _, tt := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "the file has no samples"},
		{"no samples", header(1, 2, 8000, 16, 0), "the file has no samples"},
		{"half a frame", append(header(1, 2, 8000, 16, 3), 1, 2, 3), "the file has no samples"},
		{"a header that is cut", file[:30], "the file has no samples"},
		{"no WAV", []byte("ID3\x03 is an MP3 file"), "not a RIFF/WAVE file"},
		{"big-endian", []byte("RIFX\x00\x00\x00\x00WAVEfmt "), "not a RIFF/WAVE file"},
		{"mono", syllables.WAV(syllables.Silence(8000, time.Second)), "1 channel of 8000 Hz, want 2 channels: the user left, the agent right"},
		{"three channels", append(header(1, 3, 8000, 16, 12), make([]byte, 12)...), "3 channels of 8000 Hz, want 2"},
		{"no channels", append(header(1, 0, 8000, 16, 12), make([]byte, 12)...), "0 channels"},
		{"no rate", append(header(1, 2, 0, 16, 12), make([]byte, 12)...), "sample rate of 0 Hz"},
		{"a rate that is too high", append(header(1, 2, 1<<31, 16, 12), make([]byte, 12)...), "sample rate of 2147483648 Hz"},
		{"ADPCM", append(header(2, 2, 8000, 4, 12), make([]byte, 12)...), "encoding 2 of 4 bits, want PCM of 8, 16, 24 or 32"},
		{"12 bits", append(header(1, 2, 8000, 12, 12), make([]byte, 12)...), "encoding 1 of 12 bits"},
		{"µ-law of 16 bits", append(header(7, 2, 8000, 16, 12), make([]byte, 12)...), "encoding 7 of 16 bits"},
		{"a sample that is not a number", append(le.AppendUint32(append(float, make([]byte, 12)...), math.Float32bits(float32(math.NaN()))), make([]byte, 16)...), "sample 1 of channel 2 is not a number"},
		{"another format within", slices.Concat(file, sample(16000).file()), "the format changes from 2 channels of 8000 Hz to 2 channels of 16000 Hz"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := recording.Measure(bytes.NewReader(tt.file)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("\ngot  %v\nwant %s", err, tt.want)
			}
		})
	}
	broken := errors.New("the disk is gone")
	if _, err := recording.Measure(io.MultiReader(bytes.NewReader(file), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("a reader that fails: %v", err)
	}
}

// Floating point beyond full scale is clipped, as a player does.
func TestInfiniteSamples(t *testing.T) {
	c := sample(8000)
	data := c.frames(func(b []byte, s int16) []byte {
		switch {
		case s > 1000:
			return le.AppendUint32(b, math.Float32bits(float32(math.Inf(1))))
		case s < -1000:
			return le.AppendUint32(b, math.Float32bits(-math.MaxFloat32))
		}
		return le.AppendUint32(b, math.Float32bits(float32(s)/32768))
	})
	heard(t, append(header(3, 2, 8000, 32, uint32(len(data))), data...))
}

func FuzzMeasure(f *testing.F) {
	short := newCall(8000, 300*ms)
	short.exchange(20, 100, 150, 290)
	for _, enc := range encoders {
		data := short.frames(enc.encode)[:256]
		f.Add(append(header(enc.encoding, 2, 8000, enc.bits, uint32(len(data))), data...))
		f.Add(append(extensible(enc.encoding, 2, 8000, enc.bits, 0), data...))
	}
	f.Add(short.file())
	f.Fuzz(func(t *testing.T, file []byte) {
		sound, err := recording.Measure(bytes.NewReader(file))
		if err != nil {
			if sound != nil {
				t.Error("a sound beside an error")
			}
			return
		}
		if sound.Duration <= 0 {
			t.Errorf("a duration of %v", sound.Duration)
		}
		for _, side := range [][]recording.Interval{sound.User, sound.Agent} {
			end := -1 * ms
			for _, i := range side {
				if i.Start <= end || i.End <= i.Start || i.End > sound.Duration {
					t.Errorf("intervals %v in %v", side, sound.Duration)
				}
				end = i.End
			}
		}
		if again, err := recording.Measure(iotest.OneByteReader(bytes.NewReader(file))); err != nil || len(again.User) != len(sound.User) {
			t.Errorf("byte by byte: %v, %v", again, err)
		}
	})
}

func BenchmarkMeasure(b *testing.B) {
	c := newCall(16000, time.Minute)
	c.exchange(500, 20_000, 21_000, 50_000)
	file := c.file()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := recording.Measure(bytes.NewReader(file)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(60*float64(b.N)/b.Elapsed().Seconds(), "audio-s/s")
}
