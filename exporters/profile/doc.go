// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package profile exports the spans of package semconv in the vocabulary of other projects, so that their pages
// show a call: Langfuse, OpenInference (Arize Phoenix) and LiveKit Agents.
//
// Stability: experimental; may change in a minor release.
//
// A profile adds the attributes that the other project reads. What the span has stays as it is, and an attribute that
// it has already keeps its value. Spans that are not of package semconv, such as those of HTTP requests, pass
// unchanged.
//
//   - [Langfuse]: the type of each observation, the name, session, user, release and metadata of the trace, and of
//     requests to providers the model, the time of the first output, tokens and cost.
//   - [OpenInference]: the kind of each span, and of requests to providers the model, tokens, cost and parameters.
//     Facts without a name of their own are in the attribute metadata.
//   - [LiveKit]: spans have the names, scope and parents of LiveKit Agents. A turn becomes agent_turn with a
//     user_turn beside it, and the speech of both sides below them. Requests to language models and synthesizers are
//     in an llm_node or tts_node. The spans that are added have IDs that are computed from those of their originals.
//
// [Profile.Mapping] lists what each profile writes, what it leaves out, and what the other project has that the spans
// cannot fill. Text that people and models said is added only where the span has it, which is if content capture is
// on.
//
// voicesdk.WithSpanProfile and the variable OTELVOICE_SPAN_PROFILE install a profile for what is sent over OTLP.
// [NewSpanProcessor] and [NewExporter] are for tracer providers of your own. The files in deploy/collector/profiles
// do the same in an OpenTelemetry Collector.
//
// A span costs 5 to 10 µs and 4 to 8 allocations; a turn in the profile LiveKit, some more.
package profile
