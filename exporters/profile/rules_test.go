// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package profile_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/exporters/profile"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// documented is what a project documents of an attribute.
type documented struct {
	key    string // A pattern.
	typ    attribute.Type
	values []string // The only ones, if there are any.
	form   func(string) error
}

func isJSON(text string) error {
	var object map[string]any
	return json.Unmarshal([]byte(text), &object)
}

// isNumbers checks a JSON object of numbers.
func isNumbers(text string) error {
	var object map[string]float64
	return json.Unmarshal([]byte(text), &object)
}

// isInstant checks a JSON string with a date in ISO 8601, in UTC and with milliseconds at most, as JavaScript's
// JSON.parse and Date read it.
func isInstant(text string) error {
	var date string
	if err := json.Unmarshal([]byte(text), &date); err != nil {
		return err
	}
	at, err := time.Parse(time.RFC3339Nano, date)
	if err == nil && (!strings.HasSuffix(date, "Z") || at.Nanosecond()%1e6 != 0) {
		err = errors.New("not in UTC, or finer than milliseconds")
	}
	return err
}

// rules are those of the projects. Each attribute of their name spaces must follow one.
var rules = map[profile.Profile][]documented{
	// content/integrations/native/opentelemetry.mdx of langfuse/langfuse-docs at 03c61f3, and
	// packages/shared/src/server/otel of langfuse/langfuse at 02d1011: ObservationTypeMapper.ts has the types. The server
	// at version 3.0 reads the time of the first output with JSON.parse alone.
	profile.Langfuse: {
		{`langfuse\.(session|user)\.id`, attribute.STRING, nil, nil},
		{`langfuse\.(release|version|trace\.name)`, attribute.STRING, nil, nil},
		{`langfuse\.trace\.metadata\.[a-z_]+`, attribute.STRING, nil, nil},
		{`langfuse\.observation\.metadata\.[a-z_]+`, attribute.STRING, nil, nil},
		{
			`langfuse\.observation\.type`, attribute.STRING,
			[]string{"span", "generation", "event", "embedding", "agent", "tool", "chain", "retriever", "guardrail", "evaluator"},
			nil,
		},
		{`langfuse\.observation\.level`, attribute.STRING, []string{"DEBUG", "DEFAULT", "WARNING", "ERROR"}, nil},
		{`langfuse\.observation\.(status_message|model\.name|input|output)`, attribute.STRING, nil, nil},
		{`langfuse\.observation\.(usage|cost)_details`, attribute.STRING, nil, isNumbers},
		{`langfuse\.observation\.completion_start_time`, attribute.STRING, nil, isInstant},
	},
	// spec/semantic_conventions.md of Arize-ai/openinference at 00e2b51.
	profile.OpenInference: {
		{
			`openinference\.span\.kind`, attribute.STRING,
			[]string{"LLM", "EMBEDDING", "CHAIN", "RETRIEVER", "RERANKER", "TOOL", "AGENT", "GUARDRAIL", "EVALUATOR", "PROMPT"},
			nil,
		},
		{`llm\.(model_name|request\.model_name|response\.model_name|system|provider|finish_reason)`, attribute.STRING, nil, nil},
		{`llm\.token_count\.(prompt|completion|total)`, attribute.INT64, nil, nil},
		{`llm\.token_count\.prompt_details\.(cache_read|cache_write|audio)`, attribute.INT64, nil, nil},
		{`llm\.token_count\.completion_details\.(reasoning|audio)`, attribute.INT64, nil, nil},
		{`llm\.cost\.total`, attribute.FLOAT64, nil, nil},
		{`llm\.invocation_parameters|metadata`, attribute.STRING, nil, isJSON},
		{`tool\.(name|description|id)`, attribute.STRING, nil, nil},
		{`(input|output)\.value|agent\.name|audio\.url`, attribute.STRING, nil, nil},
		{`(input|output)\.mime_type`, attribute.STRING, []string{"text/plain", "application/json"}, nil},
	},
	// agents/src/telemetry/trace_types.ts of livekit/agents-js at 0022fce.
	profile.LiveKit: {
		{`lk\.(agent_name|room_sid|speech_id|participant_id|participant_kind)`, attribute.STRING, nil, nil},
		{`lk\.sip\.(callID|callStatus|trunkID|ruleID)`, attribute.STRING, nil, nil},
		{`lk\.pii\.(room_name|participant_identity|response\.text|input_text|function_tool\.arguments|function_tool\.output)`, attribute.STRING, nil, nil},
		{`lk\.(e2e_latency|playout\.position|response\.ttft|response\.ttfb|transcription_delay|end_of_turn_delay)`, attribute.FLOAT64, nil, nil},
		{`lk\.(interrupted|function_tool\.is_error)`, attribute.BOOL, nil, nil},
		{`lk\.interruption\.source`, attribute.STRING, []string{"audio_activity", "user_turn", "programmatic"}, nil},
		{`lk\.(retry_count|generation_count)`, attribute.INT64, nil, nil},
		{`lk\.provider_request_ids`, attribute.STRINGSLICE, nil, nil},
		{`lk\.function_tool\.(name|id)`, attribute.STRING, nil, nil},
		{`gen_ai\.(request\.model|provider\.name)`, attribute.STRING, nil, nil},
	},
}

