// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"context"
	"runtime"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/semconv"
)

// complete adds to a record what its context knows: the ids, the thread and,
// for an error, what there is to say of it. What the caller said stands: an
// attribute that the record already has is not added again.
func (p *Provider) complete(ctx context.Context, r *logrecord.Record) {
	if !p.opts.WithoutThreadID && !r.Has(semconv.ThreadIDKey) {
		r.ThreadID = int64(threadID())
	}
	if err := r.Err; err != nil {
		r.AddMissing(p.Clean(errorAttributes(err))...)
		if p.opts.Traceback && !r.Has(semconv.ExceptionStacktraceKey) {
			r.AddMissing(p.Clean([]attribute.KeyValue{semconv.ExceptionStacktrace(failure.StackTrace(err))})...)
		}
		// All there is to say of the error is among the attributes now, redacted; a
		// leg must not ask the error itself again.
		r.Err = nil
	}
	p.scrubBody(&r.Body)
	if !p.opts.WithoutIDs { // Last: they may be a block, and what comes after a block stands before it.
		identity.AddTo(r, ctx, p)
	}
}

// add adds an attribute as it may go out.
func (p *Provider) add(r *logrecord.Record, kv attribute.KeyValue) {
	if kv.Key != "" {
		p.set(r, kv.Key, &kv.Value)
	}
}

// set does what add does, with a key that is not empty. It may change the value.
func (p *Provider) set(r *logrecord.Record, name attribute.Key, v *attribute.Value) {
	key := p.keys.Of(name)
	if p.cleanValue(key, v) {
		r.Set(key, v)
		return
	}
	if kv := (attribute.KeyValue{Key: name, Value: *v}); p.clean(key, &kv, r.Has) {
		r.Add(&kv)
	}
}

// setTime adds a time. Its text needs no redaction: it was made here.
func (p *Provider) setTime(r *logrecord.Record, name attribute.Key, t time.Time) {
	if key := p.keys.Of(name); key.Verdict&plain != 0 {
		r.SetTime(key, t)
		return
	}
	v := timeValue(t)
	p.set(r, name, &v)
}

// setDuration does the same for a duration.
func (p *Provider) setDuration(r *logrecord.Record, name attribute.Key, d time.Duration) {
	if key := p.keys.Of(name); key.Verdict&plain != 0 {
		r.SetDuration(key, d)
		return
	}
	v := durationValue(d)
	p.set(r, name, &v)
}

// Block returns attributes as they may go out, for many records to have in common.
func (p *Provider) Block(attrs ...attribute.KeyValue) *logrecord.Block {
	return logrecord.NewBlock(&p.keys, p.Clean(attrs))
}

// source returns the place in the code that logged, or nil if it is none of the program's: a
// goroutine that begins with the call has the runtime's, and lines of the toolkit have its own.
func (p *Provider) source(pc uintptr) *logrecord.Block {
	return p.sources.Of(pc, func(pc uintptr) *logrecord.Block {
		frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
		if !logrecord.ThisProgram().Owns(&frame) {
			return nil
		}
		return p.Block(semconv.CodeFilePath(frame.File), semconv.CodeFunctionName(frame.Function), semconv.CodeLineNumber(frame.Line))
	})
}

// errorAttributes returns what there is to say of an error, save its stack trace,
// which costs more than all the rest.
func errorAttributes(err error) []attribute.KeyValue {
	attrs := []attribute.KeyValue{
		semconv.ExceptionType(failure.TypeName(err)), semconv.ExceptionMessage(failure.Message(err)),
	}
	if chain := failure.Chain(err); len(chain) > 0 {
		attrs = append(attrs, semconv.VoiceExceptionChain(chain...))
	}
	if code := failure.Code(err); code != "" {
		attrs = append(attrs, semconv.VoiceErrorCode(code))
	}
	if action := failure.RecoveryAction(err); action != "" {
		attrs = append(attrs, semconv.VoiceErrorRecoveryAction(action))
	}
	return attrs
}
