// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// The types of the packages below in the signatures of this one.
type (
	Config   = queue.Config
	Signal   = segment.Signal
	Endpoint = collector.Endpoint
	Health   = report.Health
)

// The signals.
const (
	Traces  = segment.Traces
	Metrics = segment.Metrics
	Logs    = segment.Logs
)
