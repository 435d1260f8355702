// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openmetrics_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/voice-agents/telemetry/exporters/openmetrics"
)

// errorRecorder collects the errors that an exporter reports.
type errorRecorder struct {
	mu   sync.Mutex
	errs []string
}

func (t *errorRecorder) tell(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.errs = append(t.errs, err.Error())
}

func (t *errorRecorder) all() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.errs)
}

// answer scrapes and parses; it fails the test if either fails.
func answer(t *testing.T, h http.Handler) map[string]*dto.MetricFamily {
	t.Helper()
	for _, accept := range []string{openMetrics, ""} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody)
		r.Header.Set("Accept", accept)
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("Accept %q: status %d: %s", accept, w.Code, w.Body)
		}
		if accept == openMetrics {
			if !strings.HasSuffix(w.Body.String(), "# EOF\n") {
				t.Errorf("the OpenMetrics response has no # EOF: %s", w.Body)
			}
			continue
		}
		parser := expfmt.NewTextParser(model.LegacyValidation)
		families, err := parser.TextToMetricFamilies(w.Body)
		if err != nil {
			t.Fatalf("Prometheus cannot read the scrape: %v", err)
		}
		return families
	}
	return nil
}

func with(kvs ...attribute.KeyValue) metric.MeasurementOption { return metric.WithAttributes(kvs...) }

func counter(m metric.Meter, name string, opts ...metric.Int64CounterOption) metric.Int64Counter {
	c, _ := m.Int64Counter(name, opts...)
	return c
}

func gauge(m metric.Meter, name string, opts ...metric.Int64GaugeOption) metric.Int64Gauge {
	g, _ := m.Int64Gauge(name, opts...)
	return g
}

func histogram(m metric.Meter, name string, opts ...metric.Float64HistogramOption) metric.Float64Histogram {
	h, _ := m.Float64Histogram(name, opts...)
	return h
}

