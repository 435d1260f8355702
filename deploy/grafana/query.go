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

// ofJob limits series to the services that are chosen at the top of a dashboard.
const ofJob = `job=~"$job"`

func equal(key attribute.Key, value string) string {
	return label(key) + "=" + strconv.Quote(value)
}

// failing matches series of what failed: the others have no kind of error.
var failing = label(semconv.ErrorTypeKey) + `!=""`

// series selects by the name as it is stored, such as that of a histogram's count.
func series(name string, where ...string) string {
	return name + "{" + strings.Join(append([]string{ofJob}, where...), ", ") + "}"
}

// by keeps the attributes apart that it names and adds up the rest.
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

// perSecond is how fast a series that only grows does so.
func perSecond(series string) string { return "rate(" + series + "[$__rate_interval])" }

// inRange is by how much a series that only grows did so in what the dashboard shows. A
// series that began in it counts from nothing: increase knows only what came after its
// first sample, and the first error of a kind is the beginning of its series.
func inRange(series string) string {
	return "(" + series + " unless " + series + " offset $__range or increase(" + series + "[$__range]))"
}

// quantile is one of a histogram's values: 0.95 is that which one in twenty exceeds.
func quantile(q float64, m semconv.Metric, keys []attribute.Key) string {
	return quantileOf(q, perSecond(series(stored(m)+"_bucket")), keys)
}

// quantileInRange is the same over all that the dashboard shows.
func quantileInRange(q float64, m semconv.Metric) string {
	return quantileOf(q, inRange(series(stored(m)+"_bucket")), nil)
}

func quantileOf(q float64, buckets string, keys []attribute.Key) string {
	return fmt.Sprintf("histogram_quantile(%g, %s)", q, by(buckets, append([]attribute.Key{"le"}, keys...)...))
}

// share is part divided by whole.
func share(part, whole string) string { return part + " / " + whole }

// withLegend is a query of Prometheus and what its lines are called.
type withLegend struct {
	expr, legend string
	exemplars    bool
}

// named is a query whose lines have a fixed name or one of labels in braces.
func named(legend, expr string) withLegend { return withLegend{expr: expr, legend: legend} }

// each is a query whose lines are called by the values of attributes.
func each(expr string, keys ...attribute.Key) withLegend {
	parts := make([]string, len(keys))
	for i, key := range keys {
		parts[i] = "{{" + label(key) + "}}"
	}
	return withLegend{expr: expr, legend: strings.Join(parts, " ")}
}
