// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package voicesdk sets up OpenTelemetry's SDK for a voice agent: providers and exporters from
// options and the standard variables, log outputs, levels, redaction, a spool on disk, metrics
// for Prometheus, health, and a shutdown in bounded time.
//
// Stability: stable from v1.0.
//
//	tel, err := voicesdk.Setup(ctx, voicesdk.WithServiceName("concierge"))
//	if err != nil {
//		return err
//	}
//	defer tel.Shutdown(ctx) // Also works after ctx was cancelled.
//	ctx, session := tel.StartSession(ctx)
//
// # Precedence
//
// An option takes precedence over the environment, the environment over the configuration file,
// and the file over the default. Setup reads the variables of OpenTelemetry's specification and
// LOG_*; docs/settings.md has the tables. [SDK.Config] reports each setting of the log and its origin.
//
// # The end of the process
//
// SIGTERM ends a process without running deferred functions. Cancel a context with
// [os/signal.NotifyContext] and return from main, or use [WithShutdownOnSignal]. Defer
// [SDK.CatchPanic] for panics. What cannot be sent before the end is lost, unless [WithSpool] keeps
// it for the next process.
//
// # Programs with an SDK of their own
//
// A program that sets up an SDK of its own does not need this package: see [otelvoice.New].
package voicesdk
