// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/testing/syllables"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/wav"
	"github.com/voice-agents/telemetry/testdata/speech"
)

// utterance reads an utterance of testdata/speech, from its first to its last audible sample.
func utterance(t *testing.T, name string) *syllables.Audio {
	t.Helper()
	file, err := fs.ReadFile(speech.Files(), name)
	if err != nil {
		t.Fatal(err)
	}
	format, data, err := wav.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	a := &syllables.Audio{Rate: int(format.SampleRate)}
	for i := range data {
		switch {
		case format.Encoding == wav.MuLaw:
			a.Samples = append(a.Samples, fromMuLaw(data[i]))
		case i%2 == 1:
			a.Samples = append(a.Samples, float64(int16(binary.LittleEndian.Uint16(data[i-1:])))/32768)
		}
	}
	const audible = 0.01 // -40 dB of full scale.
	first, last := 0, len(a.Samples)-1
	for math.Abs(a.Samples[first]) < audible {
		first++
	}
	for math.Abs(a.Samples[last]) < audible {
		last--
	}
	a.Samples = a.Samples[first : last+1]
	return a
}

// fromMuLaw expands a sample by searching the value that is compressed to it.
func fromMuLaw(b byte) float64 {
	for v := range 1 << 12 {
		for _, s := range []int16{int16(v * 8), int16(-v * 8)} {
			if toMuLaw(s) == b {
				return float64(s) / 32768
			}
		}
	}
	return 0
}

// Speech with known edges is found in silence, in noise, and beside that of the other side.
func TestSpokenUtterances(t *testing.T) {
	list, err := fs.ReadFile(speech.Files(), "utterances.json")
	if err != nil {
		t.Fatal(err)
	}
	var files []struct{ File string }
	if err := json.Unmarshal(list, &files); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		spoken := utterance(t, f.File)
		length := int(time.Duration(len(spoken.Samples)) * time.Second / time.Duration(spoken.Rate) / ms)
		for _, snr := range []float64{math.Inf(1), 40, 30} {
			t.Run(fmt.Sprintf("%s at %g dB", f.File, snr), func(t *testing.T) {
				c := newCall(spoken.Rate, 12*time.Second)
				var power float64
				for i, s := range spoken.Samples {
					c.user.Samples[spoken.Rate*1234/1000+i] += s
					c.agent.Samples[spoken.Rate*6789/1000+i] += s
					power += s * s
				}
				if !math.IsInf(snr, 1) {
					level := 10*math.Log10(power/float64(len(spoken.Samples))) - snr
					c.user.Noise(level, 1)
					c.agent.Noise(level, 2)
				}
				sound := c.measure(t)
				if len(sound.User) == 0 || len(sound.Agent) == 0 {
					t.Fatalf("user %v, agent %v", sound.User, sound.Agent)
				}
				for _, edge := range []struct {
					name string
					got  time.Duration
					want int
				}{
					{"the user's start", sound.User[0].Start, 1234},
					{"the user's end", sound.User[len(sound.User)-1].End, 1234 + length},
					{"the agent's start", sound.Agent[0].Start, 6789},
					{"the agent's end", sound.Agent[len(sound.Agent)-1].End, 6789 + length},
				} {
					if d := edge.got - time.Duration(edge.want)*ms; d.Abs() > 20*ms {
						t.Errorf("%s is %v, want %d ms within 20 ms", edge.name, edge.got, edge.want)
					}
				}
			})
		}
	}
}
