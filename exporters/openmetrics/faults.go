// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openmetrics

import (
	"fmt"
	"maps"
	"sync"

	"go.opentelemetry.io/otel"
)

// maxFaulty bounds the metric names that are counted separately. All others share one count.
const (
	maxFaulty = 1024
	others    = "others"
)

// faults counts the points that were left out of scrapes. It is safe for concurrent use.
type faults struct {
	tell func(error) // Set before the first scrape; nil is OpenTelemetry's error handler.

	mu     sync.Mutex
	points map[string]uint64 // By metric.
}

// leftOut counts points of a metric, and reports the metric the first time.
func (f *faults) leftOut(metric string, points int, reason error) {
	if f.count(metric, points) {
		f.report(fmt.Errorf("metric %q left out of the scrape: %w", metric, reason))
	}
}

func (f *faults) count(metric string, points int) (first bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.points == nil {
		f.points = make(map[string]uint64)
	}
	if _, known := f.points[metric]; !known && len(f.points) >= maxFaulty {
		metric = others
	}
	_, known := f.points[metric]
	f.points[metric] += uint64(points)
	return !known
}

func (f *faults) counts() map[string]uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.points)
}

func (f *faults) report(err error) {
	if f.tell != nil {
		f.tell(err)
		return
	}
	otel.Handle(err)
}
