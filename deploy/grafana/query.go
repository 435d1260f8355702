// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// ofJob selects the services that are chosen at the top of a dashboard.
const ofJob = `job=~"$job"`

func equal(key attribute.Key, value string) string {
	return label(key) + "=" + strconv.Quote(value)
}

// failing selects series of failures. Other series have no error type.
var failing = label(semconv.ErrorTypeKey) + `!=""`

// series selects by the stored name, such as that of a histogram's count.
func series(name string, where ...string) string {
	return name + "{" + strings.Join(append([]string{ofJob}, where...), ", ") + "}"
}

// by sums over all labels except the given attributes.
func by(expr string, keys ...attribute.Key) string {
	if len(keys) == 0 {
		return "sum(" + expr + ")"
	}
	labels := make([]string, len(keys))
	for i, key := range keys {
		labels[i] = label(key)
	}
	return "sum by (" + strings.Join(labels, ", ") + ") (" + expr + ")"
}

// perSecond is the rate of a counter.
func perSecond(series string) string { return "rate(" + series + "[$__rate_interval])" }

// inRange is the increase of a counter in the dashboard's time range. A series that starts
// in the range counts from 0, because increase() does not count the first sample and the
// first error of a kind starts its series.
func inRange(series string) string {
	return "(" + series + " unless " + series + " offset $__range or increase(" + series + "[$__range]))"
}

// quantile is a quantile of a histogram, over time.
func quantile(q float64, m semconv.Metric, keys []attribute.Key) string {
	return quantileOf(q, perSecond(series(stored(m)+"_bucket")), keys)
}

// quantileInRange is a quantile of a histogram in the dashboard's time range.
func quantileInRange(q float64, m semconv.Metric) string {
	return quantileOf(q, inRange(series(stored(m)+"_bucket")), nil)
}

func quantileOf(q float64, buckets string, keys []attribute.Key) string {
	return fmt.Sprintf("histogram_quantile(%g, %s)", q, by(buckets, append([]attribute.Key{"le"}, keys...)...))
}

// share is the quotient of part and whole.
func share(part, whole string) string { return part + " / " + whole }

// withLegend is a PromQL query and the legend of its lines.
type withLegend struct {
	expr, legend string
	exemplars    bool
}

// named is a query with a fixed legend, or with labels in double braces.
func named(legend, expr string) withLegend { return withLegend{expr: expr, legend: legend} }

// each is a query whose legend is the values of attributes.
func each(expr string, keys ...attribute.Key) withLegend {
	parts := make([]string, len(keys))
	for i, key := range keys {
		parts[i] = "{{" + label(key) + "}}"
	}
	return withLegend{expr: expr, legend: strings.Join(parts, " ")}
}
