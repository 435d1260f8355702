// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package audioformat

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
)

// A WAV reads the header of a WAV file whose bytes arrive in pieces of any size. The zero value is
// ready for use. It keeps at most 40 bytes.
//
// Package otelvoice/voicepipe/wav decodes whole files. It needs an [io.Reader], and it rejects
// formats that it cannot decode.
type WAV struct {
	state  wavState
	buf    [40]byte // The header or chunk that is being read.
	size   int      // How many bytes of buf are filled.
	need   int      // How many bytes of buf are wanted.
	skip   uint64   // How many bytes of a chunk are left that are not used.
	format wire.Format
	rate   uint64 // In bytes per second.

	declared uint64 // The size of the audio by the header; 0 if the header does not say it.
	header   int64  // How many bytes were before the audio.
	read     uint64 // How many bytes of audio were read.
	left     uint64 // How many bytes of audio are left.
	isRF64   bool
}

type wavState uint8

const (
	wavHeader wavState = iota // In "RIFF", the size, "WAVE".
	wavChunk                  // In the name and the size of a chunk.
	wavFormat                 // In the chunk "fmt ".
	wavSizes                  // In the chunk "ds64" of RF64.
	wavSkip                   // In a chunk that is not used.
	wavAudio                  // In the chunk "data".
	wavAfter                  // After it.
	wavNone                   // The file is no WAV file.
)

// Sizes of parts of a header.
const (
	riffSize   = 12
	chunkSize  = 8
	formatSize = 16
	// placeholder is the lowest size of audio that is taken for unknown. Streams write 0xffffffff,
	// 0x7fffffff or less by the size of the header.
	placeholder = 0x7fffff00
)

// Read reads a piece of the file, and calls audio with the bytes of p that are audio: those behind
// the header, or all bytes if the file is no WAV file. audio may be nil. p is not kept.
func (w *WAV) Read(p []byte, audio func([]byte)) {
	if audio == nil {
		audio = func([]byte) {}
	}
	for len(p) > 0 {
		switch w.state {
		case wavNone:
			audio(p)
			return
		case wavAfter:
			return
		case wavAudio:
			n := min(uint64(len(p)), w.left)
			w.read += n
			if w.left -= n; w.left == 0 {
				w.state = wavAfter
			}
			audio(p[:n])
			p = p[n:]
		case wavSkip:
			n := min(uint64(len(p)), w.skip)
			w.header += int64(n)
			if w.skip -= n; w.skip == 0 {
				w.state = wavChunk
			}
			p = p[n:]
		case wavHeader, wavChunk, wavFormat, wavSizes:
			p = w.fill(p, audio)
		}
	}
}

// fill reads the part of the header that the state names.
func (w *WAV) fill(p []byte, audio func([]byte)) (rest []byte) {
	switch w.state {
	case wavHeader:
		w.need = riffSize
	case wavChunk:
		w.need = chunkSize
	default: // wavFormat and wavSizes set it.
	}
	n := copy(w.buf[w.size:w.need], p)
	w.size += n
	w.header += int64(n)
	if w.state == wavHeader && !w.isWave() {
		w.state, w.header = wavNone, 0
		audio(w.buf[:w.size])
		return p[n:]
	}
	if w.size < w.need {
		return p[n:]
	}
	w.size = 0
	switch w.state {
	case wavHeader:
		w.state, w.isRF64 = wavChunk, w.buf[1] == 'F'
	case wavChunk:
		w.begin(string(w.buf[:4]), binary.LittleEndian.Uint32(w.buf[4:]))
	case wavFormat:
		w.readFormat()
		w.pass()
	case wavSizes:
		w.declared = binary.LittleEndian.Uint64(w.buf[8:])
		w.pass()
	default:
	}
	return p[n:]
}

// isWave reports whether the bytes so far may begin a WAV file.
func (w *WAV) isWave() bool {
	for i, c := range w.buf[:w.size] {
		if i < 4 && c != "RIFF"[i] && c != "RF64"[i] || i >= 8 && c != "WAVE"[i-8] {
			return false
		}
	}
	return w.size < 4 || string(w.buf[:4]) == "RIFF" || string(w.buf[:4]) == "RF64"
}

