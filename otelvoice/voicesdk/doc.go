// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package voicesdk sets up OpenTelemetry's SDK for a voice agent: providers and exporters from
// options and the standard variables, log outputs, levels, redaction, a spool on disk, metrics
// for Prometheus, health, and a shutdown in bounded time.
//
//	tel, err := voicesdk.Setup(ctx, voicesdk.WithServiceName("concierge"))
//	if err != nil {
//		return err
//	}
//	defer tel.Shutdown(context.WithoutCancel(ctx))
//	ctx, session := tel.StartSession(ctx)
//
// A program that sets up an SDK of its own does not need this package: see otelvoice.New.
//
// Stability: stable from v1.0.
package voicesdk
