// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package slogattr

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"reflect"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/failure"
)

const (
	// maxConverted bounds the elements plus the bytes of text of one converted value. A list
	// that contains itself twice doubles with each level.
	maxConverted = 1 << 20
	// maxLevels bounds the depth of a converted value.
	maxLevels = 64

	cut = "…"
)

var timeType = reflect.TypeFor[time.Time]()

// A form selects how values of declared types are converted.
type form int

const (
	asText form = iota // Their text for people; a struct as fmt's %+v.
	asJSON             // The value that encoding/json would write; a struct as its fields.
)

// conversion converts one value with reflection.
type conversion struct {
	form form
	left int // The remaining number of elements plus bytes of text.
}

func newConversion(f form, limit int) *conversion { return &conversion{form: f, left: limit} }

// convert converts a value. If a method of the value panics, only that value is lost.
func (c *conversion) convert(v any) attribute.Value { return c.value(reflect.ValueOf(v), 0) }

// exhausted reports whether the limit was exceeded, so that something was left out.
func (c *conversion) exhausted() bool { return c.left < 0 }

func (c *conversion) take(n int) bool {
	c.left -= n
	return c.left >= 0
}

func (c *conversion) text(s string) attribute.Value {
	c.take(len(s))
	return attribute.StringValue(s)
}

func (c *conversion) value(v reflect.Value, level int) attribute.Value {
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
		if known, ok := c.known(v, level); ok {
			return known
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

// known converts a value whose type determines its conversion.
func (c *conversion) known(v reflect.Value, level int) (made attribute.Value, ok bool) {
	defer func() {
		if recover() != nil {
			made, ok = attribute.StringValue("("+v.Type().String()+" not shown)"), true
		}
	}()
	switch a := v.Interface().(type) {
	case time.Time:
		return Time(a), true
	case *time.Time: // Its MarshalText fails for years above 9999.
		if a == nil {
			return attribute.Value{}, true
		}
		return Time(*a), true
	case time.Duration:
		return Duration(a), true
	case error:
		return c.text(failure.Message(a)), true
	case slog.LogValuer: // It may hide secrets.
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
	if c.form == asText {
		return c.marshaledText(v)
	}
	return c.marshaledJSON(v, level)
}

// marshaledText converts a value that is a TextMarshaler or a Stringer.
func (c *conversion) marshaledText(v reflect.Value) (attribute.Value, bool) {
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

// marshaledJSON converts a value that is a json.Marshaler or a TextMarshaler.
func (c *conversion) marshaledJSON(v reflect.Value, level int) (attribute.Value, bool) {
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

// resolved converts a value of slog. A LogValuer may return audio, or a list that contains itself.
func (c *conversion) resolved(v slog.Value, level int) attribute.Value {
	v, _ = withoutAudio(v.Resolve(), c.form)
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

func (c *conversion) list(v reflect.Value, level int) attribute.Value {
	list := make([]attribute.Value, 0, min(v.Len(), max(c.left, 0)))
	for i := range v.Len() {
		list = append(list, c.value(v.Index(i), level+1))
		if c.exhausted() {
			break
		}
	}
	return attribute.SliceValue(list...)
}

func (c *conversion) mapOf(v reflect.Value, level int) attribute.Value {
	attrs := make([]attribute.KeyValue, 0, v.Len())
	for iter := v.MapRange(); iter.Next() && !c.exhausted(); {
		key := c.key(iter.Key())
		c.take(len(key))
		attrs = append(attrs, attribute.KeyValue{Key: attribute.Key(key), Value: c.value(iter.Value(), level+1)})
	}
	return attribute.MapValue(attrs...)
}

// key converts the key of a map to text.
func (c *conversion) key(k reflect.Value) (text string) {
	if k.Kind() == reflect.String {
		return k.String()
	}
	value := (&conversion{form: asText, left: cleantext.MaxBytes}).value(k, 0)
	return value.String()
}

// structOf converts a struct without a text of its own.
func (c *conversion) structOf(v reflect.Value, level int) attribute.Value {
	switch {
	case v.CanInterface() && v.Type().ConvertibleTo(timeType):
		return Time(v.Convert(timeType).Interface().(time.Time))
	case c.form == asText:
		return c.formatted(v)
	}
	var attrs []attribute.KeyValue
	c.addFields(&attrs, v, level)
	return attribute.MapValue(attrs...)
}

func (c *conversion) formatted(v reflect.Value) (made attribute.Value) {
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

// bounded reports whether fmt can format a value. fmt follows everything but pointers. It
// follows a value that contains itself until the stack overflows, which recover cannot stop.
func (c *conversion) bounded(v reflect.Value, level int) bool {
	if !c.take(1) || level > maxLevels {
		return false
	}
	switch v.Kind() { //nolint:exhaustive // The other kinds contain no values.
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
		for iter := v.MapRange(); iter.Next(); { // Keys contain neither slices nor maps.
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

// isScalar reports whether values of a kind contain no other values.
func isScalar(k reflect.Kind) bool { return k <= reflect.Complex128 || k == reflect.String }
