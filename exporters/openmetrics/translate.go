// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openmetrics

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/otlptranslator"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
)

var strategy = otlptranslator.UnderscoreEscapingWithSuffixes

// translator converts OpenTelemetry's metrics to Prometheus' metrics. OpenTelemetry's exporter does the
// translation, one metric at a time in a known order, so that a rejected metric can be named. A
// translator is not safe for concurrent use.
type translator struct {
	faults    *faults
	metrics   otlptranslator.MetricNamer
	labels    otlptranslator.LabelNamer
	collector prometheus.Collector // OpenTelemetry's exporter.
	feed      feed                 // The input of the exporter.
	names     names
	order     order
	target    target
	seed      maphash.Seed
}

func newTranslator(f *faults) (*translator, error) {
	t := &translator{
		faults: f, names: make(names), seed: maphash.MakeSeed(),
		metrics: otlptranslator.NewMetricNamer("", strategy), labels: otlptranslator.LabelNamer{},
	}
	var caught catcher
	reader, err := otelprometheus.New(
		otelprometheus.WithRegisterer(&caught), otelprometheus.WithProducer(&t.feed),
		otelprometheus.WithTranslationStrategy(strategy), otelprometheus.WithoutTargetInfo())
	if err != nil {
		return nil, err
	}
	// A reader without a provider returns no metrics. This provider has no instruments.
	sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(resource.Empty()))
	t.collector = caught.collector
	return t, nil
}

// feed is a producer of metrics that were collected before.
type feed struct{ metrics []metricdata.ScopeMetrics }

// Produce returns the metrics. A second call returns none.
func (f *feed) Produce(context.Context) ([]metricdata.ScopeMetrics, error) {
	metrics := f.metrics
	f.metrics = nil
	return metrics, nil
}

// catcher is a registerer that stores the collector.
type catcher struct{ collector prometheus.Collector }

// Register stores the collector.
func (c *catcher) Register(of prometheus.Collector) error {
	c.collector = of
	return nil
}

// MustRegister stores the last collector.
func (c *catcher) MustRegister(of ...prometheus.Collector) { c.collector = of[len(of)-1] }

// Unregister does nothing.
func (*catcher) Unregister(prometheus.Collector) bool { return false }

// stream is a metric to be served.
type stream struct {
	instrument

	name   string
	family *family
	points int
}

// families returns all metrics that can be served, in the order of Prometheus' registry.
func (t *translator) families(of *metricdata.ResourceMetrics) []*dto.MetricFamily {
	streams := make([]stream, 0, 64)
	total := 0
	for _, i := range t.order.sorted(of.ScopeMetrics) {
		s, err := t.stream(i)
		if err != nil {
			t.faults.leftOut(i.metric.Name, max(pointsOf(i.metric.Data), 1), err)
			continue
		}
		if s.points == 0 {
			continue
		}
		streams = append(streams, s)
		t.feed.metrics = append(t.feed.metrics, metricdata.ScopeMetrics{Scope: i.scope, Metrics: []metricdata.Metrics{t.withExemplars(i.metric)}})
		total += s.points
	}
	// OpenTelemetry's exporter returns one metric for each point, or one error for a whole stream.
	made := make(chan prometheus.Metric, total+len(streams))
	t.collector.Collect(made)
	close(made)
	families := newFamilies(t.seed)
	if info := t.target.info(of.Resource, t.labels); info != nil {
		families.add(targetInfo, targetInfoHelp, dto.MetricType_GAUGE, info)
	}
	for _, s := range streams {
		for range s.points {
			m, ok := <-made
			if !ok {
				break
			}
			t.add(families, &s, m)
		}
	}
	return families.sorted()
}

// add adds a point to its family, or leaves out a point that cannot be served.
func (t *translator) add(families *families, s *stream, m prometheus.Metric) {
	point := &dto.Metric{}
	if err := m.Write(point); err != nil {
		t.faults.leftOut(s.metric.Name, 1, err)
		return
	}
	if s.family.kind == dto.MetricType_HISTOGRAM {
		for _, l := range point.GetLabel() {
			if l.GetName() == "le" {
				t.faults.leftOut(s.metric.Name, 1, errBucketLabel)
				return
			}
		}
	}
	if !families.add(s.name, s.family.help, s.family.kind, point) {
		t.faults.leftOut(s.metric.Name, 1, errTwice)
	}
}

// stream returns the metric of an instrument in the scrape, or an error if it cannot be served.
func (t *translator) stream(i instrument) (s stream, err error) {
	s = stream{instrument: i, points: pointsOf(i.metric.Data)}
	kind, naming, err := kindOf(i.metric.Data)
	if err != nil {
		return s, err
	}
	if s.points == 0 {
		return s, nil // A metric without points does not take the name.
	}
	if i.scope.Name == bridgeScope {
		return s, errors.New("metrics from the Prometheus bridge are not served; scrape the Prometheus registry")
	}
	for iter := i.scope.Attributes.Iter(); iter.Next(); {
		if _, err := t.labels.Build(string(iter.Attribute().Key)); err != nil {
			return s, fmt.Errorf("an attribute of scope %q: %w", i.scope.Name, err)
		}
	}
	if s.name, err = t.metrics.Build(otlptranslator.Metric{Name: i.metric.Name, Type: naming, Unit: i.metric.Unit}); err != nil {
		return s, err
	}
	s.family, err = t.names.take(s.name, i.metric.Name, i.metric.Description, kind)
	return s, err
}

// bridgeScope is the scope whose metrics OpenTelemetry's exporter skips.
const bridgeScope = "go.opentelemetry.io/contrib/bridges/prometheus"
