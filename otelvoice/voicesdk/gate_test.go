// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/redact"
)

// planted is a pair of secrets of one kind.
type planted struct{ name, secret, other, marker string }

var plantedSecrets = []planted{
	{"e-mail addresses", "ada@example.com", "bob@example.com", "[REDACTED:email]"},
	{"phone numbers", "+14155550123", "+4930901820123", "[REDACTED:phone]"},
	{"keys of a service", "sk-proj-0123456789abcdefghij", "sk-proj-9876543210zyxwvutsrq", "[REDACTED:api_key]"},
}

// innocents are names that resemble secrets and must not be redacted.
var innocents = []string{"load menu 7", "gpt-4o-mini", "order-4711", "img@2x", "voice.session", "node-7.internal"}

// nameEverything uses the secrets as names and keys wherever a program can set one.
func nameEverything(ctx context.Context, t *testing.T, tel *voicesdk.SDK, p planted) {
	t.Helper()
	ctx, session := tel.StartSession(ctx, otelvoice.WithSessionID("call of "+p.secret), otelvoice.WithChannel("line "+p.secret), otelvoice.WithPipelineID("pipe "+p.secret),
		otelvoice.WithAttributes(attribute.Int(p.secret, 1), attribute.Int(p.other, 2), attribute.Int("order-4711", 3)))
	ctx, turn := session.StartTurn(ctx)
	_, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: "at " + p.secret, Name: "for " + p.secret})
	llm.End(errors.New("no answer for " + p.secret))
	_, tool := turn.StartTool(ctx, "dial "+p.secret)
	tool.End(nil)
	_, stage := turn.StartLLM(ctx, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"})
	stage.End(nil)
	for _, name := range []string{"op " + p.secret, "op " + p.other, "load menu 7"} {
		call := otelvoice.Wrap(name, func(context.Context, map[string]any) (int, error) { return 0, nil }, otelvoice.WithArguments())
		_, _ = call(tel.Context(ctx), map[string]any{p.secret: 1, p.other: map[string]any{p.other: 2, "img@2x": 3}})
	}
	turn.End()
	session.Fail(errors.New("call of " + p.secret))

	logger := tel.Logger("module "+p.secret).With(p.secret, 1, p.other, 2).With(p.secret, 3)
	logger.InfoContext(ctx, "line", p.other, 4, slog.Group(p.secret, p.secret, 5, p.other, 6, "img@2x", 7), "nested", map[string]any{"a": map[string]any{p.secret: 8, p.other: 9}})
	logger.WithGroup(p.secret).WithGroup("inner").WarnContext(ctx, "grouped", p.secret, 10, "order-4711", 11)

	var record log.Record
	record.SetEventName("event " + p.secret)
	record.SetSeverityText("INFO " + p.secret)
	record.SetSeverity(log.SeverityInfo)
	record.SetBody(attribute.MapValue(attribute.Int(p.secret, 12), attribute.Int(p.other, 13)))
	record.AddAttributes(attribute.Int(p.secret, 14), attribute.Int(p.other, 15))
	tel.LoggerProvider().Logger("scope "+p.secret, log.WithInstrumentationVersion("v1 "+p.secret), log.WithSchemaURL("https://x/"+"?q= "+p.secret),
		log.WithInstrumentationAttributes(attribute.String(p.secret, p.secret))).Emit(ctx, record)

	tracer := tel.TracerProvider().Tracer("tracer "+p.secret, trace.WithInstrumentationVersion("v1 "+p.secret), trace.WithSchemaURL("https://x/?q= "+p.secret),
		trace.WithInstrumentationAttributes(attribute.String(p.secret, p.secret)))
	_, span := tracer.Start(ctx, "span "+p.secret, trace.WithAttributes(attribute.Int(p.secret, 16)), trace.WithLinks(trace.Link{
		SpanContext: trace.SpanContextFromContext(ctx), Attributes: []attribute.KeyValue{attribute.Int(p.secret, 17)},
	}))
	span.SetAttributes(attribute.Int(p.other, 18), attribute.Int64("card", 4111111111111111))
	span.AddEvent("event "+p.secret, trace.WithAttributes(attribute.Int(p.secret, 19), attribute.Int(p.other, 20)))
	span.End()

	meter := tel.MeterProvider().Meter("meter "+p.secret, metric.WithInstrumentationVersion("v1 "+p.secret), metric.WithInstrumentationAttributes(attribute.String(p.secret, p.secret)))
	counter, err := meter.Int64Counter("calls", metric.WithDescription("calls of "+p.secret), metric.WithUnit("{"+p.secret+"}"))
	if err != nil {
		t.Error(err)
	}
	for _, who := range []string{p.secret, p.other} {
		counter.Add(ctx, 1, metric.WithAttributes(attribute.String("to", who), attribute.Bool("order-4711", true)))
		counter.Add(ctx, 1, metric.WithAttributes(attribute.Int(who, 1)))
	}
	gauge, err := meter.Float64ObservableGauge("level", metric.WithFloat64Callback(func(_ context.Context, o metric.Float64Observer) error {
		o.Observe(1, metric.WithAttributes(attribute.String("to", p.secret)))
		return nil
	}))
	if err != nil || gauge == nil {
		t.Error(err)
	}
	session.OnTurn(func(*otelvoice.Turn) func() { panic("no line to " + p.secret) })
	_, late := session.StartTurn(ctx)
	late.End()
	session.End()
}

