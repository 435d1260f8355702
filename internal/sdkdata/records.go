// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package sdkdata

import (
	"context"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// Records returns log records with clean text. Byte values are unchanged. A changed record
// loses its count of attributes that were dropped by limits.
func Records(records []sdklog.Record) []sdklog.Record {
	var (
		from  *origin
		blank *sdklog.Record // Of the origin, if that is dirty.
	)
	out, copied := records, false
	for i := range records {
		r := &records[i]
		if now := from.of(r.Resource(), r.InstrumentationScope()); now != from {
			from, blank = now, nil
		}
		attrs, dirty := recordAttributes(r)
		body, dirtyBody := cleantext.ValueTexts(r.Body())
		if !dirty && !dirtyBody && !from.dirty && cleantext.IsClean(r.EventName()) && cleantext.IsClean(r.SeverityText()) {
			continue
		}
		if !copied {
			out, copied = slices.Clone(records), true
		}
		made := r.Clone()
		if from.dirty {
			if blank == nil {
				blank = blankRecord(from)
			}
			made = movedTo(blank, r)
			if !dirty {
				attrs = slices.Collect(r.WalkAttributes)
			}
		}
		if dirty || from.dirty {
			made.SetAttributes(attrs...)
		}
		made.SetBody(body)
		made.SetEventName(cleantext.String(r.EventName()))
		made.SetSeverityText(cleantext.String(r.SeverityText()))
		out[i] = made
	}
	return out
}

// recordAttributes returns the attributes if any of them had to be cleaned.
func recordAttributes(r *sdklog.Record) (_ []attribute.KeyValue, dirty bool) {
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		_, changed := cleantext.ValueTexts(kv.Value)
		dirty = changed || !cleantext.IsClean(string(kv.Key))
		return !dirty
	})
	if !dirty {
		return nil, false
	}
	return cleantext.Texts(slices.Collect(r.WalkAttributes))
}

// movedTo returns a copy of r with the origin of another record. A record has no setter for its
// origin, so the fields of r are set in the other.
func movedTo(blank, r *sdklog.Record) sdklog.Record {
	made := blank.Clone()
	made.SetTimestamp(r.Timestamp())
	made.SetObservedTimestamp(r.ObservedTimestamp())
	made.SetSeverity(r.Severity())
	made.SetTraceID(r.TraceID())
	made.SetSpanID(r.SpanID())
	made.SetTraceFlags(r.TraceFlags())
	return made
}

// blankRecord returns an empty record with a clean origin, which only the SDK's provider can
// create.
func blankRecord(from *origin) *sdklog.Record {
	var kept keeper
	provider := sdklog.NewLoggerProvider(
		sdklog.WithResource(from.clean.Resource), sdklog.WithProcessor(&kept), sdklog.WithAllowKeyDuplication(),
		sdklog.WithAttributeCountLimit(-1), sdklog.WithAttributeValueLengthLimit(-1))
	scope := from.clean.Scope
	provider.Logger(scope.Name, log.WithInstrumentationVersion(scope.Version), log.WithSchemaURL(scope.SchemaURL),
		log.WithInstrumentationAttributes(scope.Attributes.ToSlice()...)).Emit(context.Background(), log.Record{})
	return &kept.record
}

// keeper is a processor that keeps a record.
type keeper struct{ record sdklog.Record }

// Enabled implements the SDK's processor.
func (*keeper) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }

// OnEmit keeps the record.
func (k *keeper) OnEmit(_ context.Context, r *sdklog.Record) error {
	k.record = r.Clone()
	return nil
}

// Shutdown does nothing.
func (*keeper) Shutdown(context.Context) error { return nil }

// ForceFlush does nothing.
func (*keeper) ForceFlush(context.Context) error { return nil }
