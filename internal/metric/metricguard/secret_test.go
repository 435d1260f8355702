// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package metricguard_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/internal/metric/metricguard"
	"github.com/voice-agents/telemetry/internal/redaction"
)

// No text of a meter, an instrument or a measurement passes a secret on.
func TestSecretsOfInstruments(t *testing.T) {
	for _, tt := range []struct{ name, secret, suffix, want string }{
		{"an e-mail address", "ada@example.com", "", "[REDACTED:email]"},
		{"a phone number", "+14155550123", "", "[REDACTED:phone]"},
		{"a key of a service", "sk-proj-0123456789abcdefghij", ".sk-proj-0123456789abcdefghij", "[REDACTED:api_key]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			reader := sdkmetric.NewManualReader()
			sdk := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithExemplarFilter(exemplar.AlwaysOnFilter),
				sdkmetric.WithView(sdkmetric.NewView(sdkmetric.Instrument{Name: "f.histogram*"}, sdkmetric.Stream{AttributeFilter: attribute.NewAllowKeysFilter("n")})))
			measureAll(t, metricguard.New(sdk, 0).Clean(redaction.New(redaction.Default())), tt.secret, tt.suffix)
			rm := collect(t, reader)
			all := textOfAll(rm)
			if len(rm.ScopeMetrics) != 1 || len(rm.ScopeMetrics[0].Metrics) != 16 || !strings.Contains(all, tt.want) {
				t.Errorf("got %s", all)
			}
			if strings.Contains(all, tt.secret) {
				t.Errorf("%s is in %s", tt.secret, all)
			}
			if tt.suffix != "" && !strings.Contains(all, "i.counter.REDACTED_api_key") {
				t.Errorf("the name of an instrument is not in %s", all)
			}
		})
	}
}

// Series that differ only in a secret become one series. The others stay separate.
func TestSeriesBecomeOne(t *testing.T) {
	hashing := redaction.Default()
	hashing.UserIDKey = []byte("key")
	reader := sdkmetric.NewManualReader()
	m := metricguard.New(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)), 0).
		Clean(redaction.New(hashing)).Meter("m")
	counter, err := m.Int64Counter("calls")
	if err != nil {
		t.Fatal(err)
	}
	for _, attrs := range [][]attribute.KeyValue{
		{attribute.String("to", "ada@example.com")},
		{attribute.String("to", "bob@example.com")},
		{attribute.Int("ada@example.com", 1)},
		{attribute.Int("bob@example.com", 1)},
		{attribute.Int("ada@example.com", 1), attribute.Int("bob@example.com", 1)},
		{attribute.String("to", "sales")},
		{attribute.String("to", "gpt-4o-mini")},
		{attribute.Int64("card", 4111111111111111)},
		{attribute.Int("user.id", 4711)},
		{attribute.String("user.id", "4711")},
		{},
	} {
		for range 3 {
			counter.Add(t.Context(), 1, metric.WithAttributes(attrs...))
		}
		counter.Add(t.Context(), 1, metric.WithAttributeSet(attribute.NewSet(attrs...)))
	}
	got := make(map[string]int64)
	sum, ok := collect(t, reader).ScopeMetrics[0].Metrics[0].Data.(metricdata.Sum[int64])
	if !ok {
		t.Fatal("no sum")
	}
	for _, p := range sum.DataPoints {
		got[p.Attributes.Encoded(attribute.DefaultEncoder())] = p.Value
	}
	hash := redaction.New(redaction.Config{UserIDKey: []byte("key")})
	id, _ := hash.Attribute(attribute.Int("user.id", 4711))
	want := map[string]int64{
		"to=[REDACTED:email]": 8, "[REDACTED:email]=1": 8, "[REDACTED:email]=1,[REDACTED:email]_2=1": 4, "to=sales": 4, "to=gpt-4o-mini": 4,
		"card=[REDACTED:card]": 4, "user.id=" + id.Value.AsString(): 8, "": 4,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("\ngot  %v\nwant %v", got, want)
	}
}

// The provider's own instruments pass unchanged.
func TestOwn(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	own := metricguard.New(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)), 0).Clean(redaction.New(redaction.Default())).Own()
	measureAll(t, own, "ada@example.com", "")
	if all := textOfAll(collect(t, reader)); strings.Contains(all, "REDACTED") {
		t.Errorf("got %s", all)
	}
}

// Many goroutines use more sets than are cached: each measurement counts.
func TestManySets(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	m := metricguard.New(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithCardinalityLimit(0)), 0).
		Clean(redaction.New(redaction.Default())).Meter("m")
	counter, err := m.Int64Counter("calls")
	if err != nil {
		t.Fatal(err)
	}
	const sets, goroutines = 6000, 4
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for i := range sets {
				counter.Add(context.Background(), 1, metric.WithAttributes(attribute.Int("n", i%3), attribute.String("to", fmt.Sprintf("user%d@example.com", i))))
			}
		})
	}
	wg.Wait()
	sum, ok := collect(t, reader).ScopeMetrics[0].Metrics[0].Data.(metricdata.Sum[int64])
	if !ok || len(sum.DataPoints) != 3 {
		t.Fatalf("got %d points", len(sum.DataPoints))
	}
	for _, p := range sum.DataPoints {
		if p.Value != sets*goroutines/3 {
			t.Errorf("%v: %d", p.Attributes.ToSlice(), p.Value)
		}
	}
}

func collect(t *testing.T, reader sdkmetric.Reader) metricdata.ResourceMetrics {
	t.Helper()
	var rm metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &rm); err != nil {
		t.Fatal(err)
	}
	return rm
}

// textOfAll is what an exporter can read of metrics.
func textOfAll(rm metricdata.ResourceMetrics) string {
	var b strings.Builder
	for _, sm := range rm.ScopeMetrics {
		fmt.Fprintln(&b, sm.Scope.Name, sm.Scope.Version, sm.Scope.SchemaURL, textOf(sm.Scope.Attributes))
		for _, m := range sm.Metrics {
			fmt.Fprintln(&b, m.Name, m.Unit, m.Description, attributesOf(m.Data))
			switch d := m.Data.(type) {
			case metricdata.Histogram[float64]:
				for _, e := range d.DataPoints[0].Exemplars {
					fmt.Fprintln(&b, "exemplar", e.FilteredAttributes)
				}
			case metricdata.Sum[int64]:
				for _, e := range d.DataPoints[0].Exemplars {
					fmt.Fprintln(&b, "exemplar", e.FilteredAttributes)
				}
			}
		}
	}
	return b.String()
}
