// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package textlog_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/exporters/internal/logline/jsonenctest"
	"github.com/voice-agents/telemetry/exporters/textlog"
)

const head = `{"timestamp":"2024-01-01T12:00:00.000Z","level":"INFO","message":"m",`

func TestLines(t *testing.T) {
	const at = `{"timestamp":"2024-01-01T12:00:00.000Z","level":"INFO",`
	for _, tt := range []struct{ name, in, want string }{
		{
			"a turn", at + `"message":"turn completed","module":"voice.turn","phase":"turn_end","duration_ms":7200,"correlation_id":"550e8400-e29b-41d4-a716-446655440000",` +
				`"session_id":"sess_f5e6d7c8b9a0","turn_id":"turn_1","extra_data":{"voice.turn.outcome":"completed","voice.turn.response_latency":1.19,"voice.turn.segment.transcription":0.12,` +
				`"voice.turn.segment.generation":0.55,"voice.turn.segment.playout":0.004,"voice.turn.anchor":"vad"},"performance_metrics":{"duration_ms":7200,"success":true}}`,
			"12:00:00.000 INFO  turn           turn completed  waited 1.19 s: generation 0.55, …  550e8400 …b9a0",
		},
		{
			"a turn with room for all", at + `"message":"turn completed","module":"voice.turn","phase":"turn_end","extra_data":{"voice.turn.response_latency":1.19,"voice.turn.segment.playout":0.03,"voice.turn.segment.generation":0.55,"voice.turn.segment.synthesis":0.55}}`,
			"12:00:00.000 INFO  turn           turn completed  waited 1.19 s: generation 0.55, synthesis 0.55, …",
		},
		{
			"a slow turn", `{"timestamp":"2024-01-01T12:00:00.000Z","level":"WARN","message":"turn completed","module":"voice.turn","phase":"turn_end","extra_data":{"voice.turn.response_latency":5.2,"voice.turn.latency_budget":5,"voice.turn.segment.generation":4.55}}`,
			"12:00:00.000 WARN  turn           turn completed  waited 5.20 s: generation 4.55",
		},
		{
			"a turn over the budgets of segments", `{"timestamp":"2024-01-01T12:00:00.000Z","level":"WARN","message":"turn completed","module":"voice.turn","phase":"turn_end","extra_data":{"voice.turn.response_latency":2.2,"voice.turn.over_budget":["response","generation","synthesis"],"voice.turn.segment.generation":1.55}}`,
			"12:00:00.000 WARN  turn           turn completed  waited 2.20 s (over budget in generation, synthesis): generation 1.55",
		},
		{
			"a turn over the budget of the response alone", `{"timestamp":"2024-01-01T12:00:00.000Z","level":"WARN","message":"turn completed","module":"voice.turn","phase":"turn_end","extra_data":{"voice.turn.response_latency":2.2,"voice.turn.over_budget":["response"]}}`,
			"12:00:00.000 WARN  turn           turn completed  waited 2.20 s",
		},
		{
			"a turn without an answer, over the budget of a segment", `{"timestamp":"2024-01-01T12:00:00.000Z","level":"WARN","message":"turn abandoned","module":"voice.turn","phase":"turn_end","duration_ms":2500,"extra_data":{"voice.turn.over_budget":["response","generation"]}}`,
			"12:00:00.000 WARN  turn           turn abandoned  2.50 s, over budget in generation",
		},
		{
			"a turn without room", at + `"message":"turn interrupted","module":"voice.turn","phase":"turn_end","correlation_id":"550e8400-e29b-41d4-a716-446655440000","session_id":"sess_f5e6d7c8b9a0",` +
				`"extra_data":{"voice.turn.response_latency":1.19,"voice.turn.segment.generation":0.55,"voice.turn.segment.synthesis":0.45}}`,
			"12:00:00.000 INFO  turn           turn interrupted  waited 1.19 s: generation 0.55  550e8400 …b9a0",
		},
		{
			"a stage without room", at + `"message":"llm completed","module":"voice.llm","component":"gpt-4o-mini","phase":"stage_end","stage":"llm","duration_ms":380,"correlation_id":"550e8400-e29b-41d4-a716-446655440000","session_id":"sess_f5e6d7c8b9a0",` +
				`"extra_data":{"voice.llm.time_to_first_token":0.3,"gen_ai.usage.output_tokens":17}}`,
			"12:00:00.000 INFO  gpt-4o-mini    llm completed  0.38 s, first token 0.30 s  550e8400 …b9a0",
		},
		{"a turn whose wait is unknown", at + `"message":"turn completed","module":"voice.turn","phase":"turn_end","duration_ms":7200,"extra_data":{"voice.turn.index":1}}`, "12:00:00.000 INFO  turn           turn completed  7.20 s"},
		{
			"speech recognition", at + `"message":"stt completed","module":"voice.stt","component":"nova-3","component_type":"stt","phase":"stage_end","stage":"stt","duration_ms":1050,"extra_data":{"voice.stt.final_latency":0.25,"voice.stt.confidence":0.9,"voice.stage.attempt":2}}`,
			"12:00:00.000 INFO  nova-3         stt completed  1.05 s, final 0.25 s, attempt 2",
		},
		{
			"a model", at + `"message":"llm completed","module":"voice.llm","component":"gpt-4o-mini","phase":"stage_end","stage":"llm","duration_ms":380,"extra_data":{"gen_ai.response.time_to_first_chunk":0.3,"voice.llm.time_to_first_token":0.3,"gen_ai.usage.output_tokens":1}}`,
			"12:00:00.000 INFO  gpt-4o-mini    llm completed  0.38 s, first token 0.30 s, 1 token",
		},
		{
			"synthesis with a long name", at + `"message":"tts interrupted","module":"voice.tts","component":"eleven_flash_v2_5","phase":"stage_end","stage":"tts","duration_ms":66000,"extra_data":{"voice.tts.time_to_first_byte":0.0982,"voice.stage.attempt":1}}`,
			"12:00:00.000 INFO  eleven_flash_… tts interrupted  66.0 s, first byte 98 ms",
		},
		{
			"a session", at + `"message":"session ended","module":"voice.session","phase":"session_end","duration_ms":185000,"extra_data":{"voice.session.turn.count":4,"voice.session.interruption.count":1,"voice.session.end_reason":"user_hangup","team":"blue"}}`,
			"12:00:00.000 INFO  session        session ended  3m5s, 4 turns, user_hangup, 1 interruption  team=blue",
		},
		{
			"a request", at + `"message":"request answered","module":"voice.http","phase":"request_end","duration_ms":12.4,"correlation_id":"order-42","extra_data":{"http.request.method":"GET","url.path":"/greet/Ada","http.route":"/greet/{name}","http.response.status_code":200,"http.response.body.size":4}}`,
			"12:00:00.000 INFO  http           request answered  200 in 12 ms  GET /greet/{name}  order-42",
		},
		{
			"a request for a long path", at + `"message":"request received","module":"voice.http","phase":"request_start","correlation_id":"order-42","extra_data":{"http.request.method":"GET","url.path":"/` + strings.Repeat("a", 5000) + `"}}`,
			"12:00:00.000 INFO  http           request received  GET /" + strings.Repeat("a", 32) + "…  order-42",
		},
		{
			"an operation with its arguments", at + `"message":"cook completed","module":"voice.operation","component":"kitchen","component_type":"tool","phase":"operation_end","duration_ms":150,"extra_data":{"voice.operation.name":"cook","voice.operation.outcome":"completed","voice.operation.arguments":{"dish":"pie"},"audio_size":48000},"performance_metrics":{"duration_ms":150,"success":true,"audio_size_bytes":48000}}`,
			"12:00:00.000 INFO  kitchen        cook completed  0.15 s  dish=pie audio_size=48000",
		},
		{
			"work of its own", at + `"message":"resample","module":"voice.performance","duration_ms":0.04,"extra_data":{"voice.operation.name":"resample"},"performance_metrics":{"duration_ms":0.04,"success":true,"frames":150}}`,
			"12:00:00.000 INFO  voice.performance"[:len("12:00:00.000 INFO  ")+13] + "… resample  <0.1 ms  frames=150",
		},
		{
			"an error", `{"timestamp":"2024-01-01T12:00:00.000Z","level":"ERROR","message":"tts failed","module":"voice.tts","component":"tts-1","phase":"stage_end","stage":"tts","duration_ms":41,"extra_data":{"error.type":"503","error_code":"TTS_DOWN"},"exception":{"type":"*openai.Error",` +
				`"message":"synthesize: answered 503","chain":["*openai.Error: answered 503"],"stacktrace":"main.run()\n\t/app/main.go:38 +0x1d\nmain.main()\n\t/app/main.go:20\n"}}`,
			`12:00:00.000 ERROR tts-1          tts failed  41 ms  503: synthesize: answered 503  at main.run main.go:38  error_code=TTS_DOWN`,
		},
		{"an error of any type", head + `"module":"m","exception":{"type":"*fmt.wrapError","message":"load: refused"}}`, "12:00:00.000 INFO  m              m  load: refused"},
		{"two errors", head + `"module":"m","extra_data":{"err":"refused","cleanup":"busy"},"exception":{"type":"429","message":"refused"}}`, "12:00:00.000 INFO  m              m  429: refused  cleanup=busy"},
		{"an error without a message", head + `"module":"m","exception":{"type":"panic"}}`, "12:00:00.000 INFO  m              m  panic"},
		{"a class that the message repeats", head + `"module":"m","exception":{"type":"panic","message":"panic: boom"}}`, "12:00:00.000 INFO  m              m  panic: boom"},
		{"a long error", head + `"module":"m","exception":{"type":"E","message":"` + strings.Repeat("x", 500) + `"}}`, "12:00:00.000 INFO  m              m  E: " + strings.Repeat("x", 196) + "…"},
		{
			"a line of the program", head + `"module":"agent","function":"main.f","process_id":1,"session_id":"call-1","extra_data":{"confidence":0.95,"audio":{"codec":"pcm"},"list":[1,"a"],"voice.note":"x"}}`,
			`12:00:00.000 INFO  agent          m  confidence=0.95 audio.codec=pcm list="[1,\"a\"]" voice.note=x  call-1`,
		},
		{"a long value", head + `"module":"m","extra_data":{"text":"` + strings.Repeat("x", 100) + `"}}`, "12:00:00.000 INFO  m              m  text=" + strings.Repeat("x", 79) + "…"},
		{"several lines in a message", at + `"message":"first\nsecond\r\n\tthird","module":"m"}`, `12:00:00.000 INFO  m              first\nsecond\r\n\tthird`},
		{"wide runes", at + `"message":"予約","module":"voice.stt","component":"認識","extra_data":{"名":"山田"}}`, "12:00:00.000 INFO  認識           予約  名=山田"},
		{"a wide name that is too long", at + `"message":"m","module":"認識認識認識認識"}`, "12:00:00.000 INFO  認識認識認識…  m"},
		{"marks on runes", at + `"message":"m","module":"cafe\u0301"}`, "12:00:00.000 INFO  cafe\u0301           m"},
		{"another correlation ID", head + `"correlation_id":"customer-4711-eu-west","module":"m"}`, "12:00:00.000 INFO  m              m  customer…"},
		{"a correlation ID cut in a rune", head + `"correlation_id":"1234567é-4711-eu-west","module":"m"}`, "12:00:00.000 INFO  m              m  1234567…"},
		{"a session's ID cut in a rune", head + `"session_id":"sess_éxxxxx","module":"m"}`, "12:00:00.000 INFO  m              m  …xxxx"},
		{"a trace without a correlation ID", head + `"trace_id":"3bf8b157c4238eefe5ae4a66eca81c6b","module":"m"}`, "12:00:00.000 INFO  m              m  3bf8b157"},
		{"forged line", head + `"module":"m\n","extra_data":{"k\u001b":"a\nb","empty":""}}`, `12:00:00.000 INFO  m\n            m  k\x1b=a\nb empty=""`},
		{"level between", `{"timestamp":"2024-01-01T12:00:00.000Z","level":"DEBUG+1","message":"","module":"m"}`, `12:00:00.000 DEBUG+1 m              `},
		{"quotes", head + `"module":"m","extra_data":{"a":"x y","b":"x=y","c":"\"","d":"ü"}}`, `12:00:00.000 INFO  m              m  a="x y" b="x=y" c="\"" d=ü`},
		{"a negative number", head + `"module":"voice.turn","phase":"turn_end","extra_data":{"voice.turn.response_latency":-1}}`, "12:00:00.000 INFO  turn           m"},
		{"almost 100 s", head + `"module":"m","duration_ms":99960}`, "12:00:00.000 INFO  m              m  1m40s"},
		{"almost 10 s", head + `"module":"m","duration_ms":9996}`, "12:00:00.000 INFO  m              m  10.0 s"},
		{"almost 100 ms", head + `"module":"m","duration_ms":99.9}`, "12:00:00.000 INFO  m              m  0.10 s"},
		{"almost 10 ms", head + `"module":"m","duration_ms":9.96}`, "12:00:00.000 INFO  m              m  10 ms"},
		{"less than 10 ms", head + `"module":"m","duration_ms":9.94}`, "12:00:00.000 INFO  m              m  9.9 ms"},
		{"an age", head + `"module":"m","duration_ms":1e300}`, "12:00:00.000 INFO  m              m  2500000h0m0s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := textOf(t, []byte(tt.in), textlog.Options{Location: time.UTC})
			if got != tt.want+"\n" {
				t.Errorf("got  %swant %s", got, tt.want)
			}
		})
	}
}

