// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"log/slog"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/redaction"
)

const (
	// maxGroups bounds how deep groups are followed: a person reads three
	// levels, and a cycle never ends.
	maxGroups = 16
	// maxMembers bounds how many members of groups one record follows: a group
	// that holds itself twice doubles with each level.
	maxMembers = 1024
)

// values makes OpenTelemetry's values of slog's.
type values struct{ redactor *redaction.Engine }

// failed is an error among attributes, and the key that it had there.
type failed struct {
	key string
	err error
}

// attribute returns the error as what it is when another one is the record's: its text.
func (f failed) attribute() attribute.KeyValue {
	key := f.key
	if key == "" {
		key = "error"
	}
	return attribute.String(key, failure.Message(f.err))
}

// members are attributes on their way from slog's to OpenTelemetry's.
type members struct {
	attrs  []attribute.KeyValue
	failed failed // The first error at the top, which is the record's.
	errors int    // At the top. With a second one all of them are attributes as well.
	nested bool
}

// addError adds an error at the top.
func (m *members) addError(f failed) {
	m.errors++
	if m.errors == 1 {
		m.failed = f
		return
	}
	if m.errors == 2 {
		m.attrs = append(m.attrs, m.failed.attribute())
	}
	m.attrs = append(m.attrs, f.attribute())
}

// add adds an attribute. Values are resolved to a bounded depth: a LogValuer that returns a
// group with itself inside would otherwise recurse until the stack is full, which no recover
// can stop. Audio is stopped here, before anybody takes it apart.
func (v *values) add(to *members, a slog.Attr, budget *int, depth int) {
	err, isError := errorOf(&a.Value)
	value := a.Value.Resolve() // Follows LogValuers and catches their panics.
	if !isError {
		err, isError = errorOf(&value)
	}
	// An error whose key says that it is secret is not the record's: its message would be shown.
	if isError && !to.nested && !v.redactor.AlwaysChanges(attribute.Key(a.Key)) {
		to.addError(failed{a.Key, err})
		if !tellsMore(value, err) {
			return
		}
	}
	if value.Kind() == slog.KindAny {
		value, _ = textual.shown(value)
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

// errorOf returns the error that a value is. It may be a [slog.LogValuer] too, as those of some
// SDKs are.
func errorOf(value *slog.Value) (err error, ok bool) { //nolint:revive // As in a type assertion.
	if kind := value.Kind(); kind != slog.KindAny && kind != slog.KindLogValuer {
		return nil, false
	}
	err, ok = value.Any().(error)
	return err, ok
}

// tellsMore reports whether what an error that is a LogValuer resolves to says more than its text.
func tellsMore(value slog.Value, err error) bool {
	switch value.Kind() { //nolint:exhaustive // The others are values of their own.
	case slog.KindAny:
		_, isError := value.Any().(error)
		return !isError && value.Any() != nil
	case slog.KindString:
		return value.String() != failure.Message(err)
	case slog.KindGroup:
		return len(value.Group()) > 0
	}
	return true
}

// scalar returns a value that is one number or text, and whether it is.
func scalar(value *slog.Value) (_ attribute.Value, ok bool) {
	switch value.Kind() { //nolint:exhaustive // The others are no scalars.
	case slog.KindString:
		return attribute.StringValue(value.String()), true
	case slog.KindInt64:
		return attribute.Int64Value(value.Int64()), true
	case slog.KindFloat64:
		return attribute.Float64Value(value.Float64()), true
	case slog.KindBool:
		return attribute.BoolValue(value.Bool()), true
	case slog.KindUint64:
		return uintValue(value.Uint64()), true
	}
	return attribute.Value{}, false
}

// of returns a value that is no group and no LogValuer.
func (v *values) of(value slog.Value) attribute.Value {
	if made, ok := scalar(&value); ok {
		return made
	}
	switch value.Kind() { //nolint:exhaustive // The others are scalars.
	case slog.KindDuration:
		return durationValue(value.Duration())
	case slog.KindTime:
		return timeValue(value.Time())
	}
	return newConverter(textual, maxConverted).of(value.Any())
}
