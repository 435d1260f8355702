// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A Collector is a running OpenTelemetry Collector with a configuration of deploy/collector.
type Collector struct {
	*Process

	GRPC    string // The address for OTLP over gRPC.
	HTTP    string // The address for OTLP over HTTP.
	Metrics string // The URL of the services' metrics.
	Own     string // The URL of the collector's own metrics.
}

// otelcol returns the program that runs the configurations: that of the variable OTELCOL_AGENT if the first is
// agent.yaml, OTELCOL_GATEWAY if it is gateway.yaml, and so on, if the variable is set. Otherwise it builds the
// collector from the source that the collector's builder generated.
func otelcol(tb testing.TB, configs []string) string {
	tb.Helper()
	name := strings.TrimSuffix(filepath.Base(configs[0]), ".yaml")
	if program := os.Getenv("OTELCOL_" + strings.ToUpper(name)); program != "" {
		return program
	}
	return Build(tb, "e2e", "servers", "collector")
}

// Config returns the path of one of the collector's configurations.
func Config(tb testing.TB, name string) string {
	tb.Helper()
	return File(tb, "deploy", "collector", name)
}

// Validate returns the collector's error about invalid configurations.
func Validate(tb testing.TB, configs ...string) error {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), otelcol(tb, configs), append([]string{"validate"}, configArguments(configs)...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func configArguments(configs []string) (args []string) {
	for _, c := range configs {
		args = append(args, "--config", c)
	}
	return args
}

// NewCollector starts a collector on free ports. The configurations refer to the variables.
func NewCollector(tb testing.TB, configs []string, env ...string) *Collector {
	tb.Helper()
	c := &Collector{GRPC: Free(tb), HTTP: Free(tb)}
	metrics, own, health := Free(tb), Free(tb), Free(tb)
	c.Metrics, c.Own = "http://"+metrics+"/metrics", "http://"+own+"/metrics"
	host, port, _ := strings.Cut(own, ":")
	env = append([]string{
		"OTLP_GRPC_LISTEN=" + c.GRPC, "OTLP_HTTP_LISTEN=" + c.HTTP, "PROMETHEUS_LISTEN=" + metrics,
		"TELEMETRY_HOST=" + host, "TELEMETRY_PORT=" + port, "HEALTH_LISTEN=" + health, "QUEUE_DIR=" + tb.TempDir(),
	}, env...)
	c.Process = Start(tb, "the collector", otelcol(tb, configs), configArguments(configs), env, Answers(tb, "http://"+health+"/"))
	return c
}
