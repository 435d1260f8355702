// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/voice-agents/telemetry/otelvoice"
)

// logOutputs is the number of outputs of log records: two of lines, syslog, OTLP, the spool, and the dead letters.
const logOutputs = 6

func (p *program) logger() *slog.Logger { return p.tel.Logger("agent") }

// logged returns a place in an attribute of a record.
func logged(name string, attr func(text string) slog.Attr) place {
	return one(name, logOutputs, func(p *program, i item) { p.logger().LogAttrs(p.Context(), slog.LevelInfo, "state", attr(i.text)) })
}

// unshown is a place whose size, but not content, is in the outputs.
func unshown(p place) place {
	p.least = 0
	return p
}

type valuer string

func (v valuer) LogValue() slog.Value { return slog.StringValue(string(v)) }

type deepValuer string

func (v deepValuer) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("inner", valuer(v)), slog.Any("list", []string{string(v)}))
}

type stringer struct{ text string }

func (s stringer) String() string { return s.text }

type textMarshaler struct{ text string }

func (m textMarshaler) MarshalText() ([]byte, error) { return []byte(m.text), nil }

type config struct {
	Name  string
	Inner struct{ Text string }
	List  []string
	Next  *config
}

// logPlaces are the places in log records.
func logPlaces() []place {
	return []place{
		one("log message", logOutputs, func(p *program, i item) { p.logger().InfoContext(p.Context(), i.text) }),
		one("log message of an error", logOutputs, func(p *program, i item) { p.logger().ErrorContext(p.Context(), i.text) }),
		logged("log attribute", func(text string) slog.Attr { return slog.String("state", text) }),
		logged("log attribute of recurring key", func(text string) slog.Attr { return slog.String("session.id", text) }),
		logged("log list", func(text string) slog.Attr { return slog.Any("states", []string{"ready", text}) }),
		logged("log list of anything", func(text string) slog.Attr { return slog.Any("states", []any{1, text}) }),
		logged("log map", func(text string) slog.Attr { return slog.Any("states", map[string]string{"a": text}) }),
		logged("log nested map", func(text string) slog.Attr {
			return slog.Any("states", map[string]any{"a": map[string]any{"b": []any{map[string]string{"c": text}}}})
		}),
		logged("log map key", func(text string) slog.Attr { return slog.Any("states", map[string]int{text: 1}) }),
		logged("log nested map key", func(text string) slog.Attr {
			return slog.Any("states", map[string]any{"a": []any{map[string]any{text: "x"}}})
		}),
		logged("log group", func(text string) slog.Attr { return slog.Group("g", slog.Group("h", slog.String("state", text))) }),
		logged("log group name", func(text string) slog.Attr { return slog.Group(text, slog.Int("n", 1)) }),
		logged("log attribute key", func(text string) slog.Attr { return slog.Int(text, 1) }),
		logged("log attribute key in a group", func(text string) slog.Attr { return slog.Group("g", slog.String(text, "x")) }),
		logged("LogValuer", func(text string) slog.Attr { return slog.Any("state", valuer(text)) }),
		logged("LogValuer of a group", func(text string) slog.Attr { return slog.Any("state", deepValuer(text)) }),
		logged("log error", func(text string) slog.Attr { return slog.Any("cause", errors.New(text)) }),
		logged("log error under the usual key", func(text string) slog.Attr { return slog.Any("error", errors.New(text)) }),
		logged("log error chain", func(text string) slog.Attr {
			return slog.Any("error", fmt.Errorf("call: %w", errors.Join(errors.New("one"), fmt.Errorf("llm: %w", errors.New(text)))))
		}),
		logged("error of the toolkit", func(text string) slog.Attr { return otelvoice.Error(errors.New(text)) }),
		logged("code of an error", func(text string) slog.Attr {
			return otelvoice.Error(errors.New("x"), otelvoice.ErrorCode(text), otelvoice.RecoveryAction(text))
		}),
		logged("log struct", func(text string) slog.Attr {
			c := config{Name: "a", List: []string{text}, Next: &config{Name: text}}
			c.Inner.Text = text
			return slog.Any("config", c)
		}),
		logged("log pointer to a struct", func(text string) slog.Attr { return slog.Any("config", &config{Name: text}) }),
		unshown(logged("log bytes", func(text string) slog.Attr { return slog.Any("body", []byte(text)) })),
		unshown(logged("log raw JSON", func(text string) slog.Attr {
			b, _ := json.Marshal(map[string]string{"text": text}) // It can be encoded.
			return slog.Any("body", json.RawMessage(b))
		})),
		logged("log Stringer", func(text string) slog.Attr { return slog.Any("state", stringer{text}) }),
		logged("log list of Stringers", func(text string) slog.Attr { return slog.Any("state", []fmt.Stringer{stringer{text}}) }),
		logged("log text marshaler", func(text string) slog.Attr { return slog.Any("state", textMarshaler{text}) }),
		logged("log header", func(text string) slog.Attr { return slog.Any("header", http.Header{"X-State": {text}}) }),
		one("attribute of the logger", logOutputs, func(p *program, i item) { p.logger().With("state", i.text).InfoContext(p.Context(), "state") }),
		one("key of the logger", logOutputs, func(p *program, i item) { p.logger().With(i.text, "x").InfoContext(p.Context(), "state") }),
		one("group of the logger", logOutputs, func(p *program, i item) {
			p.logger().WithGroup(i.text).InfoContext(p.Context(), "state", "n", 1)
		}),
		short(one("logger name", logOutputs, func(p *program, i item) { p.tel.Logger(i.text).InfoContext(p.Context(), "state") })),
		short(one("component name", logOutputs, func(p *program, i item) {
			p.tel.Logger("agent", otelvoice.Component(i.text, otelvoice.ComponentLLM)).InfoContext(p.Context(), "state")
		})),
		one("name of a performance line", logOutputs, func(p *program, i item) {
			p.tel.LogPerformance(p.Context(), i.text, otelvoice.Performance{})
		}),
	}
}