// With details, the text has all fields.
func TestDetails(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{
			"all of it", `{"timestamp":"2024-01-01T12:00:00.000Z","level":"INFO","message":"stt completed",` +
				`"correlation_id":"550e8400-e29b-41d4-a716-446655440000","trace_id":"550e8400e29b41d4a716446655440000","span_id":"a1b2c3d4e5f60718",` +
				`"session_id":"sess_1","component":"whisper","component_type":"stt","module":"voice.stt","function":"main.f","line_number":145,"file_path":"/app/stt/whisper.go",` +
				`"process_id":1,"thread_id":2,"phase":"stage_end","stage":"stt","duration_ms":150,"extra_data":{"confidence":0.95,"audio":{"codec":"pcm"},"list":[1,"a"]},` +
				`"performance_metrics":{"duration_ms":150,"success":true}}`,
			"12:00:00.000 INFO  whisper        stt completed  0.15 s  module=voice.stt phase=stage_end stage=stt duration_ms=150 component_type=stt confidence=0.95 audio.codec=pcm " +
				`list="[1,\"a\"]" success=true  correlation_id=550e8400-e29b-41d4-a716-446655440000 span_id=a1b2c3d4e5f60718 session_id=sess_1 at=whisper.go:145`,
		},
		{
			"another trace", head + `"correlation_id":"order-42","trace_id":"3bf8b157c4238eefe5ae4a66eca81c6b","module":"m"}`,
			"12:00:00.000 INFO  m              m  correlation_id=order-42 trace_id=3bf8b157c4238eefe5ae4a66eca81c6b",
		},
		{
			"error", `{"timestamp":"2024-01-01T12:00:00.000Z","level":"ERROR","message":"m","module":"a.very.long.module.name","exception":{"type":"*net.OpError",` +
				`"message":"refused","chain":["a: b"],"stacktrace":"main.run()\n\t/app/main.go:38 +0x1d\nmain.main()\n\t/app/main.go:20\n"}}`,
			`12:00:00.000 ERROR a.very.long.m… m  *net.OpError: refused  at main.run main.go:38 < main.main main.go:20  caused_by="[\"a: b\"]"`,
		},
		{
			"method in the stack", head + `"module":"m","exception":{"type":"E","message":"e","stacktrace":"a/agent.(*Agent).Think(0x1, {0x2, 0x3})\n\t/app/agent.go:7 +0x1d\nagent.run[...](...)\n\t/app/run.go:9\ncreated by agent.Start in goroutine 7\n\t/app/run.go:5\n"}}`,
			`12:00:00.000 INFO  m              m  E: e  at agent.(*Agent).Think agent.go:7 < agent.run[...] run.go:9 < created by agent.Start in goroutine 7 run.go:5`,
		},
		{"long values", head + `"module":"m","extra_data":{"a":"` + strings.Repeat("x", 300) + `"},"exception":{"message":"` + strings.Repeat("y", 300) + `"}}`, "12:00:00.000 INFO  m              m  " + strings.Repeat("y", 300) + "  a=" + strings.Repeat("x", 300)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := textOf(t, []byte(tt.in), textlog.Options{Details: true, Location: time.UTC})
			if got != tt.want+"\n" {
				t.Errorf("got  %swant %s", got, tt.want)
			}
		})
	}
}

