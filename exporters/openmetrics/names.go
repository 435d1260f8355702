// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openmetrics

import (
	"errors"
	"fmt"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// family holds the permanent properties of a name in the scrape. Scrapers treat a name whose type
// changes as another metric.
type family struct {
	metric string // OpenTelemetry's name of the metric that first used the name.
	help   string
	kind   dto.MetricType
}

// names maps names to their families. Entries are never removed, because instruments live as long as
// their provider.
type names map[string]*family

const targetInfo = "target_info"

// take assigns a name to a metric and returns its family. It fails if the name is reserved or conflicts
// with a family of another type.
func (n names) take(name, metric, help string, kind dto.MetricType) (*family, error) {
	if name == targetInfo {
		return nil, fmt.Errorf("name %s is reserved for the resource", name)
	}
	if known, ok := n[name]; ok {
		if known.kind != kind {
			return nil, fmt.Errorf("name %s is already used for a %s by metric %q and cannot be used for a %s", name, lower(known.kind), known.metric, lower(kind))
		}
		return known, nil
	}
	if err := n.suffixes(name, kind); err != nil {
		return nil, err
	}
	made := &family{metric: metric, help: help, kind: kind}
	n[name] = made
	return made, nil
}

// histogramSuffixes are the suffixes of the series of a histogram.
var histogramSuffixes = [...]string{"_bucket", "_count", "_sum"}

// suffixes returns an error if a series of one family would have the name of another family.
func (n names) suffixes(name string, kind dto.MetricType) error {
	for _, suffix := range histogramSuffixes {
		if base, ok := strings.CutSuffix(name, suffix); ok {
			if h, ok := n[base]; ok && h.kind == dto.MetricType_HISTOGRAM {
				return fmt.Errorf("name %s is already used for a series of histogram %s by metric %q", name, base, h.metric)
			}
		}
		if kind == dto.MetricType_HISTOGRAM {
			if other, ok := n[name+suffix]; ok {
				return fmt.Errorf("the name of histogram series %s is already used by metric %q", name+suffix, other.metric)
			}
		}
	}
	return nil
}

func lower(kind dto.MetricType) string { return strings.ToLower(kind.String()) }

// errBucketLabel is the error for a point with the label of a histogram's buckets (le).
var errBucketLabel = errors.New(`label "le" is reserved for the buckets of the histogram`)

// errTwice is the error for a point whose series is already in the scrape.
var errTwice = errors.New("another point has the same name and labels")
