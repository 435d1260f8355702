// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package metricguard_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/internal/metric/metricguard"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// kinds creates each kind of instrument with a callback.
var kinds = map[string]func(m metric.Meter, callback func(context.Context) error) error{
	"Int64ObservableCounter": func(m metric.Meter, f func(context.Context) error) error {
		_, err := m.Int64ObservableCounter("bad", metric.WithUnit("s"), metric.WithDescription("d"), metric.WithInt64Callback(int64Callback(f)))
		return err
	},
	"Int64ObservableUpDownCounter": func(m metric.Meter, f func(context.Context) error) error {
		_, err := m.Int64ObservableUpDownCounter("bad", metric.WithUnit("s"), metric.WithDescription("d"), metric.WithInt64Callback(int64Callback(f)))
		return err
	},
	"Int64ObservableGauge": func(m metric.Meter, f func(context.Context) error) error {
		_, err := m.Int64ObservableGauge("bad", metric.WithUnit("s"), metric.WithDescription("d"), metric.WithInt64Callback(int64Callback(f)))
		return err
	},
	"Float64ObservableCounter": func(m metric.Meter, f func(context.Context) error) error {
		_, err := m.Float64ObservableCounter("bad", metric.WithUnit("s"), metric.WithDescription("d"), metric.WithFloat64Callback(float64Callback(f)))
		return err
	},
	"Float64ObservableUpDownCounter": func(m metric.Meter, f func(context.Context) error) error {
		_, err := m.Float64ObservableUpDownCounter("bad", metric.WithUnit("s"), metric.WithDescription("d"), metric.WithFloat64Callback(float64Callback(f)))
		return err
	},
	"Float64ObservableGauge": func(m metric.Meter, f func(context.Context) error) error {
		_, err := m.Float64ObservableGauge("bad", metric.WithUnit("s"), metric.WithDescription("d"), metric.WithFloat64Callback(float64Callback(f)))
		return err
	},
	"RegisterCallback": func(m metric.Meter, f func(context.Context) error) error {
		i, err := m.Int64ObservableGauge("bad", metric.WithUnit("s"), metric.WithDescription("d"))
		if err != nil {
			return err
		}
		x, err := m.Float64ObservableGauge("bad.too")
		if err != nil {
			return err
		}
		_, err = m.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
			if err := f(ctx); err != nil {
				return err
			}
			o.ObserveInt64(i, 1)
			o.ObserveFloat64(x, 1)
			return nil
		}, i, x)
		return err
	},
}

func int64Callback(f func(context.Context) error) metric.Int64Callback {
	return func(ctx context.Context, o metric.Int64Observer) error {
		if err := f(ctx); err != nil {
			return err
		}
		o.Observe(1, metric.WithAttributes(attribute.String("k", "v")))
		return nil
	}
}

func float64Callback(f func(context.Context) error) metric.Float64Callback {
	return func(ctx context.Context, o metric.Float64Observer) error {
		if err := f(ctx); err != nil {
			return err
		}
		o.Observe(1)
		return nil
	}
}

// collected returns the metrics that a reader receives, by name.
func collected(t *testing.T, reader sdkmetric.Reader) map[string]metricdata.Metrics {
	t.Helper()
	var rm metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &rm); err != nil {
		t.Fatalf("the export would be thrown away: %v", err)
	}
	found := make(map[string]metricdata.Metrics)
	for _, s := range rm.ScopeMetrics {
		for _, m := range s.Metrics {
			found[m.Name] = m
		}
	}
	return found
}

// A faulty callback affects only its own measurements.
func TestOneBadCallbackDoesNotCostTheExport(t *testing.T) {
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		for name, fault := range map[string]func() error{
			"error": func() error { return errors.New("no database") },
			"panic": func() error { panic("no database") },
		} {
			t.Run(kind+"/"+name, func(t *testing.T) {
				reader := sdkmetric.NewManualReader()
				provider := metricguard.New(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)), 0)
				var reported []string
				provider.Listen(func(err error) { reported = append(reported, err.Error()) })
				meter := provider.Meter("m")
				good, err := meter.Int64Counter("good")
				if err != nil {
					t.Fatal(err)
				}
				good.Add(t.Context(), 1)
				bad := true
				if err := kinds[kind](meter, func(context.Context) error {
					if bad {
						return fault()
					}
					return nil
				}); err != nil {
					t.Fatal(err)
				}
				for range 3 {
					if found := collected(t, reader); len(found) != 1 || found["good"].Data == nil {
						t.Errorf("got %v", found)
					}
				}
				who := map[bool]string{true: `"m"`, false: `"bad"`}[kind == "RegisterCallback"]
				if len(reported) != 1 || !strings.Contains(reported[0], "metric callback of "+who) || !strings.Contains(reported[0], "no database") {
					t.Errorf("reported %q", reported)
				}
				if n := provider.Failures(); n != 3 {
					t.Errorf("%d failures are counted, want 3", n)
				}
				bad = false
				if m := collected(t, reader)["bad"]; m.Data == nil || m.Unit != "s" || m.Description != "d" {
					t.Errorf("once it works it measures %+v", m)
				}
				bad = true
				collected(t, reader)
				if len(reported) != 2 {
					t.Errorf("a repeated fault was reported %d times", len(reported))
				}
			})
		}
	}
}

