// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"
	"log/slog"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/exporters/jsonlog"
)

// lines is the simplest processor: it writes a record of the SDK's Logs API with the toolkit's own
// encoder, so that the comparison covers only the path to the encoder.
type lines struct{ logger log.Logger }

var _ sdklog.Processor = lines{}

func newLines(w io.Writer) lines { return lines{jsonlog.New(w, nil).Logger(module)} }

// OnEmit writes the line.
func (l lines) OnEmit(ctx context.Context, from *sdklog.Record) error {
	var to log.Record
	to.SetTimestamp(from.Timestamp())
	to.SetSeverity(from.Severity())
	to.SetSeverityText(from.SeverityText())
	to.SetBody(from.Body())
	from.WalkAttributes(func(kv attribute.KeyValue) bool {
		to.AddAttributes(kv)
		return true
	})
	l.logger.Emit(trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: from.TraceID(), SpanID: from.SpanID(), TraceFlags: from.TraceFlags(),
	})), to)
	return nil
}

// withOwnIDs gives a handler the IDs that the line does not take from the context. It adds no
// group, because the encoder makes extra_data itself.
func withOwnIDs(h slog.Handler) *slog.Logger {
	var given []slog.Attr
	pairs := call.strings()
	for i := 0; i < len(pairs); i += 2 {
		switch pairs[i] {
		case "correlation_id", "trace_id", "span_id", "module":
		default:
			given = append(given, slog.String(pairs[i], pairs[i+1]))
		}
	}
	return slog.New(h.WithAttrs(given))
}

// Enabled returns true.
func (lines) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }

// Shutdown does nothing.
func (lines) Shutdown(context.Context) error { return nil }

// ForceFlush does nothing.
func (lines) ForceFlush(context.Context) error { return nil }
