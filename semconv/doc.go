// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package semconv defines the names of spans, span events, metrics and attributes
// that otelvoice records.
//
// Stability: stable from v1.0 for names of OpenTelemetry's that are stable there; all other names may
// change in a minor release. Each name states its stability.
//
// Each attribute has a key, and a function that returns the attribute with a value
// of its type. If the value is one of a fixed set, each member of the set has a
// constant:
//
//	span.SetAttributes(
//		semconv.VoiceTurnIndex(3),
//		semconv.VoiceTurnOutcome(semconv.VoiceTurnOutcomeCompleted))
//
// A span whose name contains an attribute has a function. Every other span has a
// constant:
//
//	tracer.Start(ctx, semconv.SpanChat("gpt-4.1-mini")) // chat gpt-4.1-mini
//	tracer.Start(ctx, semconv.SpanVoiceTurn)            // voice.turn
//
// Each metric has a function that returns its definition, from which the instrument
// is made:
//
//	m := semconv.MetricVoiceTurnResponseLatency()
//	meter.Float64Histogram(m.Name, metric.WithUnit(m.Unit), metric.WithDescription(m.Description),
//		metric.WithExplicitBucketBoundaries(m.Buckets...))
//
// [Attributes], [Spans], [Events] and [Metrics] return the whole registry. Tests and
// tools compare recorded telemetry with it.
//
// # Where names come from
//
// A name is taken from the first of these sources that defines it:
//
//  1. OpenTelemetry's core conventions, v1.43.0: session.id, error.type.
//  2. OpenTelemetry's GenAI conventions, v0.1.0: gen_ai.*. OpenTelemetry's Go
//     packages do not contain these names, because the GenAI conventions left the
//     core conventions with v1.42.0.
//  3. The open proposals for voice in the GenAI conventions, #390 and #394:
//     speech_to_text, gen_ai.speech.voice.
//  4. voice.*, which otelvoice defines itself.
//
// The reference page, README.md beside this file, lists each name with its meaning,
// unit, stability and source.
//
// # What may change
//
// The documentation of each attribute key, span, event and metric ends with its
// stability, in the terms of OpenTelemetry:
//
//   - Stable: the name, the type and the meaning do not change. Only core names are
//     stable, those that OpenTelemetry has declared stable.
//   - Development: the name, the type or the meaning may change in any minor release
//     of this module. All gen_ai.* and voice.* names are in development. A name of
//     the GenAI conventions changes when they change it.
//
// The same field is in [Attribute], [Span], [Event] and [Metric], so that a program
// can check what it depends on. A change of any name changes [Version] and is in the
// change log.
//
// The import path has no version, unlike those of OpenTelemetry's packages. Those
// serve many instrumentation libraries in one program, each built against another
// version. This package serves one toolkit, and most of its names do not change when
// [Version] does.
//
// [SchemaURL] is the schema of the core conventions. It does not contain gen_ai.* and
// voice.* names, so no backend can translate these between versions.
//
// # Adding a name
//
// Add the name to a file in the directory registry and run go generate ./semconv. The
// generator writes the Go code and the reference page. It writes nothing if the
// registry has a mistake, such as a metric with a user's ID as an attribute. A test
// fails if the generated files differ from the registry.
package semconv

//go:generate go run ../internal/gen/semconvgen
