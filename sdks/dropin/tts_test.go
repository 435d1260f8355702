// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package dropin_test

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/polly"
	pollytypes "github.com/aws/aws-sdk-go-v2/service/polly/types"
	"github.com/openai/openai-go/v3"
	openaioption "github.com/openai/openai-go/v3/option"
	goopenai "github.com/sashabaranov/go-openai"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/sdks/vendorserver"
	"github.com/voice-agents/telemetry/semconv"
)

// spoken is the text that is synthesised: 18 code points.
const spoken = "At eight, für zwei"

// A voice drives the SDK of a vendor that synthesises speech.
type voice struct {
	name, provider, model, voice string
	rate                         int
	retries, counts              bool
	answer                       func(pieces ...string) vendorserver.Answer
	refused                      func(status int) vendorserver.Answer
	// speak returns the audio of spoken as it comes.
	speak func(ctx context.Context, client *http.Client, url string) (io.ReadCloser, error)
}

func voices() []voice {
	return []voice{
		{
			name: "openai-go", provider: "openai", model: "gpt-4o-mini-tts", voice: "nova", rate: 24000, retries: true, counts: true,
			answer:  func(pieces ...string) vendorserver.Answer { return vendorserver.Speech("audio/pcm", pieces...) },
			refused: vendorserver.OpenAIChat().Refused,
			speak: func(ctx context.Context, client *http.Client, url string) (io.ReadCloser, error) {
				c := openai.NewClient(openaioption.WithHTTPClient(client), openaioption.WithBaseURL(url+"/v1"),
					openaioption.WithAPIKey("k"), openaioption.WithMaxRetries(maxRetries))
				res, err := c.Audio.Speech.New(ctx, openai.AudioSpeechNewParams{
					Model: "gpt-4o-mini-tts", Input: spoken,
					Voice: openai.AudioSpeechNewParamsVoiceUnion{OfString: openai.String("nova")}, ResponseFormat: "pcm",
				})
				if err != nil {
					return nil, err
				}
				return res.Body, nil
			},
		},
		{
			name: "go-openai", provider: "openai", model: "gpt-4o-mini-tts", voice: "nova", rate: 24000,
			answer:  func(pieces ...string) vendorserver.Answer { return vendorserver.Speech("audio/pcm", pieces...) },
			refused: vendorserver.OpenAIChat().Refused,
			speak: func(ctx context.Context, client *http.Client, url string) (io.ReadCloser, error) {
				cfg := goopenai.DefaultConfig("k")
				cfg.BaseURL, cfg.HTTPClient = url+"/v1", client
				return goopenai.NewClientWithConfig(cfg).CreateSpeech(ctx, goopenai.CreateSpeechRequest{
					Model: "gpt-4o-mini-tts", Input: spoken, Voice: "nova", ResponseFormat: goopenai.SpeechResponseFormatPcm,
				})
			},
		},
		{
			name: "ElevenLabs by hand", provider: "elevenlabs", model: "eleven_flash_v2_5", voice: "JBFqnCBsd6RMkjVDRZzb", rate: 16000,
			answer: func(pieces ...string) vendorserver.Answer {
				return vendorserver.ElevenLabsSpeech("audio/pcm", pieces...)
			},
			refused: vendorserver.ElevenLabsRefused,
			speak: func(ctx context.Context, client *http.Client, url string) (io.ReadCloser, error) {
				req, err := http.NewRequestWithContext(ctx, http.MethodPost,
					url+"/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb/stream?output_format=pcm_16000",
					strings.NewReader(`{"text":"`+spoken+`","model_id":"eleven_flash_v2_5"}`))
				if err != nil {
					return nil, err
				}
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("Xi-Api-Key", "k")
				return bodyOf(client.Do(req))
			},
		},
		{
			name: "aws-sdk-go-v2", provider: "aws.polly", model: "neural", voice: "Vicki", rate: 16000, retries: true, counts: true,
			answer: func(pieces ...string) vendorserver.Answer {
				return vendorserver.PollySpeech("audio/pcm", 18, pieces...)
			},
			refused: vendorserver.PollyRefused,
			speak: func(ctx context.Context, client *http.Client, url string) (io.ReadCloser, error) {
				c := polly.New(polly.Options{
					Region: "eu-central-1", BaseEndpoint: &url, HTTPClient: client,
					Credentials: credentials.NewStaticCredentialsProvider("k", "s", ""),
					Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
						o.MaxAttempts = maxRetries + 1
						o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
						o.RateLimiter = unlimited{}
						o.Retryables = append(o.Retryables, retry.RetryableHTTPStatusCode{Codes: map[int]struct{}{529: {}}})
					}),
				})
				res, err := c.SynthesizeSpeech(ctx, &polly.SynthesizeSpeechInput{
					Text: aws.String(spoken), VoiceId: pollytypes.VoiceIdVicki, Engine: pollytypes.EngineNeural,
					OutputFormat: pollytypes.OutputFormatPcm, SampleRate: aws.String("16000"),
				})
				if err != nil {
					return nil, err
				}
				return res.AudioStream, nil
			},
		},
	}
}

