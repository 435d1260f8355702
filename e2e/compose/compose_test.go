// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package compose_test reads docker-compose.otel.yml with the loader of the Compose project, and checks
// the mounted files as far as possible without the programs. The collector, Jaeger and Prometheus run
// with the same files in package tour.
package compose_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v3"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/e2e/logql"
)

// load reads compose files as docker compose does. The first one is the base of the others.
func load(t *testing.T, paths ...string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions(paths, cli.WithWorkingDirectory(filepath.Dir(paths[0])))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// flaws returns the mistakes in a project that the loader accepts.
func flaws(project *types.Project) error {
	var errs []error
	for name, s := range project.Services {
		if _, tag, ok := strings.Cut(s.Image, ":"); !ok || !strings.ContainsAny(tag, "0123456789") {
			errs = append(errs, fmt.Errorf("%s: the image %s has no version", name, s.Image))
		}
		for _, p := range s.Ports {
			if p.HostIP != "127.0.0.1" {
				errs = append(errs, fmt.Errorf("%s: port %s is open to other machines", name, p.Published))
			}
		}
		var mounted []string
		for _, v := range s.Volumes {
			if v.Type != types.VolumeTypeBind {
				continue
			}
			mounted = append(mounted, v.Target)
			if _, err := os.Stat(v.Source); err != nil {
				errs = append(errs, fmt.Errorf("%s: the mounted file does not exist: %w", name, err))
			}
			if !v.ReadOnly {
				errs = append(errs, fmt.Errorf("%s: the mount %s is not read-only", name, v.Source))
			}
		}
		for _, argument := range s.Command {
			if path := argument[strings.Index(argument, "=")+1:]; strings.HasPrefix(path, "/etc/") && !slices.Contains(mounted, path) {
				errs = append(errs, fmt.Errorf("%s: reads %s, which is not mounted", name, path))
			}
		}
	}
	return errors.Join(errs...)
}

func TestComposeFile(t *testing.T) {
	t.Log("not run: docker compose itself, Tempo, Loki and Grafana")
	for _, tc := range []struct {
		logs    string
		project *types.Project
	}{{"victorialogs", composed(t)}, {"loki", withLoki(t)}} {
		t.Run(tc.logs, func(t *testing.T) {
			if err := flaws(tc.project); err != nil {
				t.Error(err)
			}
			want := []string{"collector", "grafana", "jaeger", "prometheus", "ready", "tempo", tc.logs}
			slices.Sort(want)
			if got := tc.project.ServiceNames(); !slices.Equal(got, want) {
				t.Errorf("the services are %v, want %v", got, want)
			}
			// The service ready checks those whose images cannot check themselves.
			ready := tc.project.Services["ready"]
			tested := strings.Join(ready.HealthCheck.Test, " ")
			for name, s := range tc.project.Services {
				if s.HealthCheck == nil && !strings.Contains(tested, "http://"+name+":") {
					t.Errorf("no health check for %s", name)
				}
			}
			for _, match := range regexp.MustCompile(`http://([a-z]+):`).FindAllStringSubmatch(tested, -1) {
				if _, ok := tc.project.Services[match[1]]; !ok {
					t.Errorf("ready checks %s, which is not a service", match[1])
				}
				if _, ok := ready.DependsOn[match[1]]; !ok {
					t.Errorf("ready does not depend on %s, which it checks", match[1])
				}
			}
		})
	}
}

func composed(t *testing.T) *types.Project {
	t.Helper()
	return load(t, backend.File(t, "docker-compose.otel.yml"))
}

func withLoki(t *testing.T) *types.Project {
	t.Helper()
	return load(t, backend.File(t, "docker-compose.otel.yml"), backend.File(t, "deploy", "loki", "compose.yaml"))
}

func TestFlawsAreFound(t *testing.T) {
	for name, service := range map[string]string{
		"an image without a version": "image: grafana/grafana\n",
		"the latest image":           "image: grafana/grafana:latest\n",
		"a port open to all":         "image: a:1\n    ports: [3000:3000]\n",
		"a file that is not there":   "image: a:1\n    volumes: [./missing.yaml:/etc/missing.yaml:ro]\n",
		"a file it could change":     "image: a:1\n    volumes: [./compose.yml:/etc/compose.yml]\n",
		"a file that is not mounted": "image: a:1\n    command: [--config=/etc/missing.yaml]\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "compose.yml")
			if err := os.WriteFile(path, []byte("name: test\nservices:\n  a:\n    "+service), 0o600); err != nil {
				t.Fatal(err)
			}
			if flaws(load(t, path)) == nil {
				t.Error("the mistake was not found")
			}
		})
	}
}

