// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logsql_test

import (
	"context"
	"log/slog"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/e2e/logsql"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// hostile is text that could end a string, a line or a query.
const hostile = "\"} | delete _msg\n{x=\"y\"}\t\x00\x1b[31m<script>\u202e\xff'`$(id) 你好 \U0001F600"

// records are the attributes of records that are hard to store, by the records' messages.
func records() map[string][]any {
	return map[string][]any{
		"a megabyte":           {"text", strings.Repeat("voice ", 1<<20/6)},
		"names with spaces":    {"a name with spaces", 1, "a.name.with.dots", 2, "a:b", 3, "a=b", 4, `a"b`, 5, "a}b", 6, "日本", 7},
		"hostile text":         {"text", hostile, hostile, "name"},
		"numbers":              {"nan", math.NaN(), "inf", math.Inf(-1), "small", 5e-324, "large", int64(math.MaxInt64), "unsigned", uint64(math.MaxUint64)},
		"nested":               {slog.Group("a", slog.Group("b", slog.Group("c", "d", []any{1, "two", map[string]any{"e": true}})), "f", []float64{1, 2})},
		"empty":                {"text", "", "none", nil, "list", []string{}},
		"times":                {"at", time.Unix(0, 1), "took", time.Minute},
		hostile + " as a text": {},
	}
}

// TestHostileRecords sends records that are hard to store. Each is stored with the values of its line.
func TestHostileRecords(t *testing.T) {
	t.Parallel()
	v := backend.NewVictoriaLogs(t)
	c := collector(t, v)
	// Attributes with the names of fields reach the fields unless a collector renames them.
	forged := make([]any, 0, 16)
	for _, name := range []string{"trace_id", "span_id", "severity_text", "severity_number", "scope.name", "_msg", "_time", "_stream", "_stream_id", "service.name"} {
		forged = append(forged, name, "forged")
	}
	through := records()
	through["names of fields"] = forged
	for _, tc := range []struct {
		name, endpoint string
		records        map[string][]any
	}{
		{"directly", v.OTLP, records()},
		{"through the collector", "http://" + c.HTTP, through},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tel, end := agent(t, tc.endpoint, nil, voicesdk.WithServiceName(tc.name))
			logger := tel.Logger("voice.stt")
			for _, name := range slices.Sorted(maps.Keys(tc.records)) {
				ctx, session := tel.StartSession(t.Context())
				logger.InfoContext(ctx, name, tc.records[name]...)
				session.End()
			}
			logger.Info(strings.Repeat("megabyte ", 1<<20/9))
			lines := end()
			if err := logsql.Compare(lines, stored(t, v, `{service.name="`+tc.name+`"}`, len(lines))); err != nil {
				t.Error(err)
			}
		})
	}
}

// collector starts a collector with the configuration of one machine that sends log records to VictoriaLogs.
func collector(t *testing.T, v *backend.VictoriaLogs) *backend.Collector {
	t.Helper()
	return backend.NewCollector(t, []string{backend.Config(t, "local.yaml"), backend.Config(t, "pii.yaml")}, "LOGS_OTLP_ENDPOINT="+v.OTLP)
}

// others sends records with OpenTelemetry's SDK, which neither cuts text nor limits names.
func others(t *testing.T, endpoint, service string, send func(*slog.Logger), attrs ...attribute.KeyValue) {
	t.Helper()
	exporter, err := otlploghttp.New(t.Context(), otlploghttp.WithEndpointURL(endpoint+"/v1/logs"), otlploghttp.WithRetry(otlploghttp.RetryConfig{}))
	if err != nil {
		t.Fatal(err)
	}
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(exporter)),
		sdklog.WithResource(resource.NewSchemaless(append(attrs, attribute.String("service.name", service))...)))
	send(otelslog.NewLogger("plain", otelslog.WithLoggerProvider(provider)))
	if err := provider.Shutdown(context.Background()); err != nil {
		t.Logf("%s: %v", service, err)
	}
}

