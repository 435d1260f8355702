// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelgrpcspeech

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/voice-agents/telemetry/otelvoice"
)

// A request is what the first message of a stream asks for. What it does not say is zero.
type request struct {
	model    string
	language string
	format   otelvoice.AudioFormat
	isMulti  bool // Each channel is transcribed.
}

// newRequest reads the first message.
func newRequest(m protoreflect.Message) (r request) {
	r.model = recognizerID(text(m, "recognizer"))
	streaming, ok := sub(m, "streaming_config")
	if !ok {
		return r
	}
	config, ok := sub(streaming, "config")
	if !ok {
		return r
	}
	r.model = cmp.Or(text(config, "model"), r.model)
	r.language = language(config)
	r.format = format(config)
	if explicit, ok := sub(config, "explicit_decoding_config"); ok { // Of v2.
		r.format = format(explicit)
	}
	r.isMulti = boolean(config, "enable_separate_recognition_per_channel")
	if features, ok := sub(config, "features"); ok { // Of v2.
		r.isMulti = r.isMulti || enum(features, "multi_channel_mode") == "SEPARATE_RECOGNITION_PER_CHANNEL"
	}
	return r
}

// recognizerID returns the ID of a recognizer of v2, projects/P/locations/L/recognizers/ID. It is "" for that which has no
// settings of its own.
func recognizerID(name string) string {
	if id := path.Base(name); name != "" && id != "_" {
		return id
	}
	return ""
}

// language returns the language that is asked for. If there are several, it is not known before the results.
func language(config protoreflect.Message) string {
	if l, n := list(config, "language_codes", protoreflect.StringKind); n == 1 && l.Get(0).String() != "auto" { // Of v2.
		return l.Get(0).String()
	}
	if _, n := list(config, "alternative_language_codes", protoreflect.StringKind); n > 0 {
		return ""
	}
	return text(config, "language_code")
}

// The limits of what is taken for the format of audio.
const (
	maxSampleRate = 768_000
	maxChannels   = 254 // Of Ogg.
)

// format returns the format of the audio. Without an encoding it is zero: the audio has a header.
func format(config protoreflect.Message) otelvoice.AudioFormat {
	f := otelvoice.AudioFormat{Channels: 1}
	switch name := enum(config, "encoding"); name {
	case "", "ENCODING_UNSPECIFIED", "AUDIO_ENCODING_UNSPECIFIED":
		return otelvoice.AudioFormat{}
	case "LINEAR16", "LINEAR_PCM":
		f.Codec = otelvoice.CodecPCM16
	case "MULAW":
		f.Codec = otelvoice.CodecMuLaw
	case "ALAW":
		f.Codec = otelvoice.CodecALaw
	case "OGG_OPUS", "WEBM_OPUS", "OGGOPUS":
		f.Codec = "opus"
	default:
		f.Codec = strings.ToLower(string(name))
	}
	if n := number(config, "sample_rate_hertz"); n > 0 && n <= maxSampleRate {
		f.SampleRate = int(n)
	}
	if n := number(config, "audio_channel_count"); n > 1 && n <= maxChannels {
		f.Channels = int(n)
	}
	return f
}

// audio returns the audio of a message, or nil. It is read by the getters of generated messages, because to get bytes by reflection
// allocates.
func audio(generated any, m protoreflect.Message) []byte {
	switch g := generated.(type) {
	case interface{ GetAudioContent() []byte }:
		return g.GetAudioContent()
	case interface{ GetAudio() []byte }: // Of v2.
		return g.GetAudio()
	}
	for _, name := range [...]protoreflect.Name{"audio_content", "audio"} {
		if v, ok := field(m, name, protoreflect.BytesKind); ok {
			return v.Bytes()
		}
	}
	return nil
}

// isRequest reports whether a message has a field of requests.
func isRequest(m protoreflect.Message) bool {
	return has(m, "streaming_config", "audio_content", "audio")
}

// isResponse reports whether a message has a field of responses.
func isResponse(m protoreflect.Message) bool { return has(m, "results") }

func has(m protoreflect.Message, names ...protoreflect.Name) bool {
	fields := m.Descriptor().Fields()
	return slices.ContainsFunc(names, func(name protoreflect.Name) bool { return fields.ByName(name) != nil })
}