func TestColors(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{
			"a line", head + `"module":"m","session_id":"a","extra_data":{"k":"v"}}`,
			"\x1b[2m12:00:00.000\x1b[0m \x1b[32mINFO \x1b[0m \x1b[36mm             \x1b[0m m  \x1b[34mk=\x1b[0mv  \x1b[2ma\x1b[0m\n",
		},
		{
			"a slow turn", `{"timestamp":"2024-01-01T12:00:00.000Z","level":"WARN","message":"m","module":"m","phase":"turn_end","extra_data":{"voice.turn.response_latency":6}}`,
			"\x1b[2m12:00:00.000\x1b[0m \x1b[33mWARN \x1b[0m \x1b[36mm             \x1b[0m m  \x1b[33mwaited 6.00 s\x1b[0m\n",
		},
	} {
		if got := textOf(t, []byte(tt.in), textlog.Options{Colors: true, Location: time.UTC}); got != tt.want {
			t.Errorf("%s\ngot  %q\nwant %q", tt.name, got, tt.want)
		}
	}
}

func TestColorsFor(t *testing.T) {
	null, err := os.Open(os.DevNull) // A device, as a terminal is.
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, tt := range []struct {
		name, variable, value string
		want                  bool
	}{
		{"nothing set", "", "", true},
		{"NO_COLOR", "NO_COLOR", "1", false},
		{"empty NO_COLOR", "NO_COLOR", "", true},
		{"dumb terminal", "TERM", "dumb", false},
		{"other terminal", "TERM", "xterm", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			lookup := func(name string) (string, bool) {
				if name != tt.variable {
					return "", false
				}
				return tt.value, true
			}
			if got := textlog.ColorsFor(null, lookup); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if textlog.ColorsFor(&bytes.Buffer{}, lookup) {
				t.Error("a buffer is no terminal")
			}
		})
	}
}