// One invalid instrument affects only itself: all others are served, and it is counted and
// reported by name.
func TestOneBadInstrumentDoesNotEndTheScrape(t *testing.T) {
	ctx := t.Context()
	for _, tt := range []struct {
		name   string
		bad    func(m metric.Meter)
		metric string   // The reported name; "" for none.
		reason string   // The reported reason; "" for none.
		served []string // Besides the valid instrument.
	}{
		{"a histogram and a gauge of one name", func(m metric.Meter) {
			histogram(m, "x").Record(ctx, 1)
			gauge(m, "x").Record(ctx, 1)
		}, "x", "name x is already used for a histogram", []string{"x"}},
		{"a counter foo and a gauge foo_total", func(m metric.Meter) {
			counter(m, "foo").Add(ctx, 1)
			gauge(m, "foo_total").Record(ctx, 1)
		}, "foo_total", "name foo_total is already used for a counter", []string{"foo_total"}},
		{"a gauge foo_total and a counter foo", func(m metric.Meter) {
			gauge(m, "foo_total").Record(ctx, 1)
			counter(m, "foo").Add(ctx, 1)
		}, "foo", "name foo_total is already used for a gauge", []string{"foo_total"}},
		{"names that become equal, of other types", func(m metric.Meter) {
			gauge(m, "a.b").Record(ctx, 1)
			histogram(m, "a_b").Record(ctx, 1)
		}, "a_b", "name a_b is already used for a gauge", []string{"a_b"}},
		{"names that become equal, of one type", func(m metric.Meter) {
			gauge(m, "a.b").Record(ctx, 1)
			gauge(m, "a_b").Record(ctx, 2)
		}, "a_b", "another point has the same name and labels", []string{"a_b"}},
		{"names that become equal, with other labels", func(m metric.Meter) {
			gauge(m, "a.b").Record(ctx, 1, with(attribute.Int("n", 1)))
			gauge(m, "a_b").Record(ctx, 2, with(attribute.Int("n", 2)))
		}, "", "", []string{"a_b"}},
		{"one name with two descriptions", func(m metric.Meter) {
			counter(m, "x", metric.WithDescription("one")).Add(ctx, 1, with(attribute.Int("n", 1)))
			counter(m, "x", metric.WithDescription("two")).Add(ctx, 1, with(attribute.Int("n", 2)))
		}, "", "", []string{"x_total"}},
		{"one name with two units", func(m metric.Meter) {
			counter(m, "x", metric.WithUnit("s")).Add(ctx, 1)
			counter(m, "x", metric.WithUnit("By")).Add(ctx, 1)
		}, "", "", []string{"x_seconds_total", "x_bytes_total"}},
		{"a series of a histogram is a gauge", func(m metric.Meter) {
			histogram(m, "x").Record(ctx, 1)
			gauge(m, "x_count").Record(ctx, 1)
		}, "x_count", "name x_count is already used for a series of histogram x", []string{"x"}},
		{"a gauge is a series of a later histogram", func(m metric.Meter) {
			gauge(m, "x.bucket").Record(ctx, 1)
			histogram(m, "x").Record(ctx, 1)
		}, "x", "the name of histogram series x_bucket is already used", []string{"x_bucket"}},
		{"the resource's name", func(m metric.Meter) {
			gauge(m, "target_info").Record(ctx, 1)
		}, "target_info", "name target_info is reserved for the resource", nil},
		{"an empty label name", func(m metric.Meter) {
			c := counter(m, "x")
			c.Add(ctx, 1, with(attribute.String("", "v")))
			c.Add(ctx, 1, with(attribute.String("k", "v")))
		}, "x", "label name is empty", []string{"x_total"}},
		{"a label of underscores", func(m metric.Meter) {
			counter(m, "x").Add(ctx, 1, with(attribute.String("...", "v")))
		}, "x", `invalid name "_"`, nil},
		{"the label le of a histogram", func(m metric.Meter) {
			histogram(m, "x").Record(ctx, 1, with(attribute.String("le", "v")))
			histogram(m, "x").Record(ctx, 1)
		}, "x", `label "le" is reserved`, []string{"x"}},
		{"the label le of a counter", func(m metric.Meter) {
			counter(m, "x").Add(ctx, 1, with(attribute.String("le", "v")))
		}, "", "", []string{"x_total"}},
		{"the label quantile", func(m metric.Meter) {
			gauge(m, "x").Record(ctx, 1, with(attribute.String("quantile", "v")))
		}, "", "", []string{"x"}},
		{"a label with two underscores", func(m metric.Meter) {
			counter(m, "x").Add(ctx, 1, with(attribute.String("__name__", "v")))
		}, "x", `"__name__" is not a valid label name`, nil},
		{"the scope's name as a label", func(m metric.Meter) {
			counter(m, "x").Add(ctx, 1, with(attribute.String("otel_scope_name", "v")))
		}, "x", "duplicate label names", nil},
		{"the scope's name as a label, after translation", func(m metric.Meter) {
			histogram(m, "x").Record(ctx, 1, with(attribute.String("otel.scope.name", "v")))
		}, "x", "duplicate label names", nil},
		{"labels that become equal", func(m metric.Meter) {
			counter(m, "x").Add(ctx, 1, with(attribute.String("a.b", "1"), attribute.String("a_b", "2")))
		}, "", "", []string{"x_total"}},
		{"labels that become equal in another series", func(m metric.Meter) {
			counter(m, "x").Add(ctx, 1, with(attribute.String("a.b", "1"), attribute.String("a_b", "2")))
			counter(m, "x").Add(ctx, 1, with(attribute.String("a.b", "1;2")))
		}, "x", "another point has the same name and labels", []string{"x_total"}},
		{"a number and its text", func(m metric.Meter) {
			counter(m, "x").Add(ctx, 1, with(attribute.String("n", "1")))
			counter(m, "x").Add(ctx, 1, with(attribute.Int("n", 1)))
		}, "x", "another point has the same name and labels", []string{"x_total"}},
		{"text that is not UTF-8", func(m metric.Meter) {
			c := counter(m, "x", metric.WithDescription("caf\xc3"), metric.WithUnit("\xff"))
			c.Add(ctx, 1, with(attribute.String("k\xff", "caf\xc3")))
			c.Add(ctx, 1, with(attribute.String("k\xff", "caf\xe9"))) // Equal after cleaning, so they are added.
		}, "", "", nil},
		{"a callback that fails", func(m metric.Meter) {
			_, _ = m.Int64ObservableGauge("x", metric.WithInt64Callback(func(context.Context, metric.Int64Observer) error { return errors.New("no") }))
		}, "", "", nil},
		{"an attribute of every kind", func(m metric.Meter) {
			counter(m, "x").Add(ctx, 1, with(attribute.StringSlice("l", []string{"\xff"}), attribute.Map("m", attribute.String("\xff", "\xff")),
				attribute.ByteSlice("b", []byte{255}), attribute.String("nul", "\x00"), attribute.String("line", "a\nb\"\\")))
		}, "", "", []string{"x_total"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {}))
			exporter, err := openmetrics.New()
			if err != nil {
				t.Fatal(err)
			}
			var reported errorRecorder
			exporter.Listen(reported.tell)
			provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter), sdkmetric.WithResource(resource.Empty()))
			counter(provider.Meter("a"), "good").Add(ctx, 1)
			tt.bad(provider.Meter("bad"))
			counter(provider.Meter("z"), "good").Add(ctx, 1)
			for range 3 {
				families := answer(t, exporter) //nolint:contextcheck // It has the test's context.
				if n := len(families["good_total"].GetMetric()); n != 2 {
					t.Fatalf("%d of the 2 good series are served", n)
				}
				for _, name := range tt.served {
					if families[name] == nil {
						t.Errorf("%s is not served; there are %v", name, slices.Sorted(maps.Keys(families)))
					}
				}
			}
			counts := exporter.LeftOut()
			if tt.metric == "" {
				if len(counts) > 0 || len(reported.all()) > 0 {
					t.Errorf("left out %v: %q", counts, reported.all())
				}
				return
			}
			if counts[tt.metric] != 6 || len(counts) != 1 { // Three scrapes in two formats.
				t.Errorf("left out %v, want %s with a count of 6", counts, tt.metric)
			}
			if errs := reported.all(); len(errs) != 1 || !strings.HasPrefix(errs[0], fmt.Sprintf("metric %q left out of the scrape: ", tt.metric)) || !strings.Contains(errs[0], tt.reason) {
				t.Errorf("reported %q, want one of %s because %s", errs, tt.metric, tt.reason)
			}
		})
	}
}

