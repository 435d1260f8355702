// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package googlespeech

import (
	"net/http"
	"slices"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/transcript"
)

// The fields of a recognition.
const (
	recModel = iota
	recEncoding
	recSampleRate
	recChannels
	recLanguage
	recLanguages
	recAudio
	recResult
	recText
	recConfidence
	recEnd
	recSpoken
	recChannel
	recBilled
	recID
)

var (
	recognitionRequest = jsonscan.NewPlan(slices.Concat(
		[]jsonscan.Field{
			{Path: "config.model", ID: recModel},
			{Path: "config.encoding", ID: recEncoding},
			{Path: "audio.content", ID: recAudio, Mode: jsonscan.Pieces},
			{Path: "content", ID: recAudio, Mode: jsonscan.Pieces}, // Of v2.
		},
		both("config.sampleRateHertz", "config.sample_rate_hertz", recSampleRate, jsonscan.Scalar),
		both("config.audioChannelCount", "config.audio_channel_count", recChannels, jsonscan.Scalar),
		both("config.languageCode", "config.language_code", recLanguage, jsonscan.Scalar),
		both("config.languageCodes.*", "config.language_codes.*", recLanguages, jsonscan.Scalar),
		both("config.explicitDecodingConfig.encoding", "config.explicit_decoding_config.encoding", recEncoding, jsonscan.Scalar),
		both("config.explicitDecodingConfig.sampleRateHertz", "config.explicit_decoding_config.sample_rate_hertz", recSampleRate, jsonscan.Scalar),
		both("config.explicitDecodingConfig.audioChannelCount", "config.explicit_decoding_config.audio_channel_count", recChannels, jsonscan.Scalar),
	)...)
	recognitionResponse = plan(
		jsonscan.Field{Path: "results.*", ID: recResult, Mode: jsonscan.Begin},
		jsonscan.Field{Path: "results.*.alternatives.*.transcript", ID: recText, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "results.*.alternatives.*.confidence", ID: recConfidence},
		jsonscan.Field{Path: "results.*.resultEndTime", ID: recEnd},
		jsonscan.Field{Path: "results.*.resultEndOffset", ID: recEnd}, // Of v2.
		jsonscan.Field{Path: "results.*.languageCode", ID: recSpoken},
		jsonscan.Field{Path: "results.*.channelTag", ID: recChannel},
		jsonscan.Field{Path: "totalBilledTime", ID: recBilled},
		jsonscan.Field{Path: "metadata.totalBilledDuration", ID: recBilled}, // Of v2.
		jsonscan.Field{Path: "requestId", ID: recID},
		jsonscan.Field{Path: "metadata.requestId", ID: recID}, // Of v2.
	)
)

// maxChannels is how many channels a recognition has at most. Channels are counted from 1; a
// recognition of one channel may have none.
const maxChannels = 8

// recognition decodes a synchronous recognition.
type recognition struct {
	wire.Base

	sent    *jsonscan.Scanner
	base64  audioformat.Base64
	wav     audioformat.WAV
	decoded func([]byte)

	body      *body.Reader
	result    result
	hasResult bool
	ends      [maxChannels + 1]time.Duration // Where the last result of each channel ended.
	failure   failure
}

// A result is the transcript of a part of the audio.
type result struct {
	is      bool
	text    transcript.Transcript
	end     time.Duration
	hasEnd  bool
	channel int
	speech  wire.Speech
}

func newRecognition(target *wire.Target, report wire.Report) *recognition {
	r := &recognition{Base: wire.NewBase(target, wire.STT, report)}
	r.result.text.Keep = target.Content
	r.sent = jsonscan.NewScanner(recognitionRequest, r.asked)
	r.decoded = func(p []byte) {
		r.Request.AudioSize += int64(len(p))
		r.wav.Read(p, nil)
	}
	r.body = body.NewReader(recognitionResponse, r)
	return r
}

func (r *recognition) asked(v *jsonscan.Value) {
	if v.Kind == jsonscan.Null {
		return
	}
	f := &r.Request.Format
	switch v.Field {
	case recAudio:
		r.base64.Decode(v.Text, r.decoded)
		if !v.More && !r.base64.End(r.decoded) {
			r.NotUnderstood("base64")
		}
	case recModel:
		wire.Set(&r.Request.Model, v.Text)
	case recEncoding:
		f.Codec = codecOf(v)
	case recSampleRate:
		f.SampleRate = count(v)
	case recChannels:
		f.Channels = count(v)
	case recLanguage:
		wire.Set(&r.Request.Language, v.Text)
	case recLanguages: // With several languages the service finds the one that is spoken.
		if r.Request.Language = ""; v.Index[0] == 0 {
			wire.Set(&r.Request.Language, v.Text)
		}
	}
}

