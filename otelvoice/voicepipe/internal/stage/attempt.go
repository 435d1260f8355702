// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package stage

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/wait"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/semconv"
)

// The stages of a [voiceprovider.StageError].
const (
	STT     = semconv.VoiceStageSTT
	LLM     = semconv.VoiceStageLLM
	TTS     = semconv.VoiceStageTTS
	Playout = semconv.VoiceSegmentPlayout
)

// attempt is one of the attempts of a stage. Instrumented providers read it from their
// context.
type attempt struct {
	number   int           // From 1, over all providers; 0 outside of a pipeline.
	fallback int           // From 1; 0 is the preferred provider.
	timeout  time.Duration // Of each answer.
}

type attemptKey struct{}

// attemptFrom returns the attempt of a context. Outside of a pipeline it is the zero
// attempt, which is not recorded.
func attemptFrom(ctx context.Context) attempt {
	a, _ := ctx.Value(attemptKey{}).(attempt)
	return a
}

// option returns the attributes of a stage that tell its attempts apart.
func (a attempt) option() otelvoice.StageOption {
	var attrs []attribute.KeyValue
	if a.number > 0 {
		attrs = append(attrs, semconv.VoiceStageAttempt(a.number))
	}
	if a.fallback > 0 {
		attrs = append(attrs, semconv.VoiceStageFallbackIndex(a.fallback))
	}
	return otelvoice.WithAttributes(attrs...)
}

// chosen returns the attribute of the successful one of several attempts.
func (a attempt) chosen() []attribute.KeyValue {
	if a.number < 2 {
		return nil
	}
	return []attribute.KeyValue{semconv.VoiceStageChosen(true)}
}

// WithFallback returns a context for providers of which the first is the n-th fallback.
func WithFallback(ctx context.Context, n int) context.Context {
	return context.WithValue(ctx, attemptKey{}, attempt{fallback: n})
}

// A Retry is how a pipeline retries.
type Retry struct {
	// Retries is how often a provider is called again after a temporary error.
	Retries int
	Pause   time.Duration
	Log     *slog.Logger
}

// Try calls do with the providers in turn until one succeeds. A provider whose error is
// temporary is called again after a pause, then the next provider is called. An attempt
// that has begun to reach the user is not repeated, because the user would hear it twice.
func Try[P any](ctx context.Context, retry Retry, stage string, timeout time.Duration, providers []P, do func(context.Context, P) (begun bool, err error)) error {
	a := attempt{timeout: timeout}
	first := attemptFrom(ctx).fallback
	var err error
	for i, provider := range providers {
		a.fallback = first + i
		for n := 0; ; n++ {
			a.number++
			var begun bool
			if begun, err = do(context.WithValue(ctx, attemptKey{}, a), provider); err == nil {
				return nil
			}
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if begun {
				return Wrap(stage, err)
			}
			if n >= retry.Retries || !IsTemporary(err) {
				break
			}
			retry.Log.LogAttrs(ctx, slog.LevelWarn, "retrying provider", slog.String("after", stage), otelvoice.Error(err))
			if err := wait.Sleep(ctx, retry.Pause); err != nil {
				return err
			}
		}
		if i+1 < len(providers) {
			retry.Log.LogAttrs(ctx, slog.LevelWarn, "falling back to next provider", slog.String("after", stage), otelvoice.Error(err))
		}
	}
	return Wrap(stage, err)
}

// IsTemporary reports whether the same provider may succeed if it is called again. An error
// with a Temporary method decides itself. A timeout is not temporary, because the user has
// waited long enough, and neither is a panic.
func IsTemporary(err error) bool {
	for _, permanent := range []error{voiceprovider.ErrTimeout, voiceprovider.ErrAudio, voiceprovider.ErrTooLong} {
		if errors.Is(err, permanent) {
			return false
		}
	}
	if _, panicked := errors.AsType[*failure.PanicError](err); panicked {
		return false
	}
	var temporary interface{ Temporary() bool }
	return !errors.As(err, &temporary) || temporary.Temporary()
}

// Wrap wraps err in a [voiceprovider.StageError], unless it is one of the same stage.
func Wrap(stage string, err error) error {
	if known, ok := errors.AsType[*voiceprovider.StageError](err); err == nil || ok && known.Stage == stage {
		return err
	}
	return &voiceprovider.StageError{Stage: stage, Err: err}
}
