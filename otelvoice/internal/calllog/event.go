// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package calllog

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/semconv"
)

// Evaluation writes a result of an evaluation, as a record with an event name.
func (l *Log) Evaluation(ctx context.Context, event, message string, attrs ...attribute.KeyValue) {
	l.event(ctx, event, message, attrs)
}

// Heartbeat writes that a session is open, as a record with an event name.
func (l *Log) Heartbeat(ctx context.Context, message string, attrs ...attribute.KeyValue) {
	l.event(ctx, semconv.EventVoiceSessionHeartbeat, message, attrs)
}

func (l *Log) event(ctx context.Context, event, message string, attrs []attribute.KeyValue) {
	if !l.guard.Enabled(ctx, l.sessions, Info) {
		return
	}
	var record log.Record
	record.SetEventName(event)
	record.SetTimestamp(time.Now())
	record.SetSeverity(Info)
	record.SetSeverityText("INFO")
	record.SetBody(attribute.StringValue(message))
	record.AddAttributes(attrs...)
	l.guard.Emit(ctx, l.sessions, record)
}

// DoubtfulSession writes a warning about a value or a call on a session that is not recorded, once for
// each place in the agent's code.
func (l *Log) DoubtfulSession(ctx context.Context, message string, attrs ...attribute.KeyValue) {
	l.late(ctx, l.sessions, message, attrs)
}
