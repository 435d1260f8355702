// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package dropin_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net/http"
	"testing"

	"github.com/openai/openai-go/v3"
	openaioption "github.com/openai/openai-go/v3/option"
	goopenai "github.com/sashabaranov/go-openai"

	"github.com/voice-agents/telemetry/sdks/vendorserver"
	"github.com/voice-agents/telemetry/semconv"
)

const heard = "A table for two."

// recording returns a WAV file of two seconds of silence at 16 kHz.
func recording() io.Reader {
	const rate, size = 16000, 2 * 2 * 16000
	var wav bytes.Buffer
	wav.WriteString("RIFF")
	_ = binary.Write(&wav, binary.LittleEndian, uint32(36+size))
	wav.WriteString("WAVEfmt ")
	_ = binary.Write(&wav, binary.LittleEndian, []uint16{16, 0, 1, 1, rate, 0, 2 * rate, 0, 2, 16})
	wav.WriteString("data")
	_ = binary.Write(&wav, binary.LittleEndian, uint32(size))
	wav.Write(make([]byte, size))
	return &wav
}

// named is a recording with the name of a file, which OpenAI needs.
type named struct{ io.Reader }

func (named) Name() string { return "question.wav" }

func TestTranscription(t *testing.T) {
	newOpenAI := func(client *http.Client, url string) openai.Client {
		return openai.NewClient(openaioption.WithHTTPClient(client), openaioption.WithBaseURL(url+"/v1"),
			openaioption.WithAPIKey("k"), openaioption.WithMaxRetries(maxRetries))
	}
	newGoOpenAI := func(client *http.Client, url string) *goopenai.Client {
		cfg := goopenai.DefaultConfig("k")
		cfg.BaseURL, cfg.HTTPClient = url+"/v1", client
		return goopenai.NewClientWithConfig(cfg)
	}
	for _, tt := range []struct {
		name, model string
		answer      vendorserver.Answer
		recognise   func(ctx context.Context, client *http.Client, server *vendorserver.Server) (string, error)
		partials    int
		hasScore    bool
	}{
		{
			name: "openai-go", model: "gpt-4o-transcribe", answer: vendorserver.Transcript(heard),
			recognise: func(ctx context.Context, client *http.Client, server *vendorserver.Server) (string, error) {
				c := newOpenAI(client, server.URL)
				res, err := c.Audio.Transcriptions.New(ctx, openai.AudioTranscriptionNewParams{
					File: named{recording()}, Model: "gpt-4o-transcribe", Language: openai.String("en"),
				})
				if err != nil {
					return "", err
				}
				return res.Text, nil
			},
		},
		{
			name: "openai-go, stream", model: "gpt-4o-transcribe", answer: vendorserver.TranscriptStream("A table", " for", " two."), partials: 3,
			recognise: func(ctx context.Context, client *http.Client, server *vendorserver.Server) (text string, err error) {
				c := newOpenAI(client, server.URL)
				s := c.Audio.Transcriptions.NewStreaming(ctx, openai.AudioTranscriptionNewParams{
					File: named{recording()}, Model: "gpt-4o-transcribe", Language: openai.String("en"),
				})
				defer func() { _ = s.Close() }()
				for s.Next() {
					if event := s.Current(); event.Type == "transcript.text.delta" {
						text += event.Delta
						server.Next()
					}
				}
				return text, s.Err()
			},
		},
		{
			name: "go-openai", model: "whisper-1", answer: vendorserver.TranscriptVerbose(heard), hasScore: true,
			recognise: func(ctx context.Context, client *http.Client, server *vendorserver.Server) (string, error) {
				res, err := newGoOpenAI(client, server.URL).CreateTranscription(ctx, goopenai.AudioRequest{
					Model: "whisper-1", Reader: recording(), FilePath: "question.wav", Language: "en", Format: goopenai.AudioResponseFormatVerboseJSON,
				})
				return res.Text, err
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := startCall(t)
			tt.answer.IsPaced = true
			server := vendorserver.New(tt.answer)
			t.Cleanup(server.Close)
			if text, err := tt.recognise(c.ctx, c.client, server); err != nil || text != heard {
				t.Fatalf("%q, %v", text, err)
			}
			stage := c.one(t)
			if want := semconv.SpanSpeechToText(tt.model); stage.Name() != want {
				t.Errorf("the stage is %q, want %q", stage.Name(), want)
			}
			has(t, stage,
				semconv.GenAIProviderName("openai"), semconv.GenAIRequestModel(tt.model), semconv.GenAISpeechInputLanguage("en"),
				semconv.VoiceSTTAudioDuration(2), semconv.VoiceAudioCodec("pcm_s16le"), semconv.VoiceAudioSampleRate(16000), semconv.VoiceAudioChannels(1),
				semconv.VoiceProviderRequestIDs("req_1"), semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeCompleted))
			if tt.partials > 0 {
				has(t, stage, semconv.VoiceSTTPartialCount(tt.partials))
			}
			if tt.hasScore {
				hasAny(t, stage, semconv.VoiceSTTConfidenceKey)
			}
			lacks(t, stage, semconv.ErrorTypeKey, semconv.VoiceSTTTranscriptKey)
		})
	}
}