// unlimited lets the SDK retry without a quota.
type unlimited struct{}

func (unlimited) GetToken(context.Context, uint) (func() error, error) {
	return func() error { return nil }, nil
}
func (unlimited) AddTokens(uint) error { return nil }

// bodyOf returns the body of a response, and an error for a status of 400 and above.
func bodyOf(res *http.Response, err error) (io.ReadCloser, error) {
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= http.StatusBadRequest {
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		return nil, errStatus
	}
	return res.Body, nil
}

// pieces returns a second of loud audio in parts of an odd size, so that samples are split.
func (v *voice) pieces() (pieces []string) {
	audio := strings.Repeat("\x00\x40\x00\xc0", v.rate/2)
	for audio != "" {
		n := min(7001, len(audio))
		pieces, audio = append(pieces, audio[:n]), audio[n:]
	}
	return pieces
}

func (v *voice) start(t *testing.T, answers ...vendorserver.Answer) (*call, *vendorserver.Server) {
	t.Helper()
	c := startCall(t)
	server := vendorserver.New(answers...)
	t.Cleanup(server.Close)
	return c, server
}

func (v *voice) checkRequest(t *testing.T, stage sdktrace.ReadOnlySpan) {
	t.Helper()
	if want := semconv.SpanTextToSpeech(v.model); stage.Name() != want {
		t.Errorf("the stage is %q, want %q", stage.Name(), want)
	}
	has(t, stage,
		semconv.GenAIProviderName(v.provider), semconv.GenAIRequestModel(v.model), semconv.GenAISpeechVoice(v.voice),
		semconv.VoiceTTSCharacters(18))
}

// The server makes a piece of audio only when the SDK's caller has the one before.
func TestSpeechIsNotDelayed(t *testing.T) {
	for _, v := range voices() {
		t.Run(v.name, func(t *testing.T) {
			pieces := v.pieces()
			answer := v.answer(pieces...)
			answer.IsPaced = true
			c, server := v.start(t, answer)
			audio, err := v.speak(c.ctx, c.client, server.URL)
			if err != nil {
				t.Fatal(err)
			}
			for i, piece := range pieces {
				got := make([]byte, len(piece))
				if _, err := io.ReadFull(audio, got); err != nil || string(got) != piece {
					t.Fatalf("piece %d: %v, or other audio", i, err)
				}
				server.Next()
			}
			if n, err := io.Copy(io.Discard, audio); n > 0 || err != nil {
				t.Errorf("%d bytes more, %v", n, err)
			}
			_ = audio.Close()
			stage := c.one(t)
			v.checkRequest(t, stage)
			has(t, stage,
				semconv.VoiceTTSAudioDuration(1), semconv.VoiceAudioSize(v.rate*2), semconv.VoiceAudioCodec("pcm_s16le"),
				semconv.VoiceAudioSampleRate(v.rate), semconv.VoiceAudioChannels(1),
				semconv.VoiceProviderRequestIDs("req_1"), semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeCompleted))
			hasAny(t, stage, semconv.VoiceTTSTimeToFirstByteKey, semconv.VoiceTTSTimeToFirstAudibleKey)
			lacks(t, stage, semconv.ErrorTypeKey, semconv.VoiceStageAttemptKey)
		})
	}
}

