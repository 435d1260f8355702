// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package compose_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/internal/testing/grafanatest"
)

// dataSource is a data source of a provisioning file.
type dataSource struct {
	Name, UID, Type, URL string
	JSONData             map[string]any `yaml:"jsonData"`
}

func dataSources(t *testing.T, path string) map[string]dataSource {
	t.Helper()
	var file struct{ Datasources []dataSource }
	if err := yaml.Unmarshal([]byte(read(t, path)), &file); err != nil {
		t.Fatal(err)
	}
	sources := make(map[string]dataSource)
	for _, s := range file.Datasources {
		sources[s.UID] = s
	}
	return sources
}

// The files with the data sources, for VictoriaLogs and for Loki.
const (
	provisioned     = "deploy/grafana/provisioning/datasources/otelvoice.yaml"
	provisionedLoki = "deploy/loki/datasources.yaml"
)

func TestDataSources(t *testing.T) {
	for _, tc := range []struct{ logs, file, listens string }{
		{"victorialogs", provisioned, "docker-compose.otel.yml"},
		{"loki", provisionedLoki, "deploy/loki/loki.yaml"},
	} {
		t.Run(tc.logs, func(t *testing.T) {
			sources := dataSources(t, tc.file)
			want := []string{"jaeger", "prometheus", "tempo", tc.logs}
			slices.Sort(want)
			if got := slices.Sorted(maps.Keys(sources)); !slices.Equal(got, want) {
				t.Fatalf("the data sources are %v, want %v", got, want)
			}
			// The ports of the servers in their own configurations.
			for uid, listens := range map[string]string{
				"jaeger": "deploy/jaeger/jaeger.yaml", "tempo": "deploy/tempo/tempo.yaml", tc.logs: tc.listens,
			} {
				if port := sources[uid].URL[strings.LastIndex(sources[uid].URL, ":")+1:]; !strings.Contains(read(t, listens), port) {
					t.Errorf("%s: the URL is %s, but %s does not listen there", uid, sources[uid].URL, listens)
				}
			}
			links := regexp.MustCompile(`datasourceUid: ([a-z]+)`).FindAllStringSubmatch(read(t, tc.file), -1)
			if len(links) < 4 {
				t.Errorf("found only %d links from one data source to another", len(links))
			}
			for _, link := range links {
				if _, ok := sources[link[1]]; !ok {
					t.Errorf("a link points to %s, which is not a data source", link[1])
				}
			}
			for uid, key := range map[string]string{
				"prometheus": "exemplarTraceIdDestinations", tc.logs: "derivedFields", "tempo": "tracesToLogsV2", "jaeger": "tracesToLogsV2",
			} {
				if sources[uid].JSONData[key] == nil {
					t.Errorf("%s: %s is not set: there are no links to traces or lines", uid, key)
				}
			}
		})
	}
}

// TestPlugins checks that Grafana installs the plugin of each data source that it does not have itself.
func TestPlugins(t *testing.T) {
	installed := composed(t).Services["grafana"].Environment["GF_PLUGINS_PREINSTALL_SYNC"]
	for uid, s := range dataSources(t, provisioned) {
		if strings.HasSuffix(s.Type, "-datasource") && (installed == nil || !strings.HasPrefix(*installed, s.Type+"@")) {
			t.Errorf("the plugin %s of %s is not installed in a fixed version", s.Type, uid)
		}
	}
}

func TestDashboardsOfLoki(t *testing.T) {
	sources := dataSources(t, provisionedLoki)
	queries, err := grafanatest.Queries(backend.File(t, "deploy", "loki"))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queries {
		if _, ok := sources[q.Source]; !ok {
			t.Errorf("%s: %s queries the unknown data source %q", q.Dashboard, q.Panel, q.Source)
		}
	}
	mounted := make(map[string]string)
	for _, v := range withLoki(t).Services["grafana"].Volumes {
		mounted[v.Target] = v.Source
	}
	for target, source := range map[string]string{
		"/etc/grafana/dashboards/calls.json":                   "calls.json",
		"/etc/grafana/dashboards/errors.json":                  "errors.json",
		"/etc/grafana/provisioning/datasources/otelvoice.yaml": "datasources.yaml",
	} {
		if want := backend.File(t, "deploy", "loki", source); mounted[target] != want {
			t.Errorf("%q is mounted at %s, want %s", mounted[target], target, want)
		}
	}
}

func TestDashboardsQueryExistingDataSources(t *testing.T) {
	sources := dataSources(t, provisioned)
	queries, err := grafanatest.Queries(backend.File(t, "deploy", "grafana"))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queries {
		if _, ok := sources[q.Source]; !ok {
			t.Errorf("%s: %s queries the unknown data source %q", q.Dashboard, q.Panel, q.Source)
		}
	}
	var providers struct {
		Providers []struct{ Options struct{ Path string } }
	}
	if err := yaml.Unmarshal([]byte(read(t, "deploy/grafana/provisioning/dashboards/otelvoice.yaml")), &providers); err != nil || len(providers.Providers) != 1 {
		t.Fatalf("%d providers of dashboards: %v", len(providers.Providers), err)
	}
	project := composed(t)
	for _, v := range project.Services["grafana"].Volumes {
		if v.Target == providers.Providers[0].Options.Path {
			if _, err := grafanatest.Queries(v.Source); err != nil {
				t.Error(err)
			}
			return
		}
	}
	t.Error("the dashboards are not mounted where Grafana reads them")
}
