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

func dataSources(t *testing.T) map[string]dataSource {
	t.Helper()
	var file struct{ Datasources []dataSource }
	if err := yaml.Unmarshal([]byte(read(t, "deploy/grafana/provisioning/datasources/otelvoice.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	sources := make(map[string]dataSource)
	for _, s := range file.Datasources {
		sources[s.UID] = s
	}
	return sources
}

func TestDataSources(t *testing.T) {
	sources := dataSources(t)
	if got, want := slices.Sorted(maps.Keys(sources)), []string{"jaeger", "loki", "prometheus", "tempo"}; !slices.Equal(got, want) {
		t.Fatalf("the data sources are %v, want %v", got, want)
	}
	// The ports of the servers in their own configurations.
	for uid, listens := range map[string]string{
		"jaeger": "deploy/jaeger/jaeger.yaml", "loki": "deploy/loki/loki.yaml", "tempo": "deploy/tempo/tempo.yaml",
	} {
		if port := sources[uid].URL[strings.LastIndex(sources[uid].URL, ":")+1:]; !strings.Contains(read(t, listens), port) {
			t.Errorf("%s: the URL is %s, but %s does not listen there", uid, sources[uid].URL, listens)
		}
	}
	links := regexp.MustCompile(`datasourceUid: ([a-z]+)`).FindAllStringSubmatch(read(t, "deploy/grafana/provisioning/datasources/otelvoice.yaml"), -1)
	if len(links) < 4 {
		t.Errorf("found only %d links from one data source to another", len(links))
	}
	for _, link := range links {
		if _, ok := sources[link[1]]; !ok {
			t.Errorf("a link points to %s, which is not a data source", link[1])
		}
	}
	for uid, key := range map[string]string{"prometheus": "exemplarTraceIdDestinations", "loki": "derivedFields", "tempo": "tracesToLogsV2", "jaeger": "tracesToLogsV2"} {
		if sources[uid].JSONData[key] == nil {
			t.Errorf("%s: %s is not set: there are no links to traces or lines", uid, key)
		}
	}
}

func TestDashboardsQueryExistingDataSources(t *testing.T) {
	sources := dataSources(t)
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
	project := load(t, backend.File(t, "docker-compose.otel.yml"))
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
