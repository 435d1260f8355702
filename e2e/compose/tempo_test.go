// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package compose_test

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestTempoConfiguration reads Tempo's configuration, which no test runs: it is for the version of the
// image, has no block that the version does not have, and writes to the volume.
func TestTempoConfiguration(t *testing.T) {
	text := read(t, "deploy/tempo/tempo.yaml")
	service := composed(t).Services["tempo"]
	_, version, _ := strings.Cut(service.Image, ":")
	if !strings.Contains(text, "configuration reference of Tempo "+version+".") {
		t.Errorf("the image is %s, but the file was not written for it", service.Image)
	}
	var blocks map[string]any
	if err := yaml.Unmarshal([]byte(text), &blocks); err != nil {
		t.Fatal(err)
	}
	// Tempo 3.0 has removed the first four, and the others are only for several processes with Kafka.
	for _, block := range []string{"ingester", "ingester_client", "compactor", "metrics_generator_client", "ingest", "block_builder"} {
		if _, ok := blocks[block]; ok {
			t.Errorf("the file has the block %s", block)
		}
	}
	var config struct {
		Target string
		Server struct {
			Port int `yaml:"http_listen_port"`
		}
		Storage struct {
			Trace struct {
				Backend    string
				WAL, Local struct{ Path string }
			}
		}
	}
	if err := yaml.Unmarshal([]byte(text), &config); err != nil {
		t.Fatal(err)
	}
	if config.Target != "all" || config.Server.Port != 3200 || config.Storage.Trace.Backend != "local" {
		t.Errorf("target %q, port %d and storage %q, want one process with local storage at 3200", config.Target, config.Server.Port, config.Storage.Trace.Backend)
	}
	var volumes []string
	for _, v := range service.Volumes {
		volumes = append(volumes, v.Target)
	}
	for _, path := range []string{config.Storage.Trace.WAL.Path, config.Storage.Trace.Local.Path} {
		if !strings.HasPrefix(path, "/var/tempo/") || !slices.Contains(volumes, "/var/tempo") {
			t.Errorf("Tempo writes to %s, which is not in the volume", path)
		}
	}
}