// valuePlaces are values of secret keys.
func valuePlaces() []place {
	under := func(name string, attr func(key, value string) slog.Attr) place {
		return one("under the key: "+name, logOutputs, func(p *program, i item) {
			key := i.key
			if key == "" {
				key = "note"
			}
			p.logger().LogAttrs(p.Context(), slog.LevelInfo, "state", attr(key, i.value))
		})
	}
	return []place{
		under("string", slog.String),
		under("list", func(k, v string) slog.Attr { return slog.Any(k, []string{v, v}) }),
		under("map", func(k, v string) slog.Attr { return slog.Any(k, map[string]string{"value": v}) }),
		under("group", func(k, v string) slog.Attr { return slog.Group(k, slog.String("value", v)) }),
		under("group in a group", func(k, v string) slog.Attr { return slog.Group("config", slog.Group(k, slog.String("value", v))) }),
		under("LogValuer", func(k, v string) slog.Attr { return slog.Any(k, deepValuer(v)) }),
		under("error", func(k, v string) slog.Attr { return slog.Any(k, errors.New(v)) }),
		unshown(under("bytes", func(k, v string) slog.Attr { return slog.Any(k, []byte(v)) })),
		under("Stringer", func(k, v string) slog.Attr { return slog.Any(k, stringer{v}) }),
		under("key of a map", func(k, v string) slog.Attr { return slog.Any("config", map[string]any{k: v}) }),
		under("key of a list of maps", func(k, v string) slog.Attr { return slog.Any("config", []any{map[string]any{k: []string{v}}}) }),
		under("key of a header", func(k, v string) slog.Attr { return slog.Any("header", http.Header{http.CanonicalHeaderKey(k): {v}}) }),
	}
}