// What the profiles add has the documented names, types and values.
func TestAttributesFollowTheRules(t *testing.T) {
	for p, rules := range rules {
		out, originals := exported(t, p, otelvoice.WithContentCapture())
		had := make(map[attribute.Key]bool)
		for _, s := range originals {
			for _, kv := range s.Attributes() {
				had[kv.Key] = true
			}
		}
		for _, s := range out {
			for _, kv := range s.Attributes() {
				if !had[kv.Key] {
					if err := follow(rules, kv); err != nil {
						t.Errorf("%s: %s: %v", p, s.Name(), err)
					}
				}
			}
		}
	}
}

func follow(rules []documented, kv attribute.KeyValue) error {
	for _, r := range rules {
		if !regexp.MustCompile("^(" + r.key + ")$").MatchString(string(kv.Key)) {
			continue
		}
		if kv.Value.Type() != r.typ {
			return fmt.Errorf("%s is a %s, want %s", kv.Key, kv.Value.Type(), r.typ)
		}
		if r.values != nil && !slices.Contains(r.values, kv.Value.AsString()) {
			return fmt.Errorf("%s is %q, want one of %s", kv.Key, kv.Value.AsString(), r.values)
		}
		if r.form != nil {
			if err := r.form(kv.Value.AsString()); err != nil {
				return fmt.Errorf("%s is %q: %w", kv.Key, kv.Value.AsString(), err)
			}
		}
		return nil
	}
	return fmt.Errorf("%s is not documented", kv.Key)
}

func text(s sdktrace.ReadOnlySpan, key attribute.Key) string {
	for _, kv := range s.Attributes() {
		if kv.Key == key {
			return kv.Value.String()
		}
	}
	return ""
}

// Langfuse: a trace has one root, whose agent names it. Each span has the session, for its filters. What is charged is a
// generation with a model; sums are not charged again.
func TestLangfuse(t *testing.T) {
	out, _ := exported(t, profile.Langfuse, otelvoice.WithContentCapture())
	roots, costs := 0, 0
	for _, s := range out {
		if !s.Parent().SpanID().IsValid() {
			roots++
			if got := text(s, "langfuse.trace.name"); got != "concierge" {
				t.Errorf("the root names the trace %q", got)
			}
		}
		if text(s, "langfuse.session.id") != "call-1" {
			t.Errorf("%s has no session", s.Name())
		}
		typ := text(s, "langfuse.observation.type")
		if typ == "" {
			t.Errorf("%s has no type", s.Name())
		}
		if text(s, "langfuse.observation.cost_details") != "" {
			costs++
			if typ != "generation" || text(s, "langfuse.observation.model.name") == "" {
				t.Errorf("%s has a cost and is a %s", s.Name(), typ)
			}
			if text(s, semconv.VoiceCostCurrencyKey) != "USD" {
				t.Errorf("%s: a cost is not in dollars", s.Name())
			}
		}
		if level := text(s, "langfuse.observation.level"); (s.Status().Code == codes.Error) != (level == "ERROR") {
			t.Errorf("%s has the level %q and the status %v", s.Name(), level, s.Status())
		}
	}
	if roots != 1 || costs != 3 {
		t.Errorf("there are %d roots and %d costs, want 1 and 3", roots, costs)
	}
}

// With a trace for each turn, each has a name.
func TestLangfuseNamesEachTrace(t *testing.T) {
	out, _ := exported(t, profile.Langfuse, otelvoice.WithTracePerTurn())
	for _, s := range out {
		if root := !s.Parent().SpanID().IsValid(); root && s.Name() == "voice.turn" && text(s, "langfuse.trace.name") != "concierge" {
			t.Error("a turn that is a root does not name its trace")
		}
	}
}

// OpenInference: "openinference.span.kind is required for all OpenInference spans", and llm.system for LLM spans
// (spec/llm_spans.md).
func TestOpenInference(t *testing.T) {
	out, _ := exported(t, profile.OpenInference)
	for _, s := range out {
		kind := text(s, "openinference.span.kind")
		if kind == "" || kind == "LLM" && text(s, "llm.system") == "" || kind == "TOOL" && text(s, "tool.name") == "" {
			t.Errorf("%s is a %q, with llm.system %q and tool.name %q", s.Name(), kind, text(s, "llm.system"), text(s, "tool.name"))
		}
		if strings.HasPrefix(s.Name(), "voice.") && text(s, "session.id") != "call-1" {
			t.Errorf("%s has no session.id", s.Name())
		}
	}
}