type failing struct{ short bool }

func (f failing) Write(p []byte) (int, error) {
	if f.short {
		return len(p) - 1, nil
	}
	return 0, errors.New("full")
}

func TestFailingWriter(t *testing.T) {
	for _, w := range []failing{{false}, {true}} {
		var errs []error
		p := textlog.New(w, &textlog.Options{OnError: func(err error) { errs = append(errs, err) }})
		for range 2 {
			p.Logger("m").Emit(t.Context(), log.Record{})
		}
		if p.Dropped() != 2 || len(errs) != 1 || !strings.HasPrefix(errs[0].Error(), "textlog: write: ") {
			t.Errorf("%+v: %d lines were dropped, errors %v", w, p.Dropped(), errs)
		}
	}
}

// panicking is a context that panics.
type panicking struct{ context.Context }

func (panicking) Value(any) any { panic("no value") }

func TestPanickingContext(t *testing.T) {
	p := textlog.New(io.Discard, nil)
	p.Logger("m").Emit(panicking{t.Context()}, log.Record{})
	if p.Dropped() != 1 {
		t.Errorf("%d lines were dropped, want 1", p.Dropped())
	}
}

// torn accepts only part of the first line.
type torn struct{ bytes.Buffer }

func (w *torn) Write(p []byte) (int, error) {
	if w.Len() > 0 {
		return w.Buffer.Write(p)
	}
	n, _ := w.Buffer.Write(p[:1])
	return n, errors.New("full")
}