// begin begins a chunk.
func (w *WAV) begin(name string, size uint32) {
	switch {
	case name == "data":
		w.state, w.left = wavAudio, math.MaxUint64
		switch {
		case size < placeholder:
			w.declared = uint64(size)
		case !w.isRF64: // The size of RF64 is in the chunk "ds64".
			w.declared = 0
		}
		if w.declared > 0 {
			w.left = w.declared
		}
		return
	case name == "fmt " && size >= formatSize:
		w.state, w.need = wavFormat, min(int(size), len(w.buf))
	case name == "ds64" && size >= formatSize:
		w.state, w.need = wavSizes, formatSize
	case size == 0:
		w.state = wavChunk
		return
	default:
		w.state = wavSkip
		w.skip = uint64(size) + uint64(size)%2 // A chunk of an odd size is padded.
		return
	}
	w.skip = uint64(size) + uint64(size)%2 - uint64(w.need)
}

// pass passes over the rest of a chunk.
func (w *WAV) pass() {
	w.state = wavSkip
	if w.skip == 0 {
		w.state = wavChunk
	}
}

// readFormat reads the chunk "fmt ".
func (w *WAV) readFormat() {
	le := binary.LittleEndian
	tag, channels, rate := le.Uint16(w.buf[0:]), le.Uint16(w.buf[2:]), le.Uint32(w.buf[4:])
	bits := le.Uint16(w.buf[14:])
	if tag == 0xfffe && w.need >= 26 { // The format is in the sub-format.
		tag = le.Uint16(w.buf[24:])
	}
	w.format = wire.Format{Codec: wavCodec(tag, bits), SampleRate: int(rate), Channels: int(channels)}
	switch tag {
	case 1, 3, 6, 7:
		w.rate = uint64(rate) * uint64(channels) * uint64(bits/8)
	default:
		w.rate = uint64(le.Uint32(w.buf[8:]))
	}
	if w.rate > math.MaxUint32 { // No audio is that fast.
		w.rate = 0
	}
}

// wavCodec returns the codec of a format tag (RFC 2361).
func wavCodec(tag, bits uint16) string {
	switch {
	case tag == 1 && bits == 16:
		return PCM
	case tag == 1 && bits == 8:
		return "pcm_u8"
	case tag == 1 && bits == 24:
		return "pcm_s24le"
	case tag == 1 && bits == 32:
		return "pcm_s32le"
	case tag == 3 && bits == 32:
		return "pcm_f32le"
	case tag == 3 && bits == 64:
		return "pcm_f64le"
	case tag == 6:
		return ALaw
	case tag == 7:
		return MuLaw
	case tag == 2:
		return "adpcm_ms"
	case tag == 0x11:
		return "adpcm_ima"
	case tag == 0x31:
		return "gsm"
	case tag == 0x55:
		return "mp3"
	}
	return Wave
}

// Known reports whether it is known what the file is: audio follows the header, or the file is no
// WAV file.
func (w *WAV) Known() bool { return w.state >= wavAudio }

// Is reports whether the file is a WAV file whose header was read.
func (w *WAV) Is() bool { return w.state == wavAudio || w.state == wavAfter }

// Format returns the format by the header. It is the zero format until the header was read.
func (w *WAV) Format() wire.Format {
	if !w.Is() {
		return wire.Format{}
	}
	return w.format
}

// HeaderSize returns how many bytes were before the audio.
func (w *WAV) HeaderSize() int64 { return w.header }

// Duration returns how long the audio is by the header. If the header does not say it, Duration is
// that of the audio that was read. It is 0 if it is not known.
func (w *WAV) Duration() time.Duration {
	size := w.declared
	if size == 0 {
		size = w.read
	}
	if !w.Is() || w.rate == 0 {
		return 0
	}
	seconds, rest := size/w.rate, size%w.rate
	if seconds > maxSeconds {
		return 0
	}
	return time.Duration(seconds)*time.Second + time.Duration(rest)*time.Second/time.Duration(w.rate)
}

// maxSeconds is the greatest duration that is reported: a month.
const maxSeconds = 31 * 24 * 3600