// TestAddressesInConfigurations checks that each address in a server's configuration names a service of
// the compose file.
func TestAddressesInConfigurations(t *testing.T) {
	address := regexp.MustCompile(`(?:https?://|")([a-z]+):\d{4,5}\b`)
	found := 0
	for path, project := range map[string]*types.Project{
		"deploy/collector/local.yaml":                            composed(t),
		"deploy/prometheus/prometheus.yml":                       composed(t),
		"deploy/grafana/provisioning/datasources/otelvoice.yaml": composed(t),
		"deploy/loki/datasources.yaml":                           withLoki(t),
	} {
		for _, match := range address.FindAllStringSubmatch(read(t, path), -1) {
			if _, ok := project.Services[match[1]]; !ok && match[1] != "voiceagent" { // In a comment.
				t.Errorf("%s has the address of %s, which is not a service", path, match[1])
			}
			found++
		}
	}
	if found < 12 {
		t.Errorf("found only %d addresses", found)
	}
}

// TestVersions compares the versions of the images with those that the tests build, and that of Loki with
// the version that last answered the golden queries.
func TestVersions(t *testing.T) {
	project := composed(t)
	for _, tc := range []struct{ service, file, built string }{
		{"collector", "e2e/servers/collector/manifest.yaml", `(?m)^\s*- gomod: go\.opentelemetry\.io/collector/exporter/otlphttpexporter v([0-9.]+)`},
		{"victorialogs", "e2e/servers/victorialogs/go.mod", `(?m)^\s*github\.com/VictoriaMetrics/VictoriaLogs (v[0-9.]+)`},
	} {
		built := regexp.MustCompile(tc.built).FindStringSubmatch(read(t, tc.file))
		if image := project.Services[tc.service].Image; len(built) != 2 || !strings.HasSuffix(image, ":"+built[1]) {
			t.Errorf("the image is %s, tests run %v", image, built)
		}
	}
	if got, want := []string(project.Services["victorialogs"].Command), backend.VictoriaLogsArguments("/victoria-logs-data", ":9428"); !slices.Equal(got, want) {
		t.Errorf("VictoriaLogs is started with %v, tests start it with %v", got, want)
	}
	tested, _, err := logql.Golden()
	if err != nil {
		t.Fatal(err)
	}
	if image := withLoki(t).Services["loki"].Image; image != "grafana/loki:"+tested {
		t.Errorf("the image is %s, e2e/logql/testdata/queries.yaml was last run against %s", image, tested)
	}
}

// TestLokiConfiguration reads Loki's configuration: it listens where the collector and Grafana expect
// it, at all addresses of its container, and writes to the volume.
func TestLokiConfiguration(t *testing.T) {
	var config struct {
		Auth   bool `yaml:"auth_enabled"`
		Server struct {
			Host string `yaml:"http_listen_address"`
			Port string `yaml:"http_listen_port"`
		}
		Common struct {
			Prefix  string `yaml:"path_prefix"`
			Storage struct {
				Filesystem map[string]string
			}
		}
		Compactor struct {
			Dir string `yaml:"working_directory"`
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "deploy/loki/loki.yaml")), &config); err != nil {
		t.Fatal(err)
	}
	service := withLoki(t).Services["loki"]
	// Without the flag Loki does not expand variables.
	if !slices.Contains(service.Command, "-config.expand-env=true") {
		t.Errorf("Loki is started with %v, which does not expand variables", service.Command)
	}
	if config.Auth {
		t.Error("Loki requires a tenant in each request, but the collector sends none")
	}
	if got, want := config.Server.Host+":"+config.Server.Port, "${LOKI_HOST:-0.0.0.0}:${LOKI_PORT:-3100}"; got != want {
		t.Errorf("Loki listens on %s, want %s", got, want)
	}
	volumes := make(map[string]bool)
	for _, v := range service.Volumes {
		volumes[v.Target] = v.Type == types.VolumeTypeVolume
	}
	dirs := slices.Collect(maps.Values(config.Common.Storage.Filesystem))
	for _, dir := range append(dirs, config.Common.Prefix, config.Compactor.Dir) {
		if !strings.HasPrefix(dir, "${LOKI_DATA:-/loki}") || !volumes["/loki"] {
			t.Errorf("Loki writes to %s, which is not in the volume", dir)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(backend.File(t, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