// A line after a truncated one starts on a new line.
func TestLineAfterATornOne(t *testing.T) {
	var out torn
	p := textlog.New(&out, nil)
	for range 3 {
		var r log.Record
		r.SetBody(attribute.StringValue("body"))
		p.Logger("m").Emit(t.Context(), r)
	}
	lines := strings.Split(out.String(), "\n")
	if len(lines) != 4 || len(lines[0]) != 1 || !strings.HasSuffix(lines[1], "body") || !strings.HasSuffix(lines[2], "body") || lines[3] != "" {
		t.Errorf("got %q", lines)
	}
}

func ExampleNew() {
	provider := textlog.New(os.Stdout, &textlog.Options{Location: time.UTC})
	var r log.Record
	r.SetTimestamp(time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC))
	r.SetSeverity(log.SeverityWarn)
	r.SetBody(attribute.StringValue("much noise"))
	r.AddAttributes(attribute.Float64("snr_db", 4.5))
	provider.Logger("voice.stt").Emit(context.Background(), r)
	// Output: 12:00:00.000 WARN  voice.stt      much noise  snr_db=4.5
}

// An encoder from the pool shows no data of an earlier record.
func TestRecordsDoNotMix(t *testing.T) {
	opts := textlog.Options{Details: true, Location: time.UTC}
	bare := []byte(head + `"module":"m"}`)
	want := textOf(t, bare, opts)
	for range 100 {
		textOf(t, []byte(turnLine), opts)
		if got := textOf(t, bare, opts); got != want {
			t.Fatalf("got %swant %s", got, want)
		}
	}
}

