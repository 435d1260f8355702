// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

type (
	// Config is the configuration of a spool.
	Config = queue.Config
	// Signal is the kind of telemetry in a request.
	Signal = segment.Signal
	// Endpoint is a collector.
	Endpoint = collector.Endpoint
	// Health is the state of one signal.
	Health = report.Health
)

// The signals.
const (
	Traces  = segment.Traces
	Metrics = segment.Metrics
	Logs    = segment.Logs
)
