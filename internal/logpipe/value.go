// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"time"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/embedded"

	"github.com/voice-agents/telemetry/redact"
)

const (
	// maxGroups bounds how deep groups are followed: a person reads three
	// levels, and a cycle never ends.
	maxGroups = 16
	// maxMembers bounds how many members of groups one record follows: a group
	// that holds itself twice doubles with each level.
	maxMembers = 1024
)

// values makes OpenTelemetry's values of slog's, as the log bridge does.
type values struct {
	bridge   slog.Handler
	redactor *redact.Redactor
}

func newValues(redactor *redact.Redactor) *values {
	return &values{bridge: otelslog.NewHandler("", otelslog.WithLoggerProvider(catching{})), redactor: redactor}
}

// members are attributes on their way from slog's to OpenTelemetry's.
type members struct {
	attrs  []attribute.KeyValue
	err    error // The last one at the top, which is the record's and no attribute.
	nested bool
}

// add adds an attribute. Values are resolved to a bounded depth: a LogValuer that returns a
// group with itself inside would otherwise recurse until the stack is full, which no recover
// can stop. Audio is stopped here, before anybody takes it apart.
func (v *values) add(to *members, a slog.Attr, budget *int, depth int) {
	value := a.Value.Resolve() // Follows LogValuers and catches their panics.
	if value.Kind() == slog.KindAny {
		// An error whose key says that it is secret is not the record's: its message would be shown.
		if err, ok := value.Any().(error); ok && !to.nested && !v.redactor.Hides(attribute.Key(a.Key)) {
			to.err = err
			return
		}
		value, _ = shown(value)
	}
	if value.Kind() == slog.KindGroup {
		group := value.Group()
		if depth < maxGroups && len(group) <= *budget {
			*budget -= len(group)
			v.addGroup(to, a.Key, group, budget, depth)
			return
		}
		value = slog.StringValue("…")
	}
	if a.Key == "" && value.Any() == nil {
		return // An empty attribute is none.
	}
	to.attrs = append(to.attrs, attribute.KeyValue{Key: attribute.Key(a.Key), Value: v.of(value)})
}

func (v *values) addGroup(to *members, name string, group []slog.Attr, budget *int, depth int) {
	inner := to
	if name != "" { // Members of a group without a name stand where it does.
		inner = &members{attrs: make([]attribute.KeyValue, 0, len(group)), nested: true}
	}
	for _, member := range group {
		v.add(inner, member, budget, depth+1)
	}
	if inner != to {
		to.attrs = append(to.attrs, attribute.Map(name, inner.attrs...))
	}
}

// scalar returns a value that is one number, text or time, and whether it is.
func scalar(value *slog.Value) (_ attribute.Value, ok bool) {
	switch value.Kind() {
	case slog.KindString:
		return attribute.StringValue(value.String()), true
	case slog.KindInt64:
		return attribute.Int64Value(value.Int64()), true
	case slog.KindFloat64:
		return attribute.Float64Value(value.Float64()), true
	case slog.KindBool:
		return attribute.BoolValue(value.Bool()), true
	case slog.KindDuration:
		return attribute.Int64Value(value.Duration().Nanoseconds()), true
	case slog.KindTime:
		return attribute.Int64Value(value.Time().UnixNano()), true
	case slog.KindUint64:
		if u := value.Uint64(); u <= math.MaxInt64 {
			return attribute.Int64Value(int64(u)), true
		}
		return attribute.Float64Value(float64(value.Uint64())), true
	case slog.KindAny, slog.KindGroup, slog.KindLogValuer:
	}
	return attribute.Value{}, false
}

// of returns a value that is no group and no LogValuer.
func (v *values) of(value slog.Value) attribute.Value {
	if made, ok := scalar(&value); ok {
		return made
	}
	if err, ok := value.Any().(error); ok { // In a group; elsewhere it is not asked for.
		return attribute.StringValue(errorText(err))
	}
	return v.bridged(value)
}

// errorText guards against methods that panic, as that of a nil pointer may.
func errorText(err error) (text string) {
	defer func() {
		if recover() != nil {
			text = "(Error method panicked)"
		}
	}()
	return err.Error()
}

// bridged has the bridge make the value of any type: structs, maps, lists and what not. It
// goes through them by reflection, and calls their methods.
func (v *values) bridged(value slog.Value) (caught attribute.Value) {
	defer func() {
		if recover() != nil {
			caught = attribute.StringValue(fmt.Sprintf("(%T not shown)", value.Any()))
		}
	}()
	record := slog.NewRecord(time.Time{}, slog.LevelInfo, "", 0)
	record.AddAttrs(slog.Attr{Key: valueKey, Value: value})
	_ = v.bridge.Handle(context.WithValue(context.Background(), catcherKey{}, &caught), record)
	return caught
}

// catching is the provider of catchers.
type catching struct{ embedded.LoggerProvider }

// Logger returns a catcher.
func (catching) Logger(string, ...log.LoggerOption) log.Logger { return catcher{} }

// catcher keeps the value of the one attribute of a record where the context says.
type catcher struct{ embedded.Logger }

type catcherKey struct{}

// Enabled is true.
func (catcher) Enabled(context.Context, log.EnabledParameters) bool { return true }

// Emit keeps the value.
func (catcher) Emit(ctx context.Context, record log.Record) {
	if to, ok := ctx.Value(catcherKey{}).(*attribute.Value); ok {
		record.WalkAttributes(func(kv attribute.KeyValue) bool {
			*to = kv.Value
			return false
		})
	}
}
