// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/semconv"
)

// complete adds to a record what its context knows: the ids, the thread and,
// for an error, its type and message. What the caller said stands: an attribute
// that the record already has is not added again. The record's own attributes
// are copied, because the caller may still hold the slice behind them.
func (p *Provider) complete(ctx context.Context, record log.Record) log.Record {
	ids := identity.LogAttributes(ctx)
	var extra [12]attribute.KeyValue
	n := copy(extra[:], ids)
	if p.threadID {
		if tid := threadID(); tid != 0 {
			extra[n] = semconv.ThreadID(tid)
			n++
		}
	}
	if err := record.Err(); err != nil {
		extra[n] = semconv.ExceptionType(failure.TypeName(err))
		extra[n+1] = semconv.ExceptionMessage(failure.Message(err))
		n += 2
	}

	var present [len(extra)]bool
	clean := true
	record.WalkAttributes(func(kv attribute.KeyValue) bool {
		for i := range n {
			if extra[i].Key == kv.Key {
				present[i] = true
			}
		}
		if clean {
			_, changed := cleantext.Attribute(kv)
			clean = !changed
		}
		return true
	})
	kept := 0
	for i := range n {
		if !present[i] {
			extra[kept] = extra[i]
			kept++
		}
	}
	if clean {
		record = record.Clone()
	} else {
		record = rewritten(record)
	}
	added, _ := cleantext.Attributes(extra[:kept])
	record.AddAttributes(added...)
	if body, changed := cleantext.Value(record.Body()); changed {
		record.SetBody(body)
	}
	return record
}

// rewritten copies a record whose attributes hold text that must not go out as
// it is. The API has no way to replace an attribute in place.
func rewritten(record log.Record) log.Record {
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
		kv, _ = cleantext.Attribute(kv)
		attrs = append(attrs, kv)
		return true
	})
	out.AddAttributes(attrs...)
	return out
}
