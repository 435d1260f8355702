// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"go.opentelemetry.io/otel/attribute"
	"go.yaml.in/yaml/v3"

	"github.com/voice-agents/telemetry/internal/testing/grafanatest"
	"github.com/voice-agents/telemetry/semconv"
)

// asked is a PromQL query, and the labels that its legend shows.
type asked struct {
	where, expr string
	shown       []string
}

var shownLabel = regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)

// inDashboards returns the PromQL queries of the dashboards.
func inDashboards(t *testing.T) (queries []asked) {
	t.Helper()
	all, err := grafanatest.Queries(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range all {
		if q.Source != "prometheus" {
			continue
		}
		a := asked{where: q.Dashboard + ": " + q.Panel, expr: q.Filled("")}
		for _, found := range shownLabel.FindAllStringSubmatch(q.Legend, -1) {
			a.shown = append(a.shown, found[1])
		}
		queries = append(queries, a)
	}
	return queries
}

// inDataSources returns the PromQL queries with which a data source links to metrics.
func inDataSources(t *testing.T) (queries []asked) {
	t.Helper()
	var file struct {
		Datasources []struct {
			JSONData struct {
				TracesToMetrics struct {
					Queries []struct{ Name, Query string }
				} `yaml:"tracesToMetrics"`
			} `yaml:"jsonData"`
		}
	}
	text, err := os.ReadFile("provisioning/datasources/otelvoice.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, source := range file.Datasources {
		for _, q := range source.JSONData.TracesToMetrics.Queries {
			queries = append(queries, asked{where: "otelvoice.yaml: " + q.Name, expr: strings.ReplaceAll(q.Query, "$$__tags", `job="agent"`)})
		}
	}
	if len(queries) == 0 {
		t.Error("the data sources have no queries")
	}
	return queries
}

// inRules returns the expressions of all rules, and the names that rules record.
func inRules(t *testing.T) (queries []asked, recorded map[string]bool) {
	t.Helper()
	var rules struct {
		Groups []struct {
			Rules []struct{ Record, Alert, Expr string }
		}
	}
	text, err := os.ReadFile("../prometheus/rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &rules); err != nil {
		t.Fatal(err)
	}
	recorded = make(map[string]bool)
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			queries = append(queries, asked{where: "rules.yml: " + r.Alert + r.Record, expr: r.Expr})
			if r.Record != "" {
				recorded[r.Record] = true
			}
		}
	}
	return queries, recorded
}

// registered returns the labels of each series of the toolkit's metrics, by its stored name.
func registered() map[string][]string {
	const histogramOnly = "le"
	all := make(map[string][]string)
	for _, m := range semconv.Metrics() {
		labels := []string{"job", "instance"}
		for _, a := range m.Attributes {
			labels = append(labels, label(attribute.Key(a)))
		}
		if m.Kind != semconv.Histogram {
			all[stored(m)] = labels
			continue
		}
		for _, suffix := range []string{"_count", "_sum"} {
			all[stored(m)+suffix] = labels
		}
		all[stored(m)+"_bucket"] = append(slices.Clip(labels), histogramOnly)
	}
	return all
}

// checker checks queries against the known series.
type checker struct {
	registered map[string][]string
	recorded   map[string]bool
}

// isForeign reports whether a series is not the toolkit's but one of the Collector, or of
// OpenTelemetry's instrumentation of the Go runtime and the process. produced_test.go
// checks that these exist.
func isForeign(name string) bool {
	return ofTheCollector()[name] != "" || strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_")
}

func (c checker) check(q asked) error {
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(q.expr)
	if err != nil {
		return err
	}
	var errs []error
	grouped := make(map[string]bool)
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			labels := make([]string, 0, len(n.LabelMatchers))
			for _, m := range n.LabelMatchers {
				if m.Name != "__name__" {
					labels = append(labels, m.Name)
				}
			}
			errs = append(errs, c.known(n.Name, labels))
		case *parser.AggregateExpr:
			for _, l := range n.Grouping {
				grouped[l] = true
			}
			parser.Inspect(n.Expr, func(below parser.Node, _ []parser.Node) error {
				if s, ok := below.(*parser.VectorSelector); ok {
					errs = append(errs, c.known(s.Name, n.Grouping))
				}
				return nil
			})
		}
		return nil
	})
	for _, l := range q.shown {
		if len(grouped) > 0 && !grouped[l] {
			errs = append(errs, fmt.Errorf("the legend shows the label %s, the query keeps only %v", l, slices.Sorted(maps.Keys(grouped))))
		}
	}
	return errors.Join(errs...)
}

// known returns an error if no series has the name, or if it lacks a label.
func (c checker) known(name string, labels []string) error {
	if c.recorded[name] || isForeign(name) {
		return nil
	}
	has, ok := c.registered[name]
	if !ok {
		return fmt.Errorf("no metric is stored as %s", name)
	}
	for _, l := range labels {
		if !slices.Contains(has, l) {
			return fmt.Errorf("%s has no label %s", name, l)
		}
	}
	return nil
}

func TestQueriedSeriesAreRegistered(t *testing.T) {
	t.Parallel()
	rules, recorded := inRules(t)
	queries := slices.Concat(inDashboards(t), inDataSources(t), rules)
	if len(queries) < 80 {
		t.Errorf("only %d queries were found", len(queries))
	}
	c := checker{registered(), recorded}
	for _, q := range queries {
		if err := c.check(q); err != nil {
			t.Errorf("%s: %v\n%s", q.where, err, q.expr)
		}
	}
}

func TestCheckerReportsMistakes(t *testing.T) {
	t.Parallel()
	c := checker{registered: registered()}
	for name, q := range map[string]asked{
		"an unfinished query":            {expr: `sum(rate(voice_turn_count_total[5m])`},
		"a missing range":                {expr: `rate(voice_turn_count_total)`},
		"an unknown metric":              {expr: `voice_turns_total`},
		"a counter without its suffix":   {expr: `voice_turn_count`},
		"a histogram without a suffix":   {expr: `voice_stage_duration_seconds`},
		"an unknown label":               {expr: `voice_turn_count_total{outcome="failed"}`},
		"the label of another metric":    {expr: `sum by (voice_stage) (rate(voice_turn_count_total[5m]))`},
		"le of a series without buckets": {expr: `sum by (le) (rate(voice_stage_duration_seconds_count[5m]))`},
		"a legend without its label":     {expr: `sum by (voice_stage) (rate(voice_stage_duration_seconds_count[5m]))`, shown: []string{"error_type"}},
		"a name that no rule records":    {expr: `job:voice_turns_failed:ratio_rate2h`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := c.check(q); err == nil {
				t.Errorf("no error for %s", q.expr)
			}
		})
	}
}
