// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/semconv"
)

// complete adds to a record what its context knows: the ids, the thread and,
// for an error, what there is to say of it. What the caller said stands: an
// attribute that the record already has is not added again. The record's own
// attributes are copied, because the caller may still hold the slice behind them.
func (p *Provider) complete(ctx context.Context, record log.Record) log.Record {
	var extra additions
	if !p.opts.WithoutIDs {
		extra.add(identity.CleanLogAttributes(ctx, p)...)
	}
	if !p.opts.WithoutThreadID {
		if tid := threadID(); tid != 0 {
			extra.add(semconv.ThreadID(tid))
		}
	}
	if err := record.Err(); err != nil {
		extra.add(p.Clean(errorAttributes(err))...)
	}

	same := true
	record.WalkAttributes(func(kv attribute.KeyValue) bool {
		extra.note(kv.Key)
		if same {
			_, changed, left := p.scrub(kv)
			same = !changed && !left
		}
		return true
	})
	if record.Err() != nil && p.opts.Traceback && !extra.trace {
		extra.add(p.Clean([]attribute.KeyValue{semconv.ExceptionStacktrace(failure.Trace(record.Err()))})...)
	}
	if same {
		record = record.Clone()
	} else {
		record = p.rewritten(record)
	}
	record.AddAttributes(extra.missing()...)
	if body, changed := p.scrubValue(record.Body()); changed {
		record.SetBody(body)
	}
	// All there is to say of the error is among the attributes now, redacted; a
	// leg must not ask the error itself again.
	record.SetErr(nil)
	return record
}

// rewritten copies a record some of whose attributes must not go out as they
// are. The API has no way to replace an attribute in place.
func (p *Provider) rewritten(record log.Record) log.Record {
	var out log.Record
	out.SetEventName(record.EventName())
	out.SetTimestamp(record.Timestamp())
	out.SetObservedTimestamp(record.ObservedTimestamp())
	out.SetSeverity(record.Severity())
	out.SetSeverityText(record.SeverityText())
	out.SetBody(record.Body())
	out.SetErr(record.Err())
	attrs := make([]attribute.KeyValue, 0, record.AttributesLen())
	record.WalkAttributes(func(kv attribute.KeyValue) bool {
		if kv, _, left := p.scrub(kv); !left {
			attrs = append(attrs, kv)
		}
		return true
	})
	out.AddAttributes(attrs...)
	return out
}

// additions are the attributes, fit to go out, that a record gets if it has none of
// their keys.
type additions struct {
	attrs   [20]attribute.KeyValue
	present [20]bool
	n       int
	trace   bool // The record has a stack trace.
}

func (a *additions) add(attrs ...attribute.KeyValue) { a.n += copy(a.attrs[a.n:], attrs) }

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

// note remembers a key that the record has.
func (a *additions) note(key attribute.Key) {
	for i := range a.n {
		if a.attrs[i].Key == key {
			a.present[i] = true
		}
	}
	a.trace = a.trace || key == semconv.ExceptionStacktraceKey
}

// missing returns those that the record does not have.
func (a *additions) missing() []attribute.KeyValue {
	kept := 0
	for i := range a.n {
		if !a.present[i] {
			a.attrs[kept] = a.attrs[i]
			kept++
		}
	}
	return a.attrs[:kept]
}