// codecOf returns the codec of an encoding. That the service finds the encoding itself says none.
func codecOf(v *jsonscan.Value) string {
	switch name := string(v.Text); {
	case v.Kind != jsonscan.String, name == "ENCODING_UNSPECIFIED", name == "AUDIO_ENCODING_UNSPECIFIED":
		return ""
	default:
		return audioformat.OfName(name).Codec
	}
}

// count returns a small number, or 0.
func count(v *jsonscan.Value) int {
	if n := v.Int(); n != nil && *n > 0 && *n <= 1_000_000 {
		return *n
	}
	return 0
}

// Sent reads a piece of the request.
func (r *recognition) Sent(p []byte) {
	if !r.IsAsked() {
		r.sent.Scan(p)
	}
}

// SentAll reports the request.
func (r *recognition) SentAll() {
	if r.IsAsked() {
		return
	}
	mono(&r.Request.Format)
	if r.wav.Is() {
		r.Request.Format, r.Request.Audio = r.wav.Format(), r.wav.Duration()
	}
	r.Asked()
	if r.sent.Broken() {
		r.NotUnderstood("json")
	}
}

// Answered begins to read the response.
func (r *recognition) Answered(status int, h http.Header) {
	r.SentAll()
	r.failure.status = status
	r.body.Begin(h, body.Unknown)
}

// Received reads a piece of the response.
func (r *recognition) Received(p []byte) { r.body.Read(p) }

// ReceivedAll reads the end of the response.
func (r *recognition) ReceivedAll() {
	r.body.End()
	r.failure.report(&r.Base, true)
}

// Value reads a value of the response. Of the alternatives only the first counts, which is the most
// probable.
func (r *recognition) Value(v *jsonscan.Value) {
	if v.Kind == jsonscan.Null {
		return
	}
	switch v.Field {
	case recResult:
		r.endResult()
		r.result.is = v.Kind == jsonscan.Object
		r.hasResult = true
	case recText:
		if v.Index[1] == 0 {
			r.result.text.Add(v.Text)
		}
	case recConfidence: // The service sends 0 for an unknown confidence.
		if f := v.Float(); f != nil && *f > 0 && v.Index[1] == 0 {
			r.result.speech.Confidence, r.result.speech.HasConfidence = *f, true
		}
	case recEnd:
		r.result.end, r.result.hasEnd = seconds(v)
	case recSpoken:
		wire.Set(&r.result.speech.Language, v.Text)
	case recChannel:
		r.result.channel = min(count(v), maxChannels)
	case recBilled:
		if d, ok := seconds(v); ok && d > 0 {
			r.Send(wire.Event{Kind: wire.Billed, Audio: d})
		}
	case recID:
		if v.Kind == jsonscan.String && len(v.Text) > 0 {
			r.Send(wire.Event{Kind: wire.Answered, ID: string(v.Text)})
		}
	default:
		r.failure.value(v)
	}
}

// seconds returns a duration in the JSON form of protocol buffers: "1.770s".
func seconds(v *jsonscan.Value) (d time.Duration, ok bool) {
	const month = 31 * 24 * time.Hour
	if v.Kind != jsonscan.String {
		return 0, false
	}
	d, err := time.ParseDuration(string(v.Text))
	return d, err == nil && d >= 0 && d <= month
}

// endResult reports a result. The service sends only where a result ends; it begins where the one
// before it ended.
func (r *recognition) endResult() {
	if one := &r.result; one.is {
		if one.hasEnd {
			start := &r.ends[one.channel]
			one.speech.HasOffsets, one.speech.Start, one.speech.End = true, min(*start, one.end), one.end
			*start = one.end
		}
		r.Send(wire.Event{Kind: wire.Final, Text: one.text.Text(), Speech: one.speech})
	}
	text := r.result.text
	text.Reset()
	r.result = result{text: text}
}

// Document reports the last result, or an error. The response to audio without speech has no result;
// its transcript is empty.
func (r *recognition) Document([]byte) {
	r.result.is = r.result.is || !r.hasResult && !r.failure.Is
	r.endResult()
	r.failure.report(&r.Base, false)
}

// Audio reports that a recognition is no audio.
func (r *recognition) Audio([]byte) { r.NotUnderstood("content") }

// Done does nothing: the service sends no server-sent events.
func (r *recognition) Done() {}
