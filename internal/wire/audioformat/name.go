// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package audioformat

import (
	"path"
	"strconv"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
)

// The codecs whose names are used in code.
const (
	PCM   = "pcm_s16le"
	MuLaw = "pcm_mulaw"
	ALaw  = "pcm_alaw"
	// Wave is a WAV file whose header was not read. [WAV] reads it.
	Wave = "wav"
)

// OfName returns the format that a provider names. It reads the names of OpenAI ("mp3", "pcm16"),
// ElevenLabs ("pcm_16000", "mp3_44100_128"), Deepgram and Google ("LINEAR16", "OGG_OPUS"), Cartesia
// ("pcm_f32le"), Amazon Polly ("mu-law") and Azure ("riff-24khz-16bit-mono-pcm"), and content types.
// The sample rate and the channels are 0 if the name does not say them. The format of an unknown
// name has the name in lower case as its codec.
func OfName(name string) wire.Format {
	name = strings.ToLower(strings.TrimSpace(name))
	if strings.Contains(name, "/") {
		return OfContentType(name)
	}
	if codec, ok := codecOf(name); ok {
		return wire.Format{Codec: codec}
	}
	if f, ok := ofParts(name); ok {
		return f
	}
	return wire.Format{Codec: bounded(name)}
}

// OfContentType returns the format that a Content-Type names, such as "audio/mpeg" and
// "audio/L16;rate=24000". It is the zero format if the content is not audio.
func OfContentType(contentType string) wire.Format {
	mediaType, params := parse(contentType)
	kind, name, ok := strings.Cut(mediaType, "/")
	if !ok || kind != "audio" && kind != "video" && mediaType != "application/ogg" {
		return wire.Format{}
	}
	if kind == "video" && name != "webm" && name != "mp4" && name != "mpeg" {
		return wire.Format{}
	}
	f := wire.Format{Codec: bounded(name), SampleRate: or(positive(params["rate"]), positive(params["samplerate"])), Channels: positive(params["channels"])}
	name = strings.TrimPrefix(strings.TrimPrefix(name, "x-"), "vnd.")
	if codec, ok := subtypeOf(name); ok {
		f.Codec = codec
	}
	if codec, ok := codecOf(params["codecs"]); ok && (f.Codec == "ogg" || f.Codec == "webm") {
		f.Codec = codec
	}
	if mediaType == "audio/basic" || f.Codec == MuLaw && name == "pcmu" || f.Codec == ALaw && name == "pcma" {
		f.SampleRate, f.Channels = or(f.SampleRate, 8000), or(f.Channels, 1) // RFC 2046, RFC 3551.
	}
	return f
}