// Of two conflicting scopes, the one whose instrument was created first is served, in whatever
// order the SDK returns them.
func TestWhichOfTwoInConflictIsServedDoesNotChange(t *testing.T) {
	for _, first := range []string{"a", "z"} {
		for range 20 {
			exporter, err := openmetrics.New()
			if err != nil {
				t.Fatal(err)
			}
			exporter.Listen(func(error) {})
			provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter), sdkmetric.WithResource(resource.Empty()))
			second := map[string]string{"a": "z", "z": "a"}[first]
			g, h := gauge(provider.Meter(first), "x"), histogram(provider.Meter(second), "x")
			h.Record(t.Context(), 1)
			g.Record(t.Context(), 1)
			for range 3 {
				if kind := answer(t, exporter)["x"].GetType(); kind != dto.MetricType_GAUGE {
					t.Fatalf("the %s of the scope that was created second is served", kind)
				}
			}
		}
	}
}

// A served metric stays, even if an older instrument is measured later.
func TestWhatIsServedStays(t *testing.T) {
	exporter, err := openmetrics.New()
	if err != nil {
		t.Fatal(err)
	}
	exporter.Listen(func(error) {})
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter), sdkmetric.WithResource(resource.Empty()))
	one, two := gauge(provider.Meter("m"), "a.b"), gauge(provider.Meter("m"), "a_b")
	two.Record(t.Context(), 2)
	value := func() float64 { return answer(t, exporter)["a_b"].GetMetric()[0].GetGauge().GetValue() }
	if v := value(); v != 2 {
		t.Fatalf("got %v", v)
	}
	one.Record(t.Context(), 1)
	if v := value(); v != 2 {
		t.Errorf("the series changed to %v, the value of another instrument", v)
	}
}

// Everything that OpenTelemetry's exporter serves is served identically, byte for byte.
func TestScrapeIsThatOfOpenTelemetrysExporter(t *testing.T) {
	registry := prometheus.NewRegistry()
	theirs, err := otelprometheus.New(otelprometheus.WithRegisterer(registry), otelprometheus.WithTranslationStrategy(otlptranslator.UnderscoreEscapingWithSuffixes))
	if err != nil {
		t.Fatal(err)
	}
	ours, err := openmetrics.New()
	if err != nil {
		t.Fatal(err)
	}
	res := resource.NewSchemaless(attribute.String("service.name", "agent"), attribute.String("a.b", "2"), attribute.String("a_b", "1"), attribute.Int("n", 1))
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(theirs), sdkmetric.WithReader(ours), sdkmetric.WithResource(res),
		sdkmetric.WithView(sdkmetric.NewView(sdkmetric.Instrument{Name: "exponential"}, sdkmetric.Stream{Aggregation: sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: 20, MaxScale: 10}})))
	ctx := t.Context()
	for _, scope := range []string{"one", "two", ""} {
		m := provider.Meter(scope, metric.WithInstrumentationVersion("1"), metric.WithSchemaURL("https://x"),
			metric.WithInstrumentationAttributes(attribute.String("team.name", "voice"), attribute.String("name", "ignored")))
		for i := range 5 {
			attrs := with(attribute.String("k.a", fmt.Sprint("v", i)), attribute.Bool("ok", i%2 == 0), attribute.Float64("f", .5))
			counter(m, "requests", metric.WithUnit("1"), metric.WithDescription("Requests: \"all\" of \\ them\nand more")).Add(ctx, int64(i), attrs)
			gauge(m, "temperature", metric.WithUnit("Cel")).Record(ctx, int64(i), attrs)
			histogram(m, "voice.turn.response_latency", metric.WithUnit("s")).Record(ctx, float64(i), attrs)
			histogram(m, "exponential").Record(ctx, float64(i), attrs)
			level, _ := m.Float64UpDownCounter("level", metric.WithUnit("By"))
			level.Add(ctx, -float64(i), attrs)
		}
		_, _ = m.Int64ObservableCounter("seen", metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(7)
			return nil
		}))
	}
	for _, accept := range []string{openMetrics, "text/plain"} {
		bodies := make([]string, 0, 2)
		for _, h := range []http.Handler{promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}), ours} {
			w := httptest.NewRecorder()
			r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/metrics", http.NoBody)
			r.Header.Set("Accept", accept)
			h.ServeHTTP(w, r)
			bodies = append(bodies, w.Header().Get("Content-Type")+"\n"+w.Body.String())
		}
		if bodies[0] != bodies[1] || len(bodies[0]) < 1000 {
			t.Errorf("accepting %s\ntheirs\n%s\nours\n%s", accept, bodies[0], bodies[1])
		}
	}
}
