// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package wav_test

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice/voicepipe/wav"
	"github.com/voice-agents/telemetry/testdata/speech"
)

var le = binary.LittleEndian

// chunk is a chunk as it stands in a file, padded to an even size.
func chunk(id string, body []byte) []byte {
	c := append(le.AppendUint32([]byte(id), uint32(len(body))), body...)
	return append(c, make([]byte, len(body)%2)...)
}

// claims is a chunk whose header claims another size.
func claims(id string, size uint32, body []byte) []byte {
	return append(le.AppendUint32([]byte(id), size), body...)
}

// form is the body of a "fmt " chunk, with what extensions there are.
func form(encoding, channels uint16, rate uint32, bits uint16, extension ...byte) []byte {
	b := le.AppendUint16(nil, encoding)
	b = le.AppendUint16(b, channels)
	b = le.AppendUint32(b, rate)
	b = le.AppendUint32(b, rate*uint32(channels)*uint32(bits)/8)
	b = le.AppendUint16(b, channels*bits/8)
	b = le.AppendUint16(b, bits)
	return append(b, extension...)
}

// subFormat is the extension of the extensible format.
func subFormat(encoding byte) []byte {
	return append([]byte{22, 0, 16, 0, 4, 0, 0, 0, encoding, 0}, "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"...)
}

func riff(size uint32, chunks ...[]byte) []byte {
	return append(append(le.AppendUint32([]byte("RIFF"), size), "WAVE"...), slices.Concat(chunks...)...)
}

// file is a file of an honest size.
func file(chunks ...[]byte) []byte {
	return riff(uint32(4+len(slices.Concat(chunks...))), chunks...)
}

