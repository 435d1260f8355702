// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// attempt is one of the tries that a pipeline gives a piece of work. An
// instrumented provider finds it in its context.
type attempt struct {
	number   int           // From 1, over all providers.
	fallback int           // From 1; 0 is the preferred provider.
	patience time.Duration // How long each answer may take.
}

type attemptKey struct{}

// attemptFrom returns the attempt of a context. Without a pipeline it is the zero
// one, of which nothing is told.
func attemptFrom(ctx context.Context) attempt {
	a, _ := ctx.Value(attemptKey{}).(attempt)
	return a
}

// option tells which attempt a stage is.
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

// chosen tells of the last of several attempts that it was the good one.
func (a attempt) chosen() []attribute.KeyValue {
	if a.number < 2 {
		return nil
	}
	return []attribute.KeyValue{semconv.VoiceStageChosen(true)}
}

// try has the providers try in turn until one succeeds: each once more after a
// pause, if its error may pass, then the next. What has begun to reach the user is
// not tried again: they would hear it twice.
func try[P any](ctx context.Context, p *Pipeline, stage string, patience time.Duration, providers []P, do func(context.Context, P) (begun bool, err error)) error {
	a := attempt{patience: patience}
	first := attemptFrom(ctx).fallback // Providers before these are not asked.
	var err error
	for i, provider := range providers {
		a.fallback = first + i
		for retry := 0; ; retry++ {
			a.number++
			var begun bool
			if begun, err = do(context.WithValue(ctx, attemptKey{}, a), provider); err == nil {
				return nil
			}
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if begun {
				return stageError(stage, err)
			}
			if retry >= p.retries || !temporary(err) {
				break
			}
			p.log.LogAttrs(ctx, slog.LevelWarn, "trying once more", slog.String("after", stage), otelvoice.Error(err))
			if err := sleep(ctx, p.pause); err != nil {
				return err
			}
		}
		if i+1 < len(providers) {
			p.log.LogAttrs(ctx, slog.LevelWarn, "falling back", slog.String("after", stage), otelvoice.Error(err))
		}
	}
	return stageError(stage, err)
}

// temporary reports whether it may help to ask the same provider again. An error may
// say itself. One that has kept the user waiting for all of its time is not given
// that time again, and one that panics is not asked to.
func temporary(err error) bool {
	for _, hopeless := range []error{ErrTimeout, ErrAudio, ErrTooLong} {
		if errors.Is(err, hopeless) {
			return false
		}
	}
	if _, panicked := errors.AsType[*failure.PanicError](err); panicked {
		return false
	}
	var says interface{ Temporary() bool }
	return !errors.As(err, &says) || says.Temporary()
}

// sleep waits, or returns why ctx ended.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
