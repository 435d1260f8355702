// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package redacttrace redacts the spans of the OpenTelemetry SDK. It is apart from package redact,
// which does not link the SDK.
//
// Stability: stable from v1.0.
package redacttrace

import (
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/redaction"
	"github.com/voice-agents/telemetry/internal/sdkdata"
	"github.com/voice-agents/telemetry/redact"
)

// NewSpanProcessor returns a span processor that passes ended spans to others without secrets:
// name, attributes, events, links, status, instrumentation scope and resource. It redacts once for
// all of them, and passes the span itself on if nothing is to be redacted. OnStart passes the span
// on as it is. With a nil Redactor nothing is redacted.
//
// It is for tracer providers of your own. voicesdk.Setup installs it.
func NewSpanProcessor(r *redact.Redactor, next ...sdktrace.SpanProcessor) sdktrace.SpanProcessor {
	return sdkdata.NewSpanProcessor((*redaction.Engine)(r), next...)
}

// Resource returns a resource without secrets, for a provider to be made with. Nil stays nil.
// voicesdk.Setup redacts its resource.
func Resource(r *redact.Redactor, res *resource.Resource) *resource.Resource {
	return sdkdata.RedactResource((*redaction.Engine)(r), res)
}
