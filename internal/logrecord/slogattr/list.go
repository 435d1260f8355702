// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package slogattr converts attributes of log/slog to OpenTelemetry's.
//
// It keeps values exact: no number is rounded, and no time loses its nanoseconds. It replaces
// audio by its size, and bounds how deep and how far a value is followed.
package slogattr

import (
	"log/slog"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/failure"
)

const (
	// maxGroups bounds the depth of groups. People read about three levels, and a group that
	// contains itself has no end.
	maxGroups = 16
	// maxMembers bounds the group members of one record. A group that contains itself twice
	// doubles with each level.
	maxMembers = 1024
)

// A List holds the converted attributes of a record or a logger. The zero List is empty.
type List struct {
	Attrs []attribute.KeyValue
	// First is the first error outside of groups. It is not among Attrs, unless there is a
	// second one: then all errors are.
	First Error

	errors  int // The number of errors outside of groups.
	members int // The number of group members so far.
	nested  bool
}

// Error is an error with the key of its attribute.
type Error struct {
	Key string
	Err error
}

// Attribute returns the error as an attribute with its message.
func (e Error) Attribute() attribute.KeyValue {
	key := e.Key
	if key == "" {
		key = "error"
	}
	return attribute.String(key, failure.Message(e.Err))
}

// AddError adds an error outside of groups.
func (l *List) AddError(e Error) {
	l.errors++
	if l.errors == 1 {
		l.First = e
		return
	}
	if l.errors == 2 {
		l.Attrs = append(l.Attrs, l.First.Attribute())
	}
	l.Attrs = append(l.Attrs, e.Attribute())
}

// A Converter adds attributes of slog to a List.
type Converter struct {
	// Secret reports whether values of a key are secret. An error with such a key is not the
	// First of its List, because its message would be shown.
	Secret func(attribute.Key) bool
}

// Add adds an attribute.
//
// Values are resolved to a bounded depth. A LogValuer that returns a group with itself inside
// would otherwise recurse until the stack overflows, which recover cannot stop.
func (c *Converter) Add(to *List, a slog.Attr) { c.add(to, a, &to.members, 0) }

func (c *Converter) add(to *List, a slog.Attr, members *int, depth int) {
	err, isError := errorOf(&a.Value)
	value := a.Value.Resolve() // It calls LogValuers and catches their panics.
	if !isError {
		err, isError = errorOf(&value)
	}
	if isError && !to.nested && !c.Secret(attribute.Key(a.Key)) {
		to.AddError(Error{a.Key, err})
		if !hasMore(value, err) {
			return
		}
	}
	if value.Kind() == slog.KindAny {
		value, _ = withoutAudio(value, asText)
	}
	if value.Kind() == slog.KindGroup {
		group := value.Group()
		if depth < maxGroups && *members+len(group) <= maxMembers {
			*members += len(group)
			c.addGroup(to, a.Key, group, members, depth)
			return
		}
		value = slog.StringValue(cut)
	}
	if a.Key == "" && value.Any() == nil {
		return // slog ignores empty attributes.
	}
	to.Attrs = append(to.Attrs, attribute.KeyValue{Key: attribute.Key(a.Key), Value: valueOf(value)})
}

func (c *Converter) addGroup(to *List, name string, group []slog.Attr, members *int, depth int) {
	inner := to
	if name != "" { // slog inlines groups without a name.
		inner = &List{Attrs: make([]attribute.KeyValue, 0, len(group)), nested: true}
	}
	for _, a := range group {
		c.add(inner, a, members, depth+1)
	}
	if inner != to {
		to.Attrs = append(to.Attrs, attribute.Map(name, inner.Attrs...))
	}
}

// errorOf returns the error that a value holds. The error may be a [slog.LogValuer] too, as those
// of some SDKs are.
func errorOf(value *slog.Value) (err error, ok bool) { //nolint:revive // As in a type assertion.
	if kind := value.Kind(); kind != slog.KindAny && kind != slog.KindLogValuer {
		return nil, false
	}
	err, ok = value.Any().(error)
	return err, ok
}

// hasMore reports whether the resolved value of an error has more than the error's message.
func hasMore(value slog.Value, err error) bool {
	switch value.Kind() { //nolint:exhaustive // Values of other kinds are not messages.
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