// parse reads a Content-Type. Azure's "audio/wav; codecs=audio/pcm; samplerate=16000" has a slash in
// a value without quotes, which [mime.ParseMediaType] rejects.
func parse(contentType string) (mediaType string, params map[string]string) {
	mediaType, rest, _ := strings.Cut(strings.ToLower(contentType), ";")
	for param := range strings.SplitSeq(rest, ";") {
		if key, value, ok := strings.Cut(param, "="); ok {
			if params == nil {
				params = make(map[string]string)
			}
			params[strings.TrimSpace(key)] = strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return strings.TrimSpace(mediaType), params
}

// OfFile returns the format that the name of a file says by its extension.
func OfFile(name string) wire.Format {
	extension := strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
	codec, _ := subtypeOf(extension)
	return wire.Format{Codec: codec}
}

// subtypeOf returns the codec of a media type's subtype or of a file's extension.
func subtypeOf(name string) (codec string, ok bool) {
	switch name {
	case "mpeg3":
		return "mp3", true
	case "l16":
		return PCM, true
	case "basic":
		return MuLaw, true
	case "mp4", "aacp":
		return "aac", true
	}
	return codecOf(name)
}

// codecOf returns the codec that a name without a sample rate says.
func codecOf(name string) (codec string, ok bool) {
	switch strings.ReplaceAll(name, "-", "_") {
	case "pcm", "pcm16", "pcm_16", "pcm_s16le", "s16le", "linear16", "linear_16", "lin16", "slin", "slin16":
		return PCM, true
	case "mulaw", "mu_law", "ulaw", "u_law", "pcmu", "pcm_mulaw", "pcm_ulaw", "g711_ulaw", "g711_mulaw", "ulaw8":
		return MuLaw, true
	case "alaw", "a_law", "pcma", "pcm_alaw", "g711_alaw":
		return ALaw, true
	case "pcm_f32le", "f32le", "float32":
		return "pcm_f32le", true
	case "linear32", "pcm_s32le", "s32le":
		return "pcm_s32le", true
	case "wav", "wave", "riff", "wav_pcm":
		return Wave, true
	case "mp3", "mpeg", "mpga", "mp3_64_kbps", "mp3_32_kbps":
		return "mp3", true
	case "opus", "ogg_opus", "webm_opus":
		return "opus", true
	case "vorbis", "ogg_vorbis":
		return "vorbis", true
	case "aac", "m4a":
		return "aac", true
	case "flac":
		return "flac", true
	case "ogg", "oga":
		return "ogg", true
	case "webm":
		return "webm", true
	case "amr", "amr_nb":
		return "amr_nb", true
	case "amr_wb":
		return "amr_wb", true
	case "speex", "speex_with_header_byte":
		return "speex", true
	case "g729", "g722", "g726", "gsm", "alac", "caf", "aiff", "mp4", "truesilk":
		return strings.ReplaceAll(name, "-", "_"), true
	}
	return "", false
}

// ofParts reads a name that holds a codec, a sample rate and more: "pcm_16000", "opus_48000_32",
// "raw-8khz-8bit-mono-mulaw", "amr-wb-16000hz".
func ofParts(name string) (f wire.Format, ok bool) {
	separator := "_"
	if strings.Contains(name, "-") {
		separator = "-"
	}
	container, hasBitrate := "", false
	var words []string
	for part := range strings.SplitSeq(name, separator) {
		rate, isRate := rateOf(part)
		switch {
		case part == "mono":
			f.Channels = 1
		case part == "stereo":
			f.Channels = 2
		case isRate && f.SampleRate == 0:
			f.SampleRate = rate
		case strings.HasSuffix(part, "bit"):
		case strings.HasSuffix(part, "kbitrate"), strings.HasSuffix(part, "kbps"), isRate && !hasBitrate:
			hasBitrate = true
		case part == "riff" || part == "raw" || part == "audio" || part == "ogg" || part == "webm":
			container = part
		default:
			words = append(words, part)
		}
	}
	f.Codec, ok = codecOf(strings.Join(words, separator))
	if container == "riff" {
		f.Codec, ok = Wave, true
	}
	return f, ok && f.SampleRate > 0
}

// rateOf reads a sample rate or, behind it, a bit rate: "16000", "24khz", "16000hz", "128".
func rateOf(part string) (hertz int, ok bool) {
	digits, unit := part, 1
	if kilo, found := strings.CutSuffix(part, "khz"); found {
		digits, unit = kilo, 1000
	} else if hz, found := strings.CutSuffix(part, "hz"); found {
		digits = hz
	}
	n := positive(digits)
	switch {
	case n > 0 && unit == 1000 && n == 22: // Azure writes 22050 Hz and 44100 Hz so.
		return 22050, true
	case n > 0 && unit == 1000 && n == 44:
		return 44100, true
	}
	return n * unit, n > 0
}

// positive reads a number of 1 to 1e6. It is 0 if the text is none.
func positive(text string) int {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 1 || n > 1_000_000 {
		return 0
	}
	return n
}

func or(n, other int) int {
	if n != 0 {
		return n
	}
	return other
}

// maxName is how many bytes of an unknown name are kept.
const maxName = 32

func bounded(name string) string {
	return strings.ToValidUTF8(strings.Clone(name[:min(len(name), maxName)]), "")
}
