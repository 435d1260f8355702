// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// lineOf returns the only line of a phase.
func lineOf(t *testing.T, rec *voicetest.Recorder, phase string) (found map[string]any) {
	t.Helper()
	lines, err := rec.Lines()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if line["phase"] == phase {
			if found != nil {
				t.Fatalf("two lines of %s", phase)
			}
			found = line
		}
	}
	if found == nil {
		t.Fatalf("no line of %s among %v", phase, lines)
	}
	return found
}

// object returns a nested object of a line.
func object(line map[string]any, key string) map[string]any {
	o, _ := line[key].(map[string]any)
	return o
}

// spanAttribute returns an attribute of a span and whether it is present.
func spanAttribute(span sdktrace.ReadOnlySpan, key attribute.Key) (attribute.Value, bool) {
	for _, kv := range span.Attributes() {
		if kv.Key == key {
			return kv.Value, true
		}
	}
	return attribute.Value{}, false
}

// answerTurn records a turn: the user speaks for a second, waits, and hears the agent for a
// while.
func answerTurn(session *otelvoice.Session, waited, heard time.Duration) {
	_, turn := session.StartTurn(context.Background())
	defer turn.End()
	turn.Mark(otelvoice.UserStarted)
	<-time.After(time.Second)
	turn.Mark(otelvoice.UserStopped)
	if waited > 0 {
		<-time.After(waited)
		turn.Mark(otelvoice.AgentStarted)
	}
	<-time.After(heard)
}

// The end line of a turn has the response latency and the duration, and is WARN over the budget.
func TestFiguresOfATurn(t *testing.T) {
	for _, tt := range []struct {
		name          string
		waited, heard time.Duration
		opts          []voicesdk.Option
		level         string
		duration      any // 1 s of the user's speech, the wait and the answer.
		response      any
		budget        any
		abandoned     bool
	}{
		{name: "a wait of 5.2 s", waited: 5200 * time.Millisecond, heard: time.Second, level: "WARN", duration: 7200.0, response: 5200.0, budget: 5.0},
		{name: "a long answer after a short wait", waited: 800 * time.Millisecond, heard: time.Minute, level: "INFO", duration: 61800.0, response: 800.0},
		{name: "the budget itself", waited: 5 * time.Second, level: "INFO", duration: 6000.0, response: 5000.0},
		{name: "nothing heard", heard: 10 * time.Second, level: "WARN", duration: 11000.0, abandoned: true},
		{
			name: "another budget", waited: 1300 * time.Millisecond, level: "WARN", duration: 2300.0, response: 1300.0, budget: 1.2,
			opts: []voicesdk.Option{voicesdk.WithInstrumentation(otelvoice.WithLatencyBudget(1200 * time.Millisecond))},
		},
		{
			name: "a budget by variable", waited: 1300 * time.Millisecond, level: "WARN", duration: 2300.0, response: 1300.0, budget: 1.0,
			opts: []voicesdk.Option{variables("OTELVOICE_LATENCY_BUDGET", "1s")},
		},
		{
			name: "an option beats the variable", waited: 1300 * time.Millisecond, level: "INFO", duration: 2300.0, response: 1300.0,
			opts: []voicesdk.Option{variables("OTELVOICE_LATENCY_BUDGET", "1s"), voicesdk.WithInstrumentation(otelvoice.WithLatencyBudget(2 * time.Second))},
		},
		{
			name: "no budget", waited: time.Minute, level: "INFO", duration: 61000.0, response: 60000.0,
			opts: []voicesdk.Option{voicesdk.WithInstrumentation(otelvoice.WithoutLatencyBudget())},
		},
		{
			name: "no budget by variable", waited: time.Minute, level: "INFO", duration: 61000.0, response: 60000.0,
			opts: []voicesdk.Option{variables("OTELVOICE_LATENCY_BUDGET", "0")},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t, tt.opts...)
				_, session := tel.StartSession(t.Context())
				answerTurn(session, tt.waited, tt.heard)
				session.End()
				line := lineOf(t, rec, "turn_end")
				figures := object(line, "performance_metrics")
				if line["level"] != tt.level || line["duration_ms"] != tt.duration {
					t.Errorf("%v, %v ms, want %s, %v ms", line["level"], line["duration_ms"], tt.level, tt.duration)
				}
				if figures["duration_ms"] != tt.duration || figures["response_latency_ms"] != tt.response || figures["success"] != !tt.abandoned {
					t.Errorf("figures %v, want duration_ms %v, response_latency_ms %v", figures, tt.duration, tt.response)
				}
				if got := object(line, "extra_data")["voice.turn.latency_budget"]; got != tt.budget {
					t.Errorf("budget %v, want %v", got, tt.budget)
				}
				attr, ok := spanAttribute(rec.Named("voice.turn")[0], semconv.VoiceTurnLatencyBudgetKey)
				if ok != (tt.budget != nil) || ok && attr.AsFloat64() != tt.budget {
					t.Errorf("the span has budget %v (%v), want %v", attr, ok, tt.budget)
				}
				voicetest.Check(t, rec)
			})
		})
	}
}

