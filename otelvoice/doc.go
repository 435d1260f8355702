// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otelvoice instruments voice agents with OpenTelemetry: a trace, log lines and metrics
// for each call, with common attributes and one correlation ID.
//
// Stability: stable from v1.0.
//
// # Setting up
//
// This package depends on OpenTelemetry's API, not on its SDK. [New] returns a [Telemetry] on
// existing providers. Without options it uses the global ones, as set by a program that sets up
// the SDK itself:
//
//	tel, err := otelvoice.New()
//	if err != nil {
//		return err
//	}
//	defer tel.Shutdown(ctx) // Before the providers are shut down. Works after ctx was cancelled.
//
// voicesdk.Setup sets up the SDK and returns a value that embeds *Telemetry. It reads the
// standard OpenTelemetry variables. Without any it writes JSON log lines to stdout and uses no
// network. With OTEL_EXPORTER_OTLP_ENDPOINT it also sends spans, metrics and logs to a collector:
//
//	tel, err := voicesdk.Setup(ctx, voicesdk.WithServiceName("concierge"))
//	if err != nil {
//		return err
//	}
//	defer tel.Shutdown(ctx) // Flushes and shuts down the providers as well.
//
// # Recording a call
//
// A session is one call. A turn is one exchange in a session: the user speaks and the agent
// answers. A stage is one request to speech recognition, a language model or speech synthesis, or
// one tool execution, inside a turn.
//
//	ctx, session := tel.StartSession(ctx, otelvoice.WithSessionID(call.ID))
//	defer session.End()
//
//	ctx, turn := session.StartTurn(ctx)
//	defer turn.End() // Ends any stage still open, as abandoned.
//
//	sttCtx, stt := turn.StartSTT(ctx, otelvoice.Model{Provider: "deepgram", Name: "nova-3"})
//	text, err := call.Listen(sttCtx)
//	stt.End(err)
//
// A turn with a tool call has these spans. Each is exported when it ends:
//
//	voice.session                INTERNAL
//	└─ voice.turn                INTERNAL
//	   ├─ speech_to_text nova-3  CLIENT
//	   ├─ chat gpt-4o-mini       CLIENT
//	   ├─ execute_tool book      INTERNAL
//	   └─ text_to_speech sonic-3 CLIENT
//
// A conversation over several HTTP requests has a part for each request. Call
// [Telemetry.ResumeSession] instead of StartSession, and [Session.Suspend] instead of End. The
// turn numbers continue, the parts are linked, and the conversation counts as one session.
//
// A measurement after the end of its parent is recorded if possible. Otherwise it is counted in
// voice.measurements.dropped. A mistake in the order of calls is logged as a warning, once for
// each place in the code.
//
// A streaming recogniser stays connected for many turns. [Session.StartSTTStream] records its
// connection, and [STTStream.Utterance] starts a stage for each utterance. The stream receives
// every audio frame, so that it can convert the recogniser's offsets to times, also after an
// audio pause or a reconnection.
//
// # Wrapping streams
//
// [Stream] measures an LLM answer that is an [iter.Seq2]. [WrapStream] measures one with a Next
// method, such as the streams of openai-go and anthropic-sdk-go. [TTS.Reader] and [StreamAudio]
// measure synthesised audio. The wrappers distinguish the first token of the answer from roles,
// thinking and tool calls, and the time in which the agent did not read from the provider's time.
// [UsageOpenAI], [UsageAnthropic] and [UsageGemini] read the token counts that a provider
// reports. Usage may arrive after a barge-in has ended the turn; see [LLM.SetUsage].
//
// # Response latency
//
// Marks are instants in a turn. Stages set most of them. The agent's code sets the others with
// [Turn.VADStopped] and [Turn.Mark]([AgentStarted]). The marks divide the response latency into
// contiguous segments that sum to it exactly; see [Latency]. Unknown values are left out, never
// recorded as 0. Every latency metric has the [Outcome] as an attribute, so that interrupted and
// failed work does not count as fast work.
//
// # Logging
//
// After voicesdk.Setup, records of [log/slog] have the ids of the call in their context. After
// [New], records of [Telemetry.Logger] and of log bridges on [Telemetry.LoggerProvider] have
// them. With voicesdk,
//
//	slog.InfoContext(ctx, "table booked", "guests", 4)
//
// writes this record to stdout, and sends it to the collector if one is configured:
//
//	{"timestamp":"2026-01-01T12:00:00.000Z","level":"INFO","message":"table booked",
//	 "correlation_id":"550e8400-e29b-41d4-a716-446655440000","trace_id":"550e8400e29b41d4a716446655440000",
//	 "span_id":"a1b2c3d4e5f60718","request_id":"req_a1b2c3d4","session_id":"sess_f5e6d7c8b9a0",
//	 "turn_id":"turn_0a1b2c3d4e5f","module":"concierge","function":"main.book",…,"extra_data":{"guests":4}}
//
// Numbers, times and durations keep their exact value, with the same text in the log line and in
// the collector: a time.Time is RFC 3339 in UTC, a time.Duration has its unit ("1.5s"). See
// package jsonlog for all types.
//
// # Correlation ID
//
// The correlation ID is the trace ID in the form of a UUID. If a caller sends a UUID, it becomes
// the trace ID; any other ID is hashed to a trace ID (see [TraceIDFor]). Package voicehttp reads
// the ID from the request header X-Correlation-ID, or the header of [WithCorrelationHeader], and
// returns it in the response.
//
// # Errors
//
// error.type on spans, metrics and log lines is the class of the error. It has few values and is
// the first of:
//
//   - the result of the error's ErrorType() string method;
//   - the HTTP status ("429"), gRPC code ("UNAVAILABLE") or WebSocket close code ("1011") of an
//     SDK's error;
//   - timeout, canceled, connection_refused, connection_reset, connection_aborted,
//     network_unreachable, dns, tls, unexpected_eof, eof or closed;
//   - the error's Go type.
//
// An error of errors.New or fmt.Errorf that wraps none of these is _OTHER. To classify it, give
// it a type or an ErrorType method.
//
// # Guarantees
//
// Instrumentation does not panic, block or fail the caller. Handles are safe for concurrent use.
// Their methods do nothing on nil and after End. Recording ignores the cancellation of contexts.
// A panic in the program's processors, samplers, log outputs or observers is recovered, logged
// and counted. [Telemetry.ForceFlush] and [Telemetry.Shutdown] return in bounded time, even if a
// component hangs. A deferred End records a panic and panics again. What users say is recorded
// only with [WithContentCapture]. Audio is never recorded.
package otelvoice