// Names and keys are redacted like values, in each output.
func TestNamesAndKeysAreRedacted(t *testing.T) {
	for _, p := range plantedSecrets {
		for _, format := range []string{"json", "text", "otel"} {
			t.Run(p.name+"/"+format, func(t *testing.T) {
				r := otlptest.NewReceiver(t)
				var out lockedBuffer
				tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&out), voicesdk.WithServiceName("agent of "+p.secret),
					voicesdk.WithServiceVersion("v1 "+p.secret), voicesdk.WithLogLevel(slog.LevelDebug), voicesdk.WithPrometheus(),
					voicesdk.WithResourceAttributes(attribute.Int(p.secret, 1), attribute.Int(p.other, 2), attribute.String("host.name", "node-7.internal"),
						attribute.StringSlice("process.command_args", []string{"agent", "--password", "hunter2", "-v"})),
					variables("OTEL_EXPORTER_OTLP_ENDPOINT", r.HTTPEndpoint(), "LOG_FORMAT", format, "OTEL_RESOURCE_ATTRIBUTES", "team=of "+p.secret+","+p.secret+"=x"))
				if err != nil {
					t.Fatal(err)
				}
				nameEverything(t.Context(), t, tel, p)
				scraped := scrape(tel).Body.String()
				if err := tel.Shutdown(t.Context()); err != nil {
					t.Fatal(err)
				}
				outputs := map[string]string{
					"lines": string(bytes.Join(out.lines(), []byte("\n"))), "scrape": scraped, "health": fmt.Sprintf("%+v", tel.Health()), "settings": tel.Config().String(),
				}
				for _, m := range r.Messages() {
					data, err := json.Marshal(m)
					if err != nil {
						t.Fatal(err)
					}
					outputs[string(m.ProtoReflect().Descriptor().Name())] += string(data)
				}
				if len(outputs) != 7 {
					t.Errorf("got %d outputs", len(outputs))
				}
				all := ""
				for name, output := range outputs {
					all += output
					for _, secret := range []string{p.secret, strings.TrimPrefix(p.secret, "+"), p.other, "hunter2", "4111111111111111"} {
						if i := strings.Index(output, secret); i >= 0 {
							t.Errorf("%s: %s is in …%s…", name, secret, output[max(0, i-80):min(len(output), i+80)])
						}
					}
					if name != "health" && name != "settings" && !strings.Contains(output, p.marker) {
						t.Errorf("%s: there is no %s", name, p.marker)
					}
				}
				for _, innocent := range innocents {
					if !strings.Contains(all, innocent) {
						t.Errorf("%s is lost", innocent)
					}
				}
				checkLines(t, format, out.lines(), p)
				checkSeries(t, scraped)
				checkRequests(t, r, p)
			})
		}
	}
}

// checkLines checks that no attribute of a line replaced another.
func checkLines(t *testing.T, format string, lines [][]byte, p planted) {
	t.Helper()
	want := p.marker + "_2"
	switch format {
	case "json": // The logger's secrets get the suffixes _2 and _3, because redaction made their keys equal.
		want = fmt.Sprintf(`"%s_4":4,"%[1]s_5":{"%[1]s":5,"%[1]s_2":6,"img@2x":7},"nested":{"a":{"%[1]s":8,"%[1]s_2":9}}`, p.marker)
	case "text":
		want += "=2"
	}
	for _, line := range lines {
		if bytes.Contains(line, []byte(want)) {
			return
		}
	}
	t.Errorf("no line has %s:\n%s", want, bytes.Join(lines, []byte("\n")))
}

// checkSeries checks that series that differed only in a secret are merged.
func checkSeries(t *testing.T, scraped string) {
	t.Helper()
	series := 0
	for line := range strings.Lines(scraped) {
		if strings.HasPrefix(line, "calls_total{") {
			series++
			if !strings.Contains(line, "} 2.0") {
				t.Errorf("got %s", line)
			}
		}
	}
	if series != 2 {
		t.Errorf("got %d series of calls:\n%s", series, scraped)
	}
	if n := strings.Count(scraped, `voice_operation_duration_seconds_count{`); n != 2 {
		t.Errorf("got %d series of operations, want one of the secret names and one other", n)
	}
}

