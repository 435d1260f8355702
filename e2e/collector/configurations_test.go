// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package collector_test holds the configurations of deploy/collector, one collector at
// a time: what they are taken for, what they take out, and what a service is told whose
// collector does not take what it sends.
package collector_test

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/voice-agents/telemetry/e2e/backend"
)

func TestConfigurationsAreValid(t *testing.T) {
	for _, files := range []string{
		"local.yaml pii.yaml",
		"agent.yaml pii.yaml",
		"gateway.yaml pii.yaml",
		"gateway.yaml kafka-gateway.yaml pii.yaml",
	} {
		t.Run(files, func(t *testing.T) {
			var configs []string
			for name := range strings.FieldsSeq(files) {
				configs = append(configs, backend.Config(t, name))
			}
			if err := backend.Validate(t, configs...); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhatIsNotValid(t *testing.T) {
	for name, text := range map[string]string{
		"an unknown exporter":       "exporters: {nowhere: {}}\n",
		"an unknown key":            "exporters: {otlp_http/jaeger: {adress: http://jaeger:4318}}\n",
		"a statement with an error": "processors: {transform/pii: {log_statements: [{context: log, statements: ['delete_keys(log.attributes)']}]}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir() + "/wrong.yaml"
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if backend.Validate(t, backend.Config(t, "local.yaml"), backend.Config(t, "pii.yaml"), path) == nil {
				t.Error("the collector takes it")
			}
		})
	}
}

// The Kafka exporter cannot be had as an ordinary module in the version of the rest, so
// its configuration is held to be YAML that replaces the pipeline it means to.
func TestKafkaAgent(t *testing.T) {
	t.Log("not run: Kafka and its exporter; the receiver's configuration is read by the collector")
	type config struct {
		Exporters map[string]any
		Service   struct {
			Pipelines map[string]struct{ Receivers, Processors, Exporters []string }
		}
	}
	read := func(name string) (c config) {
		text, err := os.ReadFile(backend.Config(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(text, &c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	agent, kafka := read("agent.yaml"), read("kafka-agent.yaml")
	for name, pipeline := range kafka.Service.Pipelines {
		if _, ok := agent.Service.Pipelines[name]; !ok {
			t.Errorf("agent.yaml has no pipeline %s", name)
		}
		for _, e := range pipeline.Exporters {
			if kafka.Exporters[e] == nil {
				t.Errorf("the exporter %s of %s is not configured", e, name)
			}
		}
	}
}