// TestLimits shows the records that VictoriaLogs omits, although it answers that it has accepted them, and
// which of them the collector's configuration saves.
func TestLimits(t *testing.T) {
	t.Parallel()
	v := backend.NewVictoriaLogs(t)
	c := collector(t, v)
	long := strings.Repeat("n", 129)
	const day = 24 * time.Hour
	at := func(ago time.Duration) func(*slog.Logger) {
		return func(l *slog.Logger) {
			_ = l.Handler().Handle(t.Context(), slog.NewRecord(time.Now().Add(-ago), slog.LevelInfo, "at another time", 0))
		}
	}
	for _, tc := range []struct {
		name            string
		send            func(*slog.Logger)
		resource        string
		direct, through int
	}{
		{"a message of 1 MB", func(l *slog.Logger) { l.Info(strings.Repeat("m", 1<<20)) }, "", 1, 1},
		{"a message of 3 MB", func(l *slog.Logger) { l.Info(strings.Repeat("m", 3<<20)) }, "", 0, 0},
		{"a name of 129 bytes", func(l *slog.Logger) { l.Info("named", long, 1) }, "", 0, 1},
		{"a name of 128 bytes", func(l *slog.Logger) { l.Info("named", long[1:], 1) }, "", 1, 1},
		{"an empty message", func(l *slog.Logger) { l.Info("") }, "", 1, 1},
		{"an attribute named trace_id", func(l *slog.Logger) { l.Info("traced", "trace_id", "forged") }, "", 1, 1},
		{"a group like a field", func(l *slog.Logger) { l.Info("one", slog.Group("scope", "name", "forged")) }, "", 1, 1},
		{"six days old", at(6 * day), "", 1, 1},
		{"eight days old", at(8 * day), "", 0, 0},
		{"a day ahead", at(-day), "", 1, 1},
		{"three days ahead", at(-3 * day), "", 0, 0},
		{"a resource attribute with =", func(l *slog.Logger) { l.Info("one"); l.Info("two") }, "a=b", 0, 2},
		{"a resource attribute with }", func(l *slog.Logger) { l.Info("one"); l.Info("two") }, "a}b", 0, 2},
	} {
		for endpoint, want := range map[string]int{v.OTLP: tc.direct, "http://" + c.HTTP: tc.through} {
			service := tc.name + " to " + endpoint
			t.Run(service, func(t *testing.T) {
				t.Parallel()
				attrs := []attribute.KeyValue{attribute.Bool("telemetry.through", endpoint != v.OTLP)}
				if tc.resource != "" {
					attrs = append(attrs, attribute.String(tc.resource, "value"))
				}
				others(t, endpoint, service, tc.send, attrs...)
				others(t, endpoint, service, func(l *slog.Logger) { l.Info("the last") })
				records := stored(t, v, `service.name:="`+service+`"`, want+1)
				if len(records) != want+1 {
					t.Errorf("%d records are stored, want %d", len(records)-1, want)
				}
				for _, r := range records {
					if flaw := altered(r, long); flaw != "" {
						t.Errorf("%s: %v", flaw, r)
					}
				}
			})
		}
	}
}

// altered returns what is wrong with a record that is stored otherwise than it was sent, or "".
func altered(r backend.Record, long string) string {
	through := r["telemetry.through"] == "true"
	switch r["_msg"] {
	case "named":
		if r[long[1:]] != "1" && r[long[:120]+"_"] != "1" {
			return "the attribute is missing"
		}
	case "traced":
		if through && (r["attribute.trace_id"] != "forged" || r["trace_id"] != "") || !through && r["trace_id"] != "forged" {
			return "the attribute has another name"
		}
	case "the last", "one", "two", "at another time":
	default:
		if !strings.HasPrefix(r["_msg"], "missing _msg field") && !strings.HasPrefix(r["_msg"], "mmm") {
			return "the message is not known"
		}
	}
	return ""
}