func checkRequests(t *testing.T, r *otlptest.Receiver, p planted) {
	t.Helper()
	found := 0
	for _, s := range r.AllSpans() {
		attrs := otlptest.Attributes(s.GetAttributes())
		if strings.HasPrefix(s.GetName(), "span ") {
			found++
			if attrs[p.marker] != int64(16) || attrs[p.marker+"_2"] != int64(18) || attrs["card"] != "[REDACTED:card]" {
				t.Errorf("a span has %v", attrs)
			}
		}
	}
	for _, l := range r.AllLogs() {
		if strings.HasPrefix(l.GetEventName(), "event ") {
			found++
			attrs := otlptest.Attributes(l.GetAttributes())
			body, _ := otlptest.Value(l.GetBody()).(map[string]any)
			if attrs[p.marker] != int64(14) || attrs[p.marker+"_2"] != int64(15) || body[p.marker] != int64(12) || body[p.marker+"_2"] != int64(13) {
				t.Errorf("a record has %v and the body %v", attrs, body)
			}
		}
	}
	if found != 2 {
		t.Errorf("found %d of 2", found)
	}
}

// The level handler names modules as log lines do, and repeats no secret of a request.
func TestLevelsOfModulesAreRedacted(t *testing.T) {
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole(), variables())
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, body := range []string{
		`{"level":"DEBUG","module":"agent.ada@example.com"}`, `{"level":"WARN","module":"agent.bob@example.com"}`, `{"level":"WARN","module":"voice.stt"}`,
		`{"level":"ada@example.com"}`, `{"level":"DEBUG","module":"no module bob@example.com"}`,
	} {
		w := httptest.NewRecorder()
		tel.LevelHandler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/levels", strings.NewReader(body)))
		all += w.Body.String()
	}
	if strings.Contains(all, "example.com") || strings.Count(all, `:"DEBUG"`) != 3 || !strings.Contains(all, "voice.stt") {
		t.Errorf("got %s", all)
	}
	if _, modules := tel.Levels(); len(modules) != 3 {
		t.Errorf("levels %v", modules)
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// The toolkit redacts measurements also with a meter provider of the program's own.
func TestMetricsOfBroughtProviderAreRedacted(t *testing.T) {
	const secret = "ada@example.com"
	for _, owned := range []bool{true, false} {
		for _, redacted := range []bool{true, false} {
			reader := sdkmetric.NewManualReader()
			opts := []voicesdk.Option{
				voicesdk.WithoutGlobals(), voicesdk.WithoutConsole(), voicesdk.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))), variables(),
			}
			if owned {
				opts = append(opts, voicesdk.WithOwnedProviders())
			}
			if !redacted {
				opts = append(opts, voicesdk.WithoutDefaultRedaction())
			}
			tel, err := voicesdk.Setup(t.Context(), opts...)
			if err != nil {
				t.Fatal(err)
			}
			counter, err := tel.MeterProvider().Meter("m of " + secret).Int64Counter("calls")
			if err != nil {
				t.Fatal(err)
			}
			counter.Add(t.Context(), 1, metric.WithAttributes(attribute.Int(secret, 1), attribute.String("to", secret), attribute.String("by", "sales")))
			_, op := tel.StartOperation(t.Context(), "op "+secret)
			op.End(nil)
			var rm metricdata.ResourceMetrics
			if err := reader.Collect(t.Context(), &rm); err != nil {
				t.Fatal(err)
			}
			if all := fmt.Sprintf("%+v", rm); strings.Contains(all, secret) == redacted || !strings.Contains(all, "sales") {
				t.Errorf("owned %v, redacted %v: %s", owned, redacted, all)
			}
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
}

// A user's ID is hashed in metrics, lines and spans, whatever its type.
func TestUserIDsAreHashed(t *testing.T) {
	r := otlptest.NewReceiver(t)
	var out lockedBuffer
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&out), voicesdk.WithPrometheus(),
		voicesdk.WithRedaction(redact.HashUserIDs([]byte("key"))), variables("OTEL_EXPORTER_OTLP_ENDPOINT", r.HTTPEndpoint()))
	if err != nil {
		t.Fatal(err)
	}
	ctx, session := tel.StartSession(otelvoice.ContextWithUserID(t.Context(), "9470011"), otelvoice.WithAttributes(attribute.Int("caller.user_id", 9470011)))
	tel.Logger("m").With("userId", 9470011).WithGroup("call").InfoContext(ctx, "line", "user_id", 9470011, "users", []any{map[string]any{"UserID": 9470011.0}},
		slog.Group("caller", slog.Any("user.id", []int64{9470011})))
	counter, err := tel.MeterProvider().Meter("m").Int64Counter("calls")
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(ctx, 1, metric.WithAttributes(attribute.Int("enduser.id", 9470011)))
	session.End()
	all := scrape(tel).Body.String()
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, m := range r.Messages() {
		all += fmt.Sprint(m)
	}
	all += string(bytes.Join(out.lines(), []byte("\n")))
	if i := strings.Index(all, "9470011"); i >= 0 {
		t.Errorf("an id is in …%s…", all[max(0, i-80):min(len(all), i+80)])
	}
	hash, _ := redact.New(redact.HashUserIDs([]byte("key"))).Attribute(attribute.Int("user.id", 9470011))
	if n := strings.Count(all, hash.Value.AsString()); n < 8 {
		t.Errorf("its hash is there %d times", n)
	}
}
