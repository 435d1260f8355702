// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net/url"
	"reflect"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

const (
	// maxConverted bounds about how many elements and bytes of text one value becomes: a list
	// that holds itself twice doubles with each level.
	maxConverted = 1 << 20
	// maxLevels bounds how deep a value is followed.
	maxLevels = 64

	cut = "…"
)

var timeType = reflect.TypeFor[time.Time]()

// timeValue returns a time as it is recorded.
func timeValue(t time.Time) attribute.Value {
	return attribute.StringValue(string(logrecord.AppendTime(nil, t)))
}

// durationValue returns a duration as it is recorded.
func durationValue(d time.Duration) attribute.Value { return attribute.StringValue(d.String()) }

// uintValue returns a number as it is recorded. OTLP has no unsigned integers, and a float has
// no room for all of them: a number above the largest int64 is the text of its digits.
func uintValue(u uint64) attribute.Value {
	if u > math.MaxInt64 {
		return attribute.StringValue(strconv.FormatUint(u, 10))
	}
	return attribute.Int64Value(int64(u))
}

// numberValue returns a number of JSON as exactly as [uintValue] does.
func numberValue(n json.Number) attribute.Value {
	text := string(n)
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return attribute.Int64Value(i)
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && bytes.ContainsAny([]byte(text), ".eE") {
		return attribute.Float64Value(f)
	}
	return attribute.StringValue(text)
}

// A form is how values of types that a program declares are written.
type form int

const (
	textual form = iota // As the text that they have for people; a struct as fmt's %+v.
	fields              // As encoding/json has them: a struct as its fields.
)

// converter makes an OpenTelemetry value of any value, exactly: no number is rounded, and no
// time loses its zone or its nanoseconds.
type converter struct {
	form form
	left int // Of elements and bytes of text.
}

func newConverter(f form, most int) *converter { return &converter{form: f, left: most} }

// of returns the value. Methods that panic cost the value and no more.
func (c *converter) of(v any) attribute.Value { return c.value(reflect.ValueOf(v), 0) }

// exhausted reports whether something was left out.
func (c *converter) exhausted() bool { return c.left < 0 }

func (c *converter) take(n int) bool {
	c.left -= n
	return c.left >= 0
}

func (c *converter) text(s string) attribute.Value {
	c.take(len(s))
	return attribute.StringValue(s)
}