func TestParse(t *testing.T) {
	pcm := chunk("fmt ", form(1, 1, 16000, 16))
	samples := []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	list := chunk("LIST", []byte("INFOISFT\x0e\x00\x00\x00Lavf60.16.100\x00"))
	mono := wav.Format{Encoding: wav.PCM, SampleRate: 16000, Channels: 1, BitsPerSample: 16}
	phone := wav.Format{Encoding: wav.MuLaw, SampleRate: 8000, Channels: 1, BitsPerSample: 8}
	for _, tt := range []struct {
		name   string
		file   []byte
		format wav.Format
		want   []byte
	}{
		{"ordinary", file(pcm, chunk("data", samples)), mono, samples},
		{"chunks before and after", file(list, chunk("JUNK", make([]byte, 27)), pcm, chunk("fact", make([]byte, 4)), chunk("data", samples), list), mono, samples},
		{"format of 18 bytes", file(chunk("fmt ", form(1, 1, 16000, 16, 0, 0)), chunk("data", samples)), mono, samples},
		{"odd size", file(chunk("fmt ", form(7, 1, 8000, 8)), chunk("data", samples[:9]), list), phone, samples[:9]},
		{"empty", file(pcm, chunk("data", nil)), mono, nil},
		{"empty, with a chunk after it", file(pcm, chunk("data", nil), list), mono, nil},
		{"empty, with a chunk of another kind", file(pcm, chunk("data", nil), chunk("xyz1", samples)), mono, nil},

		{"sizes of 0", riff(0, pcm, claims("data", 0, samples)), mono, samples},
		{"size of 0, as written before the data", riff(36, pcm, claims("data", 0, samples)), mono, samples},
		{"size of 0 in a file of the right size", riff(46, pcm, claims("data", 0, samples)), mono, samples},
		{"size of 0 with samples shorter than a chunk's header", riff(0, pcm, claims("data", 0, samples[:7])), mono, samples[:7]},
		{"size of 0 with one sample", riff(36, pcm, claims("data", 0, samples[:2])), mono, samples[:2]},
		{"size of 0 with samples as long as a chunk's header", riff(0, pcm, claims("data", 0, samples[:8])), mono, samples[:8]},
		{"size of 0 after another file", append(file(pcm, chunk("data", samples)), riff(0, pcm, claims("data", 0, samples[:3]))...), mono, slices.Concat(samples, samples[:3])},
		{"sizes of 0xFFFFFFFF", riff(0xFFFFFFFF, pcm, claims("data", 0xFFFFFFFF, samples)), mono, samples},
		{"as ffmpeg streams", riff(0xFFFFFFFF, pcm, list, claims("data", 0xFFFFFFFF, samples)), mono, samples},
		{"sizes of 0x7FFFFFFF", riff(0x7FFFFFFF, pcm, claims("data", 0x7FFFFFFF-36, samples)), mono, samples},
		{"0 and 0xFFFFFFFF", riff(0, pcm, claims("data", 0xFFFFFFFF, samples)), mono, samples},
		{"cut", riff(1000, pcm, claims("data", 964, samples)), mono, samples},
		{"RF64", slices.Concat([]byte("RF64\xff\xff\xff\xffWAVE"),
			chunk("ds64", append(le.AppendUint64(le.AppendUint64(nil, 100), 10), make([]byte, 12)...)), pcm, claims("data", 0xFFFFFFFF, samples), list), mono, samples},

		{"RF64 before another file", slices.Concat([]byte("RF64\xff\xff\xff\xffWAVE"),
			chunk("ds64", append(le.AppendUint64(le.AppendUint64(nil, 100), 10), make([]byte, 12)...)), pcm, claims("data", 0xFFFFFFFF, samples), file(pcm, chunk("data", samples[:2]))), mono, slices.Concat(samples, samples[:2])},

		{"extensible", file(chunk("fmt ", form(0xFFFE, 1, 16000, 16, subFormat(1)...)), chunk("data", samples)), mono, samples},
		{"extensible µ-law", file(chunk("fmt ", form(0xFFFE, 1, 8000, 8, subFormat(7)...)), chunk("data", samples)), phone, samples},
		{
			"A-law", file(chunk("fmt ", form(6, 1, 8000, 8, 0, 0)), chunk("data", samples)),
			wav.Format{Encoding: wav.ALaw, SampleRate: 8000, Channels: 1, BitsPerSample: 8},
			samples,
		},
		{
			"stereo", file(chunk("fmt ", form(1, 2, 44100, 16)), chunk("data", samples)),
			wav.Format{Encoding: wav.PCM, SampleRate: 44100, Channels: 2, BitsPerSample: 16},
			samples,
		},

		{"two files", append(file(pcm, chunk("data", samples)), file(pcm, chunk("data", samples[:2]))...), mono, append(slices.Clone(samples), 1, 2)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			format, got, err := wav.Parse(tt.file)
			if err != nil || format != tt.format || !bytes.Equal(got, tt.want) {
				t.Errorf("got  %+v, %v, %v\nwant %+v, %v", format, got, err, tt.format, tt.want)
			}
			// In pieces it is the same.
			for size := 1; size < len(tt.file); size += 3 {
				var d wav.Decoder
				got = nil
				for piece := range slices.Chunk(tt.file, size) {
					samples, err := d.Decode(piece)
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, samples...)
				}
				got = append(got, d.Flush()...)
				if format, ok := d.Format(); !ok || format != tt.format || !bytes.Equal(got, tt.want) {
					t.Errorf("in pieces of %d: got %+v, %v", size, format, got)
				}
			}
		})
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	data := chunk("data", []byte{1, 2})
	for _, tt := range []struct {
		name string
		file []byte
		want string
	}{
		{"nothing", nil, "not a RIFF/WAVE file"},
		{"MP3", []byte("ID3\x03\x00\x00\x00\x00\x00\x00\x00\x00"), "not a RIFF/WAVE file"},
		{"a film", []byte("RIFF\x00\x00\x00\x00AVI LIST"), "not a RIFF/WAVE file"},
		{"big-endian", []byte("RIFX\x00\x00\x00\x00WAVEfmt "), "not a RIFF/WAVE file"},
		{"header cut off", []byte("RIFF\x00\x00"), "not a RIFF/WAVE file"},
		{"no chunk", riff(4), "no data"},
		{"no data", riff(100, chunk("fmt ", form(1, 1, 16000, 16))), "no data"},
		{"no format", file(data), "data before its format"},
		{"short format", file(chunk("fmt ", make([]byte, 14)), data), "it has 14 bytes"},
		{"extensible without its sub-format", file(chunk("fmt ", form(0xFFFE, 1, 16000, 16)), data), "encoding 65534 of 16 bits"},
		{"8 bits", file(chunk("fmt ", form(1, 1, 16000, 8)), data), "encoding 1 of 8 bits"},
		{"24 bits, extensible", file(chunk("fmt ", form(0xFFFE, 1, 16000, 24, subFormat(1)...)), data), "encoding 1 of 24 bits"},
		{"32 bits", file(chunk("fmt ", form(1, 1, 16000, 32)), data), "encoding 1 of 32 bits"},
		{"floating point", file(chunk("fmt ", form(3, 1, 16000, 32)), data), "encoding 3 of 32 bits"},
		{"ADPCM", file(chunk("fmt ", form(0x11, 1, 16000, 4)), data), "encoding 17 of 4 bits"},
		{"MP3 within", file(chunk("fmt ", form(0x55, 1, 16000, 16)), data), "encoding 85 of 16 bits"},
		{"no bits", file(chunk("fmt ", form(1, 1, 16000, 0)), data), "encoding 1 of 0 bits"},
		{"too many bits", file(chunk("fmt ", form(1, 1, 16000, 64)), data), "encoding 1 of 64 bits"},
		{"µ-law of 16 bits", file(chunk("fmt ", form(7, 1, 8000, 16)), data), "encoding 7 of 16 bits"},
		{"no rate", file(chunk("fmt ", form(1, 1, 0, 16)), data), "sample rate of 0 Hz"},
		{"no channels", file(chunk("fmt ", form(1, 0, 16000, 16)), data), "0 channels"},
		{"a choir", file(chunk("fmt ", form(1, 9, 16000, 16)), data), "9 channels"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, err := wav.Parse(tt.file); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// Samples are a part of the file.
func TestSamplesShareTheFile(t *testing.T) {
	pcm, samples := chunk("fmt ", form(1, 1, 16000, 16)), make([]byte, 1<<20)
	for name, whole := range map[string][]byte{
		"its own size": file(pcm, chunk("data", samples)), "size of 0": riff(0, pcm, claims("data", 0, samples)),
	} {
		if n := testing.AllocsPerRun(10, func() { _, _, _ = wav.Parse(whole) }); n > 1 {
			t.Errorf("%s: %g allocations", name, n)
		}
	}
}

// A header may claim any size, and cost no more than it is long.
func TestHostileSizes(t *testing.T) {
	for _, id := range []string{"fmt ", "LIST", "ds64", "data", "fact"} {
		f := riff(0xFFFFFFFF, chunk("fmt ", form(1, 1, 16000, 16)), claims(id, 0xFFFFFFFE, make([]byte, 64)))
		var d wav.Decoder
		if n := testing.AllocsPerRun(10, func() { d = wav.Decoder{}; _, _ = d.Decode(f) }); n > 8 {
			t.Errorf("%q: %g allocations", id, n)
		}
	}
}

func TestAnyEncoding(t *testing.T) {
	for _, tt := range []struct {
		name string
		form []byte
		want wav.Format
	}{
		{"8 bits", form(1, 1, 16000, 8), wav.Format{Encoding: wav.PCM, SampleRate: 16000, Channels: 1, BitsPerSample: 8}},
		{"24 bits, extensible", form(0xFFFE, 2, 48000, 24, subFormat(1)...), wav.Format{Encoding: wav.PCM, SampleRate: 48000, Channels: 2, BitsPerSample: 24}},
		{"floating point", form(3, 1, 16000, 32), wav.Format{Encoding: wav.Float, SampleRate: 16000, Channels: 1, BitsPerSample: 32}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := wav.Decoder{AnyEncoding: true}
			samples, err := d.Decode(file(chunk("fmt ", tt.form), chunk("data", []byte{1, 2, 3, 4, 5, 6})))
			if got, ok := d.Format(); err != nil || !ok || got != tt.want || len(samples) != 6 {
				t.Errorf("got %+v with %d bytes, %v, want %+v", got, len(samples), err, tt.want)
			}
			if tt.want.Check() == nil {
				t.Error("Check accepts the format")
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	recording, err := fs.ReadFile(speech.Files(), "goodbye.wav")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(recording[:100], 7)
	f.Add(riff(0, chunk("fmt ", form(1, 2, 16000, 16)), claims("data", 0, []byte("LISTabcdefgh"))), 5)
	f.Add(riff(0, chunk("fmt ", form(1, 2, 16000, 16)), claims("data", 0, []byte("LISfgh"))), 5)
	f.Add(append(file(chunk("fmt ", form(7, 1, 8000, 8)), chunk("data", []byte{1, 2, 3})), file()...), 1)
	f.Fuzz(func(t *testing.T, file []byte, size int) {
		format, samples, err := wav.Parse(file)
		if err == nil && (format.Check() != nil || len(samples) > len(file) || format.Duration(len(samples)) < 0) {
			t.Errorf("%+v with %d bytes from %d", format, len(samples), len(file))
		}
		if err != nil || size < 1 {
			return
		}
		var d wav.Decoder
		var got []byte
		for piece := range slices.Chunk(file, size) {
			part, err := d.Decode(piece)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, part...)
		}
		got = append(got, d.Flush()...) // Bytes after data of size 0 that are too few for a chunk.
		if again, _ := d.Format(); again != format || !bytes.Equal(got, samples) {
			t.Errorf("in pieces of %d: %+v with %d bytes, want %+v with %d", size, again, len(got), format, len(samples))
		}
	})
}
