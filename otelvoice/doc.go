// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otelvoice makes every call of a voice agent one story: a trace, its
// logs and its metrics, told in the same words and found by one ID.
//
// # Setting up
//
// This package uses OpenTelemetry's API only. In a program that sets up OpenTelemetry's SDK
// itself, [New] needs no options: it uses the global providers.
//
//	tel, err := otelvoice.New()
//	if err != nil {
//		return err
//	}
//	defer tel.Shutdown(ctx) // Before the providers'. Also works after ctx was cancelled.
//
// Package voicesdk sets up the SDK as well. Its Setup reads the standard OpenTelemetry variables:
// without any it prints JSON lines on stdout and uses no network; with
// OTEL_EXPORTER_OTLP_ENDPOINT it sends spans, metrics and logs to a collector, too.
//
//	tel, err := voicesdk.Setup(ctx, voicesdk.WithServiceName("concierge"))
//
// # Telling of a call
//
// A session is one call, a turn one exchange in it, a stage one call of speech
// recognition, language model, speech synthesis or tool inside a turn:
//
//	ctx, session := tel.StartSession(ctx, otelvoice.WithSessionID(call.ID))
//	defer session.End()
//
//	ctx, turn := session.StartTurn(ctx)
//	defer turn.End() // Ends any stage still open, as abandoned.
//
//	sctx, stt := turn.StartSTT(ctx, nova3)
//	heard, err := call.Listen(sctx)
//	stt.End(err)
//
// gives these spans, each exported as it ends:
//
//	voice.session                INTERNAL
//	└─ voice.turn                INTERNAL
//	   ├─ speech_to_text nova-3  CLIENT
//	   ├─ chat gpt-4o-mini       CLIENT
//	   ├─ execute_tool book      INTERNAL
//	   └─ text_to_speech sonic-3 CLIENT
//
// A conversation that comes over several HTTP requests has a part for each request:
// [Telemetry.ResumeSession] and [Session.Suspend] take the places of StartSession and End. Its
// turns are numbered on, its parts are linked, and it counts as one session.
//
// What comes after the end of its parent is not lost in silence: it is recorded where it can be,
// counted in voice.measurements.dropped where it cannot, and warned of once for each place in
// the code.
//
// A streaming recogniser stays connected for many turns: [Session.StartSTTStream] is its
// connection, whose utterances are the stages. It is given every frame, and so maps the
// recogniser's offsets to the clock, after a pause of the sound or a reconnect, too.
//
// # Wrapping what a client returns
//
// [Stream] measures an answer that is ranged over, [WrapStream] one with a method Next, as
// the streams of openai-go and anthropic-sdk-go have, [TTS.Reader] and [StreamAudio] a voice.
// They know the first token of the answer from a role, thinking or a tool call, and tell the
// time in which the agent did not read apart from the provider's. [UsageOpenAI],
// [UsageAnthropic] and [UsageGemini] read the tokens that a provider reports, which may come
// late: after a barge-in has ended the turn.
//
// # Saying why the agent was slow
//
// Marks are the instants in a turn: stages make most of them, and the agent's
// code those that only it knows, such as [Turn.VADStopped] and
// [Turn.Mark]([AgentStarted]). From them come contiguous segments that sum to
// what the user waited, exactly; see [Latency]. Unknown values are left out and
// never 0. Interrupted and failed work carries its [Outcome] in every metric, so
// that a call cut short does not pass for a fast one.
//
// # Logging
//
// After voicesdk.Setup, [log/slog] inside a call carries its ids. After [New], records of
// [Telemetry.Logger] and of bridges on [Telemetry.LoggerProvider] do.
//
//	slog.InfoContext(ctx, "table booked", "guests", 4)
//
// prints, and sends to the collector if there is one, a record like
//
//	{"timestamp":"2026-01-01T12:00:00.000Z","level":"INFO","message":"table booked",
//	 "correlation_id":"550e8400-e29b-41d4-a716-446655440000","trace_id":"550e8400e29b41d4a716446655440000",
//	 "span_id":"a1b2c3d4e5f60718","request_id":"req_a1b2c3d4","session_id":"sess_f5e6d7c8b9a0",
//	 "turn_id":"turn_0a1b2c3d4e5f","module":"concierge","function":"main.book",…,"extra_data":{"guests":4}}
//
// Numbers, times and durations stay exact, and are the same on the line and in the collector: a
// time.Time is RFC 3339 in UTC, a time.Duration has its unit ("1.5s"). Package jsonlog has the
// table.
//
// # One ID
//
// The correlation ID is the trace ID, written as a UUID. A caller's UUID becomes
// the trace ID; any other ID is hashed to it ([TraceIDFor]). Package voicehttp
// takes it from the header X-Correlation-ID, or the one of [WithCorrelationHeader],
// and gives it back.
//
// # Errors
//
// error.type of spans, metrics and lines is the class of failure that an operator acts on, of low
// cardinality: what an ErrorType() string method of the error says; else the HTTP status of the
// error of any SDK ("429"), its gRPC code ("UNAVAILABLE") or its WebSocket close code ("1011");
// else timeout, canceled, connection_refused, connection_reset, connection_aborted,
// network_unreachable, dns, tls, unexpected_eof, eof or closed; else the error's Go type. An
// error of errors.New or fmt.Errorf alone is _OTHER: give it a type, or an ErrorType method.
//
// # Promises
//
// Nothing here panics, blocks or fails the caller: handles are safe for
// concurrent use, their methods do nothing on nil and after End, and recording
// ignores cancelled contexts. A panic in a processor, sampler, log output or observer that
// the program brings is recovered, logged and counted. [Telemetry.ForceFlush] and
// [Telemetry.Shutdown] return in bounded time, even if components hang. A
// panic that passes through a deferred End is recorded and goes on. What users say is not recorded unless
// [WithContentCapture] asks for it; audio never is.
package otelvoice