// FuzzEmit compares the text of a record with that of its JSON line.
func FuzzEmit(f *testing.F) {
	f.Add("m", "INFO", int64(9), int64(1704110400000), []byte{10, 's', 'e', 's', 's', 'i', 'o', 'n', '.', 'i', 'd', 4, 1, 'x'})
	f.Add("\xff\u2028", "FATAL+1", int64(-1), int64(-1<<62), []byte{1, 0xff, 2, 0, 1, 0xfe, 2, 1})
	f.Add("", "", int64(0), int64(0), []byte{0x43, 1, 1, 0x42, 10, 3, 0x41, 8, 200})
	f.Fuzz(func(t *testing.T, message, severityText string, severity, millis int64, data []byte) {
		var r log.Record
		r.SetBody(attribute.StringValue(message))
		r.SetSeverityText(severityText)
		r.SetSeverity(log.Severity(severity))
		r.SetTimestamp(time.UnixMilli(millis))
		keys := []string{
			"voice.correlation.id", "session.id", "request_id", "voice.component.name", "component_type", "code.line.number", "code.file.path", "voice.phase", "stage",
			"voice.duration", "duration_ms", "voice.performance", "exception.type", "exception.message", "voice.exception.chain", "exception.stacktrace", "voice.error.code",
			"voice.turn.response_latency", "voice.turn.segment.generation", "user.id", "voice.pipeline.id", "thread.id",
		}
		for s := jsonenctest.NewSource(data); !s.Empty(); {
			key := s.Text()
			if b := s.Byte(); b&1 == 0 {
				key = keys[int(b>>1)%len(keys)]
			}
			if key == "exception.type" && len(data)%3 == 0 {
				r.SetErr(errors.New(s.Text()))
			}
			r.AddAttributes(attribute.KeyValue{Key: attribute.Key(key), Value: s.Value()})
		}
		ctx := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{byte(len(data))}}))
		for _, opts := range []textlog.Options{{}, {Details: true, Location: time.UTC}} {
			checkText(t, data, emit(t, ctx, message, r, opts))
		}
	})
}

func BenchmarkEmit(b *testing.B) {
	for _, bench := range []struct{ name, line string }{
		{"small", head + `"module":"m","extra_data":{"a":1,"b":"c"}}`},
		{"turn", turnLine},
	} {
		b.Run(bench.name, func(b *testing.B) {
			ctx, module, r := recordOf(b, []byte(bench.line))
			logger := textlog.New(io.Discard, nil).Logger(module)
			b.ReportAllocs()
			for b.Loop() {
				logger.Emit(ctx, r)
			}
		})
	}
}

// turnLine is the end line of a turn, as a call writes it.
const turnLine = `{"timestamp":"2026-11-28T11:07:46.359Z","level":"INFO","message":"turn completed","correlation_id":"8b2ef05f-0dc2-b8f4-cc5f-3e5daac280c6",` +
	`"trace_id":"8b2ef05f0dc2b8f4cc5f3e5daac280c6","span_id":"7d38ab1142dfa7e8","request_id":"req_276ab7ed","session_id":"sess_69de0929b729","turn_id":"turn_bfb770b8cc1b",` +
	`"module":"voice.turn","function":"github.com/voice-agents/telemetry/otelvoice/voicepipe.endTurn","line_number":193,"file_path":"/app/otelvoice/voicepipe/reply.go",` +
	`"process_id":24673,"thread_id":24681,"pipeline_id":"voiceagent","phase":"turn_end","duration_ms":431.2,"extra_data":{"voice.turn.outcome":"completed",` +
	`"voice.turn.response_latency":1.19,"voice.turn.segment.transcription":0.12,"voice.turn.segment.endpointing":0.05,"voice.turn.segment.dispatch":0.001,` +
	`"voice.turn.segment.generation":0.55,"voice.turn.segment.aggregation":0.16,"voice.turn.segment.synthesis":0.3,"voice.turn.segment.playout":0.009,` +
	`"voice.turn.anchor":"vad","voice.turn.index":5,"voice.turn.initiator":"user"},"performance_metrics":{"duration_ms":431.2,"success":true,"response_latency_ms":1190}}`
