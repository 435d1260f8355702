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
	"github.com/voice-agents/telemetry/internal/logrecord/slogattr"
	"github.com/voice-agents/telemetry/semconv"
)

// complete adds the thread ID, the description of the error and the ids of the context. It keeps
// attributes that the record already has.
func (p *Provider) complete(ctx context.Context, r *logrecord.Record) {
	if !p.opts.WithoutThreadID && !r.Has(semconv.ThreadIDKey) {
		r.ThreadID = int64(p.thread.Current())
	}
	if err := r.Err; err != nil {
		r.AddMissing(p.Clean(errorAttributes(err))...)
		if p.opts.Traceback && !r.Has(semconv.ExceptionStacktraceKey) {
			r.AddMissing(p.Clean([]attribute.KeyValue{semconv.ExceptionStacktrace(failure.StackTrace(err))})...)
		}
		// The attributes describe the error now, after redaction. Outputs must not see the
		// unredacted error.
		r.Err = nil
	}
	p.scrubBody(&r.Body)
	if !p.opts.WithoutIDs { // Last: SetContext must follow all attributes.
		p.addIDs(ctx, r)
	}
}

// addIDs adds the ids of the context that the record does not have. From the second record of an
// identity on, they are one group that is cleaned and encoded once.
func (p *Provider) addIDs(ctx context.Context, r *logrecord.Record) {
	groups := identity.Groups(ctx)
	if groups != nil {
		if g := groups.Load(p); g != nil {
			r.SetContext(g)
			return
		}
	}
	ids := p.Clean(identity.Attributes(ctx))
	if groups == nil || groups.First() {
		r.AddMissing(ids...)
		return
	}
	g := logrecord.NewGroup(&p.keys, ids)
	groups.Store(p, g)
	r.SetContext(g)
}

// add adds an attribute after redaction.
func (p *Provider) add(r *logrecord.Record, kv attribute.KeyValue) {
	if kv.Key != "" {
		p.set(r, kv.Key, &kv.Value)
	}
}

// set does the same as add for a key that is not empty. It may change the value.
func (p *Provider) set(r *logrecord.Record, name attribute.Key, v *attribute.Value) {
	key := p.keys.Of(name)
	if p.cleanValue(key, v) {
		r.Set(key, v)
		return
	}
	if kv := (attribute.KeyValue{Key: name, Value: *v}); p.cleanAttribute(key, &kv, r.Has) {
		r.Add(&kv)
	}
}

// setTime adds a time. The text of a time needs no redaction.
func (p *Provider) setTime(r *logrecord.Record, name attribute.Key, t time.Time) {
	if key := p.keys.Of(name); key.Verdict&clean != 0 {
		r.SetTime(key, t)
		return
	}
	v := slogattr.Time(t)
	p.set(r, name, &v)
}

// setDuration adds a duration. Its text needs no redaction.
func (p *Provider) setDuration(r *logrecord.Record, name attribute.Key, d time.Duration) {
	if key := p.keys.Of(name); key.Verdict&clean != 0 {
		r.SetDuration(key, d)
		return
	}
	v := slogattr.Duration(d)
	p.set(r, name, &v)
}

// Group returns a group of attributes after redaction.
func (p *Provider) Group(attrs ...attribute.KeyValue) *logrecord.Group {
	return logrecord.NewGroup(&p.keys, p.Clean(attrs))
}

// source returns the source location of a program counter. It returns nil if the location is not
// in the program's code: in a goroutine that starts with the call it is in the runtime, and log
// lines of the toolkit have a source location of their own.
func (p *Provider) source(pc uintptr) *logrecord.Group {
	return p.sources.Of(pc, func(pc uintptr) *logrecord.Group {
		frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
		if !logrecord.ThisProgram().Owns(&frame) {
			return nil
		}
		return p.Group(semconv.CodeFilePath(frame.File), semconv.CodeFunctionName(frame.Function), semconv.CodeLineNumber(frame.Line))
	})
}

// errorAttributes returns the attributes of an error, without its stack trace, which costs more
// than all others.
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
