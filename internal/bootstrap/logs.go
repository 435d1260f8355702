// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"fmt"
	"slices"

	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/voice-agents/telemetry/internal/bootstrap/export"
	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/internal/settings"
)

// setLogs creates the logger provider and its destinations: the outputs of log lines,
// and the SDK's provider for exports to a collector.
func (s *Set) setLogs(cfg Config, env environment, set *export.Set, res *resource.Resource) error {
	logging := env.log.Config()
	var legs []logpipe.Output
	for _, output := range logging.Outputs {
		leg, err := s.newOutput(cfg, logging, output, res)
		if err != nil {
			return fmt.Errorf("open the log's %s: %w", output.Name, err)
		}
		level := output.Level
		if own := cfg.LogLevels[output.LevelKey]; own != nil { // It may change at run time.
			level = own
		}
		legs = append(legs, logpipe.Output{LoggerProvider: leg, Level: level})
	}
	if cfg.LoggerProvider != nil {
		legs = append(legs, logpipe.Output{LoggerProvider: s.Faults.Guard(cfg.LoggerProvider, loggerProvider)})
		s.own(cfg, cfg.LoggerProvider, loggerProvider)
	}
	if set.Logs != nil {
		legs = append(legs, logpipe.Output{LoggerProvider: set.Logs})
		s.signals = append(s.signals, named{set.Logs, logExporter})
	}
	if processors := slices.Concat(cfg.LogProcessors, set.LogProcessors); len(processors) > 0 && !env.disabled {
		all := s.newLogProcessors(processors)
		provider := newLoggerProvider(res, all)
		legs = append(legs, logpipe.Output{LoggerProvider: provider})
		s.signals = append(s.signals, named{loggers{provider, all}, loggerProvider})
	}
	level := cfg.LogLevels[settings.KeyLevel]
	if level == nil {
		level = logging.Level
	}
	s.LogLevels = logpipe.NewLevels(level)
	s.Logs = logpipe.New(logpipe.Options{
		Levels:             s.LogLevels,
		FilterModules:      logging.FilterModules,
		ExcludeModules:     logging.ExcludeModules,
		KnownModules:       logpipe.Modules(),
		OwnModule:          logpipe.TelemetryModule,
		WithoutThreadID:    cfg.WithoutThreadID,
		WithoutIDs:         !logging.Correlation,
		WithoutPerformance: !logging.Performance,
		Traceback:          logging.Traceback,
		WithoutRequests:    !logging.LogRequests,
		WithoutResponses:   !logging.LogResponses,
		Redactor:           s.Redactor,
		Faults:             s.Faults,
	}, legs...)
	return nil
}

func newLoggerProvider(res *resource.Resource, processors ...sdklog.Processor) *sdklog.LoggerProvider {
	opts := []sdklog.LoggerProviderOption{
		sdklog.WithResource(res),
		// The pipe adds no key twice and the line sorts out a caller's; the SDK's
		// own search is quadratic in the attributes.
		sdklog.WithAllowKeyDuplication(),
	}
	for _, processor := range processors {
		opts = append(opts, sdklog.WithProcessor(processor))
	}
	return sdklog.NewLoggerProvider(opts...)
}
