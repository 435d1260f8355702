// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package audioformat_test

import (
	"testing"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
)

func TestOfName(t *testing.T) {
	for name, want := range map[string]wire.Format{
		"mp3":                                {Codec: "mp3"},
		"pcm":                                {Codec: "pcm_s16le"},
		"pcm16":                              {Codec: "pcm_s16le"},
		"g711_ulaw":                          {Codec: "pcm_mulaw"},
		"pcm_16000":                          {Codec: "pcm_s16le", SampleRate: 16000},
		"ulaw_8000":                          {Codec: "pcm_mulaw", SampleRate: 8000},
		"mp3_44100_128":                      {Codec: "mp3", SampleRate: 44100},
		"mp3_22050_32":                       {Codec: "mp3", SampleRate: 22050},
		"opus_48000_32":                      {Codec: "opus", SampleRate: 48000},
		"wav_44100":                          {Codec: "wav", SampleRate: 44100},
		"linear16":                           {Codec: "pcm_s16le"},
		"LINEAR16":                           {Codec: "pcm_s16le"},
		"OGG_OPUS":                           {Codec: "opus"},
		"AMR_WB":                             {Codec: "amr_wb"},
		"amr-wb":                             {Codec: "amr_wb"},
		"pcm_f32le":                          {Codec: "pcm_f32le"},
		"mu-law":                             {Codec: "pcm_mulaw"},
		"ogg_vorbis":                         {Codec: "vorbis"},
		"riff-24khz-16bit-mono-pcm":          {Codec: "wav", SampleRate: 24000, Channels: 1},
		"raw-22050hz-16bit-mono-pcm":         {Codec: "pcm_s16le", SampleRate: 22050, Channels: 1},
		"raw-8khz-8bit-mono-mulaw":           {Codec: "pcm_mulaw", SampleRate: 8000, Channels: 1},
		"audio-16khz-32kbitrate-mono-mp3":    {Codec: "mp3", SampleRate: 16000, Channels: 1},
		"audio-24khz-16bit-48kbps-mono-opus": {Codec: "opus", SampleRate: 24000, Channels: 1},
		"ogg-48khz-16bit-mono-opus":          {Codec: "opus", SampleRate: 48000, Channels: 1},
		"webm-24khz-16bit-mono-opus":         {Codec: "opus", SampleRate: 24000, Channels: 1},
		"amr-wb-16000hz":                     {Codec: "amr_wb", SampleRate: 16000},
		"g722-16khz-64kbps":                  {Codec: "g722", SampleRate: 16000},
		"audio/pcm;rate=24000":               {Codec: "pcm_s16le", SampleRate: 24000},
		"New-Codec":                          {Codec: "new-codec"},
		"":                                   {},
	} {
		if got := audioformat.OfName(name); got != want {
			t.Errorf("OfName(%q) = %+v, want %+v", name, got, want)
		}
	}
}

func TestOfContentType(t *testing.T) {
	for contentType, want := range map[string]wire.Format{
		"audio/mpeg":                       {Codec: "mp3"},
		"audio/wav":                        {Codec: "wav"},
		"audio/x-wav":                      {Codec: "wav"},
		"audio/vnd.wave":                   {Codec: "wav"},
		"audio/L16;codec=pcm;rate=24000":   {Codec: "pcm_s16le", SampleRate: 24000},
		"audio/pcm":                        {Codec: "pcm_s16le"},
		"audio/L16; rate=8000; channels=2": {Codec: "pcm_s16le", SampleRate: 8000, Channels: 2},
		"audio/ogg; codecs=opus":           {Codec: "opus"},
		`audio/webm;codecs="opus"`:         {Codec: "opus"},
		"audio/ogg":                        {Codec: "ogg"},
		"audio/basic":                      {Codec: "pcm_mulaw", SampleRate: 8000, Channels: 1},
		"audio/x-mulaw;rate=16000":         {Codec: "pcm_mulaw", SampleRate: 16000},
		"audio/PCMA":                       {Codec: "pcm_alaw", SampleRate: 8000, Channels: 1},
		"audio/wav; codecs=audio/pcm; samplerate=16000": {Codec: "wav", SampleRate: 16000},
		"audio/aac":                {Codec: "aac"},
		"audio/flac":               {Codec: "flac"},
		"audio/new":                {Codec: "new"},
		"video/webm":               {Codec: "webm"},
		"application/octet-stream": {},
		"text/plain":               {},
		"audio":                    {},
		"":                         {},
	} {
		if got := audioformat.OfContentType(contentType); got != want {
			t.Errorf("OfContentType(%q) = %+v, want %+v", contentType, got, want)
		}
	}
}

func TestOfFile(t *testing.T) {
	for name, want := range map[string]string{"a.wav": "wav", "turn 1.MP3": "mp3", "x.tar.m4a": "aac", "x.webm": "webm", "x.txt": "", "wav": "", "": ""} {
		if got := audioformat.OfFile(name); got != (wire.Format{Codec: want}) {
			t.Errorf("OfFile(%q) = %+v, want %s", name, got, want)
		}
	}
}
