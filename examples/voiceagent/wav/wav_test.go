// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package wav_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/examples/voiceagent/wav"
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

func FuzzParse(f *testing.F) {
	file, err := fs.ReadFile(speech.Files(), "goodbye.wav")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file[:100])
	f.Add([]byte("RIFF....WAVEdata\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, file []byte) {
		format, samples, err := wav.Parse(file)
		if err != nil {
			return
		}
		if format.Check() != nil || len(samples) > len(file) || format.Duration(len(samples)) < 0 {
			t.Errorf("%+v with %d bytes from %d", format, len(samples), len(file))
		}
	})
}