// The budget does not change the level of a failed turn (ERROR) or an abandoned one (WARN).
func TestBudgetLeavesWorseLevels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t, voicesdk.WithInstrumentation(otelvoice.WithLatencyBudget(time.Second)))
		_, session := tel.StartSession(t.Context())
		_, turn := session.StartTurn(t.Context())
		turn.Mark(otelvoice.UserStopped)
		<-time.After(2 * time.Second)
		turn.Mark(otelvoice.AgentStarted)
		turn.Fail(errors.New("boom"))
		turn.End()
		session.End()
		line := lineOf(t, rec, "turn_end")
		if line["level"] != "ERROR" || object(line, "performance_metrics")["success"] != false {
			t.Errorf("got %v", line)
		}
	})
}

func TestFiguresOfASession(t *testing.T) {
	for _, tt := range []struct {
		name       string
		err        error
		waited     time.Duration
		firstAudio any
	}{
		{name: "completed", waited: 500 * time.Millisecond, firstAudio: 1500.0}, // A second of speech, then the wait.
		{name: "failed", err: errors.New("boom"), waited: 500 * time.Millisecond, firstAudio: 1500.0},
		{name: "never heard"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t)
				_, session := tel.StartSession(t.Context())
				answerTurn(session, tt.waited, 6*time.Second)
				session.Fail(tt.err)
				session.End()
				line := lineOf(t, rec, "session_end")
				figures := object(line, "performance_metrics")
				if figures["duration_ms"] != line["duration_ms"] || figures["success"] != (tt.err == nil) || figures["time_to_first_audio_ms"] != tt.firstAudio {
					t.Errorf("figures %v of %v", figures, line)
				}
			})
		})
	}
}

// Attributes set on an operation at its start and end are on its span and its log lines.
func TestAttributesOfAnOperation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t, voicesdk.WithLogLevel(slog.LevelDebug))
		_, op := tel.StartOperation(t.Context(), "transcribe",
			otelvoice.WithComponent("whisper", otelvoice.ComponentSTT),
			otelvoice.WithAttributes(attribute.Int("audio_size", 48000), attribute.String("api_key", "s3cret"), attribute.String("voice.operation.name", "forged")))
		<-time.After(1500 * time.Millisecond)
		op.SetAttributes(attribute.Int("text_length", 7), attribute.Float64("confidence", .5))
		op.SetAttributes(attribute.Float64("confidence", .95))
		op.End(nil)
		op.SetAttributes(attribute.Int("text_length", 8)) // Too late.

		start, end := lineOf(t, rec, "operation_start"), lineOf(t, rec, "operation_end")
		for _, line := range []map[string]any{start, end} {
			extra := object(line, "extra_data")
			if extra["audio_size"] != 48000.0 || extra["api_key"] != "[REDACTED]" || extra["voice.operation.name"] != "transcribe" ||
				line["component"] != "whisper" || line["component_type"] != "stt" {
				t.Errorf("got %v", line)
			}
		}
		if extra := object(start, "extra_data"); extra["text_length"] != nil {
			t.Errorf("the start line knows the end: %v", start)
		}
		if extra := object(end, "extra_data"); extra["text_length"] != 7.0 || extra["confidence"] != .95 {
			t.Errorf("got %v", end)
		}
		want := map[string]any{
			"duration_ms": 1500.0, "success": true, "throughput_bytes_per_second": 32000.0, // 48,000 bytes in 1.5 s.
			"audio_size_bytes": 48000.0, "text_length": 7.0, "confidence": .95,
		}
		if got := object(end, "performance_metrics"); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("figures %v, want %v", got, want)
		}
		span := rec.Named("transcribe")[0]
		for key, want := range map[attribute.Key]string{
			"audio_size": "48000", "text_length": "7", "confidence": "0.95", "api_key": "[REDACTED]",
			semconv.VoiceComponentNameKey: "whisper", semconv.VoiceComponentTypeKey: "stt",
		} {
			if got, ok := spanAttribute(span, key); !ok || got.String() != want {
				t.Errorf("the span has %s=%s, want %s", key, got.String(), want)
			}
		}
	})
}