func TestSpeechRetry(t *testing.T) {
	statuses := []int{429, 503, 529}
	for _, v := range voices() {
		t.Run(v.name, func(t *testing.T) {
			answers := make([]vendorserver.Answer, 0, 4)
			for _, status := range statuses {
				answers = append(answers, v.refused(status))
			}
			c, server := v.start(t, append(answers, v.answer(v.pieces()...))...)
			audio, err := v.speak(c.ctx, c.client, server.URL)
			for range statuses {
				if err == nil || v.retries {
					break
				}
				audio, err = v.speak(c.ctx, c.client, server.URL)
			}
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, audio)
			_ = audio.Close()
			stages := c.end(t)
			if len(stages) != 4 {
				t.Fatalf("%d stages, want 4:\n%s", len(stages), c.rec.Shape())
			}
			for i, status := range statuses {
				v.checkRequest(t, stages[i])
				has(t, stages[i], semconv.ErrorType(strconv.Itoa(status)), semconv.VoiceProviderRetryAfter(0.01),
					semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeFailed))
				if v.retries {
					has(t, stages[i+1], semconv.VoiceStageAttempt(i+2))
				}
			}
			v.checkRequest(t, stages[3])
			has(t, stages[3], semconv.VoiceTTSAudioDuration(1), semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeCompleted))
		})
	}
}

// A barge-in cancels the synthesis in the middle of its audio.
func TestSpeechBargeIn(t *testing.T) {
	for _, v := range voices() {
		t.Run(v.name, func(t *testing.T) {
			pieces := v.pieces()
			answer := v.answer(pieces...)
			answer.IsPaced = true
			c, server := v.start(t, answer)
			ctx, cancel := context.WithCancelCause(c.ctx)
			defer cancel(nil)
			audio, err := v.speak(ctx, c.client, server.URL)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(audio, make([]byte, len(pieces[0]))); err != nil {
				t.Fatal(err)
			}
			cancel(otelvoice.ErrInterrupted)
			if _, err := io.Copy(io.Discard, audio); err == nil {
				t.Error("the audio has an end")
			}
			_ = audio.Close()
			server.Gone()
			stage := c.one(t)
			v.checkRequest(t, stage)
			has(t, stage, semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeInterrupted), semconv.VoiceAudioSize(len(pieces[0])))
			lacks(t, stage, semconv.ErrorTypeKey)
			for _, request := range c.requests() {
				has(t, request, semconv.VoiceHTTPOutcome(semconv.VoiceHTTPOutcomeInterrupted))
				lacks(t, request, semconv.ErrorTypeKey)
			}
		})
	}
}

// The connection breaks in the middle of the audio.
func TestConnectionBreaksInSpeech(t *testing.T) {
	for _, v := range voices() {
		t.Run(v.name, func(t *testing.T) {
			answer := v.answer(v.pieces()[:2]...)
			answer.IsCut = true
			c, server := v.start(t, answer)
			audio, err := v.speak(c.ctx, c.client, server.URL)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, audio); err == nil {
				t.Error("the audio has an end")
			}
			_ = audio.Close()
			stage := c.one(t)
			v.checkRequest(t, stage)
			has(t, stage, semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeFailed), semconv.VoiceAudioSize(14002))
			hasAny(t, stage, semconv.ErrorTypeKey)
		})
	}
}
