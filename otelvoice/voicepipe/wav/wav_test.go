// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package wav_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voicepipe/wav"
	"github.com/voice-agents/telemetry/testdata/speech"
)

func TestRecordingsAreUnderstood(t *testing.T) {
	list, err := fs.ReadFile(speech.Files(), "utterances.json")
	if err != nil {
		t.Fatal(err)
	}
	var recordings []struct {
		File     string
		Rate     uint32  `json:"sample_rate"`
		Encoding string  `json:"encoding"`
		Seconds  float64 `json:"duration_seconds"`
	}
	if err := json.Unmarshal(list, &recordings); err != nil {
		t.Fatal(err)
	}
	encodings := map[string]wav.Encoding{"pcm_s16le": wav.PCM, "pcm_mulaw": wav.MuLaw}
	for _, want := range recordings {
		t.Run(want.File, func(t *testing.T) {
			file, err := fs.ReadFile(speech.Files(), want.File)
			if err != nil {
				t.Fatal(err)
			}
			format, samples, err := wav.Parse(file)
			if err != nil {
				t.Fatal(err)
			}
			if format.SampleRate != want.Rate || format.Encoding != encodings[want.Encoding] || format.Channels != 1 {
				t.Errorf("got %+v, want %d Hz %s", format, want.Rate, want.Encoding)
			}
			seconds := format.Duration(len(samples)).Seconds()
			if diff := seconds - want.Seconds; diff > 0.001 || diff < -0.001 {
				t.Errorf("got %.3f s, want %.3f s", seconds, want.Seconds)
			}

			again, same, err := wav.Parse(append(format.Header(len(samples)), samples...))
			if err != nil || again != format || !bytes.Equal(same, samples) {
				t.Errorf("written and read again it is %+v with %d bytes and %v, want %+v with %d",
					again, len(same), err, format, len(samples))
			}
		})
	}
}

func TestSizeIsOfWholeSamples(t *testing.T) {
	stereo := wav.Format{Encoding: wav.PCM, SampleRate: 16000, Channels: 2, BitsPerSample: 16}
	for d, want := range map[time.Duration]int{0: 0, time.Second: 64000, time.Second / 16000: 4, time.Second/16000 - 1: 0} {
		if got := stereo.Size(d); got != want {
			t.Errorf("Size(%v) = %d, want %d", d, got, want)
		}
	}
	if got := (wav.Format{}).Duration(100); got != 0 {
		t.Errorf("a format of nothing plays for %v", got)
	}
}

func ExampleParse() {
	phone := wav.Format{Encoding: wav.MuLaw, SampleRate: 8000, Channels: 1, BitsPerSample: 8}
	file := append(phone.Header(wav.Unknown), make([]byte, 4000)...) // As a stream is written.
	format, samples, err := wav.Parse(file)
	fmt.Println(format.SampleRate, format.Duration(len(samples)), err)
	// Output: 8000 500ms <nil>
}

func ExampleDecoder() {
	voice := wav.Format{Encoding: wav.PCM, SampleRate: 16000, Channels: 1, BitsPerSample: 16}
	stream := append(voice.Header(wav.Unknown), 1, 0, 2, 0, 3, 0)
	var d wav.Decoder
	for piece := range slices.Chunk(stream, 25) {
		samples, err := d.Decode(piece)
		fmt.Println(len(samples), err)
	}
	// Output:
	// 0 <nil>
	// 6 <nil>
}