func (c *converter) value(v reflect.Value, level int) attribute.Value {
	if !c.take(1) || level > maxLevels {
		return attribute.StringValue(cut)
	}
	if !v.IsValid() {
		return attribute.Value{}
	}
	if v.Kind() == reflect.Interface {
		return c.value(v.Elem(), level)
	}
	if v.CanInterface() {
		if made, ok := c.known(v, level); ok {
			return made
		}
	}
	switch v.Kind() {
	case reflect.Bool:
		return attribute.BoolValue(v.Bool())
	case reflect.String:
		return c.text(v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return attribute.Int64Value(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return uintValue(v.Uint())
	case reflect.Float32, reflect.Float64:
		return attribute.Float64Value(v.Float())
	case reflect.Complex64, reflect.Complex128:
		return attribute.MapValue(attribute.Float64("r", real(v.Complex())), attribute.Float64("i", imag(v.Complex())))
	case reflect.Slice, reflect.Array:
		return c.list(v, level)
	case reflect.Map:
		return c.mapOf(v, level)
	case reflect.Pointer:
		return c.value(v.Elem(), level+1)
	case reflect.Struct:
		return c.structOf(v, level)
	default:
		return attribute.StringValue("(" + v.Type().String() + " not shown)")
	}
}

// known returns a value whose type says how it is written.
func (c *converter) known(v reflect.Value, level int) (made attribute.Value, ok bool) {
	defer func() {
		if recover() != nil {
			made, ok = attribute.StringValue("("+v.Type().String()+" not shown)"), true
		}
	}()
	switch a := v.Interface().(type) {
	case time.Time:
		return timeValue(a), true
	case *time.Time: // Its own text has the zone, and no room for all years.
		if a == nil {
			return attribute.Value{}, true
		}
		return timeValue(*a), true
	case time.Duration:
		return durationValue(a), true
	case error:
		return c.text(failure.Message(a)), true
	case slog.LogValuer: // It may be there to hide something.
		return c.resolved(slog.AnyValue(a), level+1), true
	case slog.Value:
		return c.resolved(a, level+1), true
	case attribute.Value:
		return a, true
	case *url.URL:
		if a == nil {
			return attribute.Value{}, true
		}
		return c.text(a.Redacted()), true
	case url.URL:
		return c.text(a.Redacted()), true
	case *url.Userinfo:
		if a == nil {
			return attribute.Value{}, true
		}
		return c.text(url.User(a.Username()).String()), true
	case json.Number:
		return numberValue(a), true
	case []byte:
		return attribute.Map("", attribute.Int(cleantext.SizeKey, len(a))).Value, true
	}
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return attribute.Value{}, true
	}
	if c.form == textual {
		return c.forPeople(v)
	}
	return c.forJSON(v, level)
}

// forPeople returns the text that a value has for people.
func (c *converter) forPeople(v reflect.Value) (attribute.Value, bool) {
	if a, ok := reflect.TypeAssert[encoding.TextMarshaler](v); ok {
		if text, err := a.MarshalText(); err == nil {
			return c.text(string(text)), true
		}
	}
	if a, ok := reflect.TypeAssert[fmt.Stringer](v); ok {
		return c.text(a.String()), true
	}
	return attribute.Value{}, false
}

// forJSON returns what a value is in JSON, if its type says so.
func (c *converter) forJSON(v reflect.Value, level int) (attribute.Value, bool) {
	switch a := v.Interface().(type) {
	case json.Marshaler:
		data, err := json.Marshal(a)
		if err != nil || !c.take(len(data)) {
			return attribute.StringValue("(" + v.Type().String() + " not shown)"), true
		}
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber()
		var tree any
		if err := decoder.Decode(&tree); err != nil {
			return attribute.Value{}, false
		}
		return c.value(reflect.ValueOf(tree), level), true
	case encoding.TextMarshaler:
		if text, err := a.MarshalText(); err == nil {
			return c.text(string(text)), true
		}
	}
	return attribute.Value{}, false
}

// resolved returns a value of slog's. A LogValuer may return audio, or a list with itself inside.
func (c *converter) resolved(v slog.Value, level int) attribute.Value {
	v, _ = c.form.shown(v.Resolve())
	if v.Kind() != slog.KindGroup {
		return c.value(reflect.ValueOf(v.Any()), level)
	}
	attrs := make([]attribute.KeyValue, 0, len(v.Group()))
	for _, a := range v.Group() {
		if c.left -= maxConverted / maxMembers; c.exhausted() {
			break
		}
		attrs = append(attrs, attribute.KeyValue{Key: attribute.Key(a.Key), Value: c.resolved(a.Value, level+1)})
	}
	return attribute.MapValue(attrs...)
}

func (c *converter) list(v reflect.Value, level int) attribute.Value {
	list := make([]attribute.Value, 0, min(v.Len(), max(c.left, 0)))
	for i := range v.Len() {
		list = append(list, c.value(v.Index(i), level+1))
		if c.exhausted() {
			break
		}
	}
	return attribute.SliceValue(list...)
}

func (c *converter) mapOf(v reflect.Value, level int) attribute.Value {
	attrs := make([]attribute.KeyValue, 0, v.Len())
	for iter := v.MapRange(); iter.Next() && !c.exhausted(); {
		key := c.key(iter.Key())
		c.take(len(key))
		attrs = append(attrs, attribute.KeyValue{Key: attribute.Key(key), Value: c.value(iter.Value(), level+1)})
	}
	return attribute.MapValue(attrs...)
}

// key returns the text of a map's key.
func (c *converter) key(k reflect.Value) (text string) {
	if k.Kind() == reflect.String {
		return k.String()
	}
	value := (&converter{form: textual, left: cleantext.MaxBytes}).value(k, 0)
	return value.String()
}

// structOf returns a struct that has no text of its own.
func (c *converter) structOf(v reflect.Value, level int) attribute.Value {
	switch {
	case v.CanInterface() && v.Type().ConvertibleTo(timeType):
		return timeValue(v.Convert(timeType).Interface().(time.Time))
	case c.form == textual:
		return c.formatted(v)
	}
	var attrs []attribute.KeyValue
	c.addFields(&attrs, v, level)
	return attribute.MapValue(attrs...)
}

func (c *converter) formatted(v reflect.Value) (made attribute.Value) {
	defer func() {
		if recover() != nil {
			made = attribute.StringValue("(" + v.Type().String() + " not shown)")
		}
	}()
	if !c.bounded(v, 0) {
		return attribute.StringValue("(" + v.Type().String() + " not shown)")
	}
	return c.text(fmt.Sprintf("%+v", v))
}

// bounded reports whether fmt comes to an end with a value. It follows all but pointers, and
// one that holds itself until the stack is full, which no recover can stop.
func (c *converter) bounded(v reflect.Value, level int) bool {
	if !c.take(1) || level > maxLevels {
		return false
	}
	switch v.Kind() { //nolint:exhaustive // The other kinds hold nothing.
	case reflect.Interface:
		return c.bounded(v.Elem(), level+1)
	case reflect.Slice, reflect.Array:
		if isScalar(v.Type().Elem().Kind()) {
			return true
		}
		for i := range v.Len() {
			if !c.bounded(v.Index(i), level+1) {
				return false
			}
		}
	case reflect.Map:
		for iter := v.MapRange(); iter.Next(); { // A key holds no slice and no map.
			if !c.bounded(iter.Value(), level+1) {
				return false
			}
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			if !c.bounded(field, level+1) {
				return false
			}
		}
	}
	return true
}

// isScalar reports whether values of a kind hold no others.
func isScalar(k reflect.Kind) bool { return k <= reflect.Complex128 || k == reflect.String }
