// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package semconv has the names of everything that otelvoice records: spans,
// their events, metrics, and the attributes of all of them and of log records.
//
// An attribute has a key, and a function that makes the attribute with a value
// of the right type. A value that must be one of a few has a constant for each:
//
//	span.SetAttributes(
//		semconv.VoiceTurnIndex(3),
//		semconv.VoiceTurnOutcome(semconv.VoiceTurnOutcomeCompleted))
//
// A span whose name holds an attribute has a function, any other a constant:
//
//	tracer.Start(ctx, semconv.SpanChat("gpt-4.1-mini")) // chat gpt-4.1-mini
//	tracer.Start(ctx, semconv.SpanVoiceTurn)            // voice.turn
//
// A metric has a function that returns what an instrument needs, so that unit
// and buckets are written down once:
//
//	m := semconv.MetricVoiceTurnResponseLatency()
//	meter.Float64Histogram(m.Name, metric.WithUnit(m.Unit), metric.WithDescription(m.Description),
//		metric.WithExplicitBucketBoundaries(m.Buckets...))
//
// [Attributes], [Spans], [Events] and [Metrics] return the whole registry, for
// tests and tools that hold what was recorded against it.
//
// # Where names come from
//
// A name is taken from the first of these that has it:
//
//  1. OpenTelemetry's core conventions, v1.43.0: session.id, error.type.
//  2. OpenTelemetry's GenAI conventions, v0.1.0: gen_ai.*. They left the core
//     at v1.42.0, since when OpenTelemetry's own Go packages have none of
//     them. They are kept here, at one revision until [Version] is raised;
//     [SchemaURL] speaks for the core's names alone.
//  3. The open proposals for voice in the GenAI conventions, #390 and #394:
//     speech_to_text, gen_ai.speech.voice.
//  4. voice.*, for what none of these names.
//
// The reference page, README.md beside this file, lists each name with its
// meaning, unit, stability and source.
//
// # Adding a name
//
// Write it into a file of the directory registry and run go generate. The
// constants and the page are rendered from there; what does not make sense, such
// as a metric with a user's ID as an attribute, is reported and nothing is
// written. A test fails when the files differ from the registry.
package semconv

//go:generate go run ../internal/semconvgen