// A callback that hangs delays one collection, up to the limit, and blocks one goroutine.
func TestHangingCallbackDelaysOneExport(t *testing.T) {
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reader := sdkmetric.NewManualReader()
				provider := metricguard.New(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)), 0)
				var reported []string
				provider.Listen(func(err error) { reported = append(reported, err.Error()) })
				meter := provider.Meter("m")
				good, _ := meter.Int64Counter("good")
				good.Add(t.Context(), 1)
				hold := make(chan struct{})
				var calls atomic.Int32
				if err := kinds[kind](meter, func(context.Context) error {
					calls.Add(1)
					<-hold
					return nil
				}); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				for range 10 {
					if found := collected(t, reader); len(found) != 1 {
						t.Errorf("got %v", found)
					}
				}
				if took := time.Since(began); took != metricguard.DefaultLimit {
					t.Errorf("ten collections took %s, want %s for the first", took, metricguard.DefaultLimit)
				}
				if calls.Load() != 1 || len(reported) != 1 || !strings.Contains(reported[0], "has not returned") || provider.Failures() != 10 {
					t.Errorf("called %d times, reported %q, counted %d", calls.Load(), reported, provider.Failures())
				}
				close(hold)
				synctest.Wait()
				if found := collected(t, reader); calls.Load() != 2 || found["bad"].Data == nil {
					t.Errorf("after it has returned it was called %d times, and measured %v", calls.Load()-1, found["bad"])
				}
			})
		})
	}
}

// The collection's own deadline applies, too; a callback that it interrupts has not failed.
func TestCollectionThatEndsBeforeTheCallback(t *testing.T) {
	for _, cancelled := range []bool{true, false} {
		t.Run(fmt.Sprint("cancelled ", cancelled), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reader := sdkmetric.NewManualReader()
				provider := metricguard.New(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)), 0)
				provider.Listen(func(error) {})
				hold := make(chan struct{})
				var second atomic.Int32
				for _, f := range []func(context.Context) error{
					func(context.Context) error { <-hold; return nil },
					func(context.Context) error { second.Add(1); return nil },
				} {
					if err := kinds["Int64ObservableGauge"](provider.Meter("m"), f); err != nil {
						t.Fatal(err)
					}
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if cancelled {
					go cancel()
				}
				var rm metricdata.ResourceMetrics
				_ = reader.Collect(ctx, &rm)
				if want := map[bool]int64{true: 0, false: 1}[cancelled]; provider.Failures() != want || second.Load() != 0 {
					t.Errorf("%d failures, want %d; the second callback was called %d times after the end", provider.Failures(), want, second.Load())
				}
				close(hold)
				synctest.Wait()
			})
		})
	}
}

// Two readers may collect concurrently.
func TestReadersAtOnce(t *testing.T) {
	one, two := sdkmetric.NewManualReader(), sdkmetric.NewManualReader()
	provider := metricguard.New(sdkmetric.NewMeterProvider(sdkmetric.WithReader(one), sdkmetric.WithReader(two)), time.Minute)
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		if err := kinds[kind](provider.Meter(kind), func(context.Context) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for _, reader := range []sdkmetric.Reader{one, two, one, two} {
		wg.Go(func() {
			for range 50 {
				if found := collected(t, reader); len(found) != 2 {
					t.Errorf("got %d metrics", len(found))
					return
				}
			}
		})
	}
	wg.Wait()
	if n := provider.Failures(); n != 0 {
		t.Errorf("%d failures", n)
	}
}

// The guard adds no allocation to a measurement.
func TestInstrumentsAreThoseOfTheProvider(t *testing.T) {
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))
	guarded := metricguard.New(provider, 0)
	a, _ := provider.Meter("m").Int64Counter("c")
	b, _ := guarded.Meter("m").Int64Counter("c")
	if fmt.Sprintf("%T", a) != fmt.Sprintf("%T", b) {
		t.Errorf("got %T, want %T", b, a)
	}
}

func BenchmarkCallback(b *testing.B) {
	for _, guarded := range []bool{true, false} {
		b.Run(fmt.Sprint("guarded ", guarded), func(b *testing.B) {
			reader := sdkmetric.NewManualReader()
			var provider metric.MeterProvider = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
			if guarded {
				provider = metricguard.New(provider, 0)
			}
			if err := kinds["Int64ObservableGauge"](provider.Meter("m"), func(context.Context) error { return nil }); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			var rm metricdata.ResourceMetrics
			for b.Loop() {
				if err := reader.Collect(b.Context(), &rm); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
