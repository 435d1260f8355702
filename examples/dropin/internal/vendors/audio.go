// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendors

import (
	"bytes"
	"encoding/binary"
	"math"
	"time"
)

// quiet is a sample of silence in µ-law.
const quiet = 0xff

// muLaw is µ-law of 8 kHz: a voice, or silence.
func muLaw(d time.Duration, voice bool) []byte {
	audio := bytes.Repeat([]byte{quiet}, int(8000*d/time.Second))
	if voice {
		for i := range audio {
			audio[i] = byte(0x20 + i%64) // #nosec G115 -- less than 256
		}
	}
	return audio
}

// tone is a sine of 440 Hz as 16-bit PCM.
func tone(rate int, d time.Duration) []byte {
	var pcm []byte
	for i := range int(time.Duration(rate) * d / time.Second) {
		sample := int16(8000 * math.Sin(2*math.Pi*440*float64(i)/float64(rate)))
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(sample)) // #nosec G115 -- the same bits
	}
	return pcm
}

// WAV is a file with a tone, of 16 kHz and one channel.
func WAV(d time.Duration) []byte {
	const rate, bytesPerSample = 16000, 2
	pcm := tone(rate, d)
	var file bytes.Buffer
	file.WriteString("RIFF")
	field := func(v any) { _ = binary.Write(&file, binary.LittleEndian, v) }
	field(uint32(36 + len(pcm))) // #nosec G115 -- a few seconds
	file.WriteString("WAVEfmt ")
	field(uint32(16))
	field([]uint16{1, 1})
	field([]uint32{rate, rate * bytesPerSample})
	field([]uint16{bytesPerSample, 8 * bytesPerSample})
	file.WriteString("data")
	field(uint32(len(pcm))) // #nosec G115 -- a few seconds
	file.Write(pcm)
	return file.Bytes()
}
