// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"fmt"
	"os"
	"slices"

	"go.opentelemetry.io/otel/exporters/stdout/stdoutlog"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/voice-agents/telemetry/exporters"
	"github.com/voice-agents/telemetry/exporters/jsonlog"
	"github.com/voice-agents/telemetry/internal/logpipe"
)

// setLogs makes the one way in for logs and its legs: the lines on stdout, and
// the SDK's provider on the way to a collector.
func (s *Set) setLogs(cfg Config, env environment, set *exporters.Set, res *resource.Resource) error {
	var legs []log.LoggerProvider
	var processors []sdklog.Processor
	if !env.disabled {
		processors = slices.Concat(cfg.LogProcessors, set.LogProcessors)
	}
	switch {
	case cfg.WithoutConsole:
	case cfg.Format == formatOTel:
		exporter, err := stdoutlog.New(stdoutlog.WithWriter(cfg.Writer))
		if err != nil {
			return err
		}
		// Lines must be out before a crash, so they are not batched.
		processors = append(processors, sdklog.NewSimpleProcessor(exporter))
	default:
		s.Console = jsonlog.New(cfg.Writer, &jsonlog.Options{OnError: reportLostLines})
		legs = append(legs, s.Console)
	}
	if cfg.LoggerProvider != nil {
		legs = append(legs, cfg.LoggerProvider)
	}
	if len(processors) > 0 {
		opts := []sdklog.LoggerProviderOption{
			sdklog.WithResource(res),
			// The pipe adds no key twice and the JSON line sorts out a
			// caller's; the SDK's own search is quadratic in the attributes.
			sdklog.WithAllowKeyDuplication(),
		}
		for _, processor := range processors {
			opts = append(opts, sdklog.WithProcessor(processor))
		}
		provider := sdklog.NewLoggerProvider(opts...)
		legs = append(legs, provider)
		s.signals = append(s.signals, provider)
	}
	s.Logs = logpipe.New(logpipe.Options{Level: cfg.Level, WithoutThreadID: cfg.WithoutThreadID}, legs...)
	return nil
}

// reportLostLines says on stderr, once for a row of failures, that log lines
// are lost: the log itself is the one place where nobody could read it.
func reportLostLines(err error) {
	fmt.Fprintln(os.Stderr, "otelvoice: log lines are lost and counted:", err)
}