// Implausible figures are left out of performance_metrics, but not of the attributes.
func TestBadFiguresOfAnOperation(t *testing.T) {
	for _, tt := range []struct {
		attr attribute.KeyValue
		want any // Under the figure's name.
		name string
	}{
		{attribute.Int("audio_size", -1), nil, "audio_size_bytes"},
		{attribute.String("audio_size", "48000"), nil, "audio_size_bytes"},
		{attribute.Float64("audio_size_bytes", 48000), 48000.0, "audio_size_bytes"},
		{semconv.VoiceAudioSize(48000), 48000.0, "audio_size_bytes"},
		{attribute.Float64("confidence", 1.5), nil, "confidence"},
		{attribute.Int("confidence", 0), 0.0, "confidence"},
		{semconv.VoiceSTTConfidence(.9), .9, "confidence"},
		{attribute.Float64("text_length", 1e300), nil, "text_length"},
		{semconv.VoiceTTSCharacters(12), 12.0, "text_length"},
		{attribute.Int("text_length", 0), 0.0, "text_length"},
	} {
		t.Run(string(tt.attr.Key)+"="+tt.attr.Value.String(), func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			_, op := tel.StartOperation(t.Context(), "work")
			op.SetAttributes(tt.attr)
			op.End(nil)
			if got := object(lineOf(t, rec, "operation_end"), "performance_metrics")[tt.name]; got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// Attributes that are set in a loop use no more memory than the attributes of a span.
func TestAttributesOfAnOperationAreBounded(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	_, op := tel.StartOperation(t.Context(), "work")
	for i := range 1000 {
		op.SetAttributes(attribute.Int(fmt.Sprintf("n%d", i), i), attribute.Int("same", i))
	}
	op.End(nil)
	extra := object(lineOf(t, rec, "operation_end"), "extra_data")
	if len(extra) != 128+2 || extra["same"] != 999.0 || extra["n0"] != 0.0 || extra["n999"] != nil {
		t.Errorf("%d attributes, same=%v", len(extra), extra["same"])
	}
}

// Wrap and Timed take a component as StartOperation does.
func TestComponentOfWrapAndTimed(t *testing.T) {
	component := otelvoice.WithComponent("menu-db", otelvoice.ComponentTool)
	for name, run := range map[string]func(context.Context){
		"Timed": func(ctx context.Context) {
			_, _ = otelvoice.Timed(ctx, "load menu", func(context.Context) (int, error) { return 1, nil }, component)
		},
		"Wrap": func(ctx context.Context) {
			_, _ = otelvoice.Wrap("load menu", func(context.Context, string) (int, error) { return 1, nil }, otelvoice.WithArguments(), component)(ctx, "today")
		},
	} {
		t.Run(name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			run(tel.Context(t.Context()))
			line := lineOf(t, rec, "operation_end")
			if line["component"] != "menu-db" || line["component_type"] != "tool" {
				t.Errorf("got %v", line)
			}
			if got, _ := spanAttribute(rec.Named("load menu")[0], semconv.VoiceComponentNameKey); got.AsString() != "menu-db" {
				t.Errorf("the span has component %q", got.AsString())
			}
		})
	}
}

// A configuration file with filters for other module names applies those that match, and warns if
// none does.
func TestFilterOfTheConfigurationFile(t *testing.T) {
	for _, tt := range []struct {
		name, filter string
		want         []string // Messages.
	}{
		{"voice_agents is voice", `["voice_agents.stt", "voice_agents.llm"]`, []string{"stt completed", "llm completed"}},
		{"voice_agents and all below", `["voice_agents.*"]`, []string{"stt completed", "llm completed", "turn completed", "session ended"}},
		{"no such module", `["voice_agents.speech"]`, []string{"telemetry: filter_modules: no module is named", "telemetry: filter_modules: \"voice_agents.speech\" matched no record"}},
		{"a module that logs nothing", `["voice.tool"]`, []string{"telemetry: filter_modules: \"voice.tool\" matched no record"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "log.json")
			if err := os.WriteFile(path, []byte(`{"level": "INFO", "format_type": "json", "filter_modules": `+tt.filter+`}`), 0o600); err != nil {
				t.Fatal(err)
			}
			tel, rec := voicetest.Setup(t, voicesdk.WithConfigFile(path))
			tel.Logger("agent").InfoContext(t.Context(), "started")
			ctx, session := tel.StartSession(t.Context())
			ctx, turn := session.StartTurn(ctx)
			_, stt := turn.StartSTT(ctx, nova3)
			stt.End(nil)
			_, llm := turn.StartLLM(ctx, gpt)
			llm.End(nil)
			turn.End()
			session.End()
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			lines, err := rec.Lines()
			if err != nil || len(lines) != len(tt.want) {
				t.Fatalf("%v, %v, want %q", lines, err, tt.want)
			}
			for i, line := range lines {
				if text, _ := line["message"].(string); !strings.HasPrefix(text, tt.want[i]) {
					t.Errorf("line %d is %q, want %q", i, text, tt.want[i])
				}
			}
		})
	}
}
