// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/heatmap"
	"github.com/grafana/grafana-foundation-sdk/go/logs"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/tempo"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// Units, as Grafana names them.
const (
	seconds  = "s"
	percent  = "percentunit" // Values from 0 to 1.
	bytesIEC = "bytes"
	perSec   = "ops"
	plain    = "short"
)

// Widths of panels. A row is 24 wide.
const (
	whole   = 24
	half    = 12
	third   = 8
	quarter = 6
)

// Colours of number panels.
const (
	green  = "green"
	yellow = "yellow"
	red    = "red"
)

// source refers to a data source of deploy/grafana/provisioning.
func source(kind string) common.DataSourceRef {
	return common.DataSourceRef{Type: &kind, Uid: &kind}
}

func ask(q withLegend) *prometheus.DataqueryBuilder {
	return prometheus.NewDataqueryBuilder().Expr(q.expr).LegendFormat(q.legend).Range().Exemplar(q.exemplars)
}

// graph shows queries over time.
func graph(width uint32, unit, title, description string, queries ...withLegend) *timeseries.PanelBuilder {
	p := timeseries.NewPanelBuilder().Title(title).Description(description).Unit(unit).Span(width).Height(8).Min(0).
		Datasource(source("prometheus")).FillOpacity(8).ShowPoints(common.VisibilityModeNever).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
	for _, q := range queries {
		p.WithTarget(ask(q))
	}
	return p
}

// stacked stacks the lines of a graph.
func stacked(p *timeseries.PanelBuilder) *timeseries.PanelBuilder {
	return p.FillOpacity(60).Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal))
}

// number shows one value, coloured by thresholds.
func number(unit, title, description, expr string, steps ...dashboard.Threshold) *stat.PanelBuilder {
	if len(steps) == 0 {
		steps = []dashboard.Threshold{{Color: green}}
	}
	return stat.NewPanelBuilder().Title(title).Description(description).Unit(unit).Span(quarter).Height(4).
		Datasource(source("prometheus")).GraphMode(common.BigValueGraphModeNone).ColorMode(common.BigValueColorModeValue).
		Thresholds(dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(steps)).
		WithTarget(prometheus.NewDataqueryBuilder().Expr(expr).Instant())
}

// above colours values from warn yellow and from bad red.
func above(warn, bad float64) []dashboard.Threshold {
	return []dashboard.Threshold{{Color: green}, {Value: &warn, Color: yellow}, {Value: &bad, Color: red}}
}

// below colours values under warn yellow and under bad red.
func below(warn, bad float64) []dashboard.Threshold {
	return []dashboard.Threshold{{Color: red}, {Value: &bad, Color: yellow}, {Value: &warn, Color: green}}
}

// heat shows a histogram over time, with exemplars that link to traces.
func heat(width uint32, title, description, expr string) *heatmap.PanelBuilder {
	return heatmap.NewPanelBuilder().Title(title).Description(description).Span(width).Height(10).
		Datasource(source("prometheus")).Calculate(false).CellGap(1).
		YAxis(heatmap.NewYAxisConfigBuilder().Unit(seconds)).
		Color(heatmap.NewHeatmapColorOptionsBuilder().Mode(heatmap.HeatmapColorModeScheme).Scheme("Oranges").Steps(64).Exponent(0.5)).
		Tooltip(heatmap.NewHeatmapTooltipBuilder().Mode(common.TooltipDisplayModeSingle).YHistogram(true)).
		WithTarget(ask(withLegend{expr: expr, legend: "{{le}}", exemplars: true}).Format(prometheus.PromQueryFormatHeatmap))
}

// grid is a table without a query. Its columns can be filtered, and the columns of the time and of the
// metric's name are hidden.
func grid(width uint32, title, description string) *table.PanelBuilder {
	return table.NewPanelBuilder().Title(title).Description(description).Span(width).Height(8).Filterable(true).
		WithTransformation(dashboard.DataTransformerConfig{Id: "organize", Options: map[string]any{"excludeByName": map[string]bool{"Time": true, "__name__": true}}})
}

// list shows the latest value of each series of a query as a row.
func list(width uint32, title, description, expr string) *table.PanelBuilder {
	return grid(width, title, description).Datasource(source("prometheus")).
		WithTarget(prometheus.NewDataqueryBuilder().Expr(expr).Instant().Format(prometheus.PromQueryFormatTable))
}

// lines shows log records, oldest first.
func lines(width, height uint32, title, description string, from common.DataSourceRef, selected query) *logs.PanelBuilder {
	return logs.NewPanelBuilder().Title(title).Description(description).Span(width).Height(height).
		Datasource(from).ShowTime(true).EnableLogDetails(true).WrapLogMessage(true).SortOrder(common.LogsSortOrderAscending).
		WithTarget(selected)
}

// spans shows spans that a TraceQL query selects.
func spans(width, height uint32, title, description, query string) *table.PanelBuilder {
	return table.NewPanelBuilder().Title(title).Description(description).Span(width).Height(height).
		Datasource(source("tempo")).Filterable(true).
		WithTarget(tempo.NewTempoQueryBuilder().QueryType("traceql").Query(query).Limit(200).Spss(100).TableType(tempo.SearchTableTypeSpans))
}

// page is an empty dashboard with the properties that all dashboards share, such as the
// links to the other dashboards.
func page(uid, title, description string) *dashboard.DashboardBuilder {
	const tag = "otelvoice"
	return dashboard.NewDashboardBuilder(title).Uid(uid).Description(description).Tags([]string{tag}).
		Time("now-1h", "now").Refresh("30s").Timezone("browser").Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Link(dashboard.NewDashboardLinkBuilder("Voice").Type(dashboard.DashboardLinkTypeDashboards).Tags([]string{tag}).KeepTime(true))
}

// chosenJobs is the variable that selects services.
func chosenJobs(metric string) *dashboard.QueryVariableBuilder {
	query := "label_values(" + metric + ", job)"
	all := dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}}
	return dashboard.NewQueryVariableBuilder("job").Label("Service").Datasource(source("prometheus")).
		Query(dashboard.StringOrMap{String: &query}).Refresh(dashboard.VariableRefreshOnTimeRangeChanged).
		Multi(true).IncludeAll(true).AllValue(".+").
		Current(dashboard.VariableOption{Text: dashboard.StringOrArrayOfString{ArrayOfString: []string{"All"}}, Value: all})
}
