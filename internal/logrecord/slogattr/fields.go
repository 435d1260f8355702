// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package slogattr

import (
	"log/slog"
	"reflect"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

const (
	// maxFieldsBytes bounds the conversion of [Fields], as elements plus bytes of text.
	maxFieldsBytes = 16 << 10
	// valueKey is the key of a value that has no fields.
	valueKey = "value"
)

// Fields returns the fields of a struct and the entries of a map as attributes with their JSON
// names, so that redaction can use the keys. Any other value becomes one attribute. Audio is
// replaced by its size.
func Fields(v any) []attribute.KeyValue {
	value, same := withoutAudio(slog.AnyValue(v).Resolve(), asJSON)
	if !same {
		if value.Kind() == slog.KindGroup {
			return []attribute.KeyValue{attribute.Int64(value.Group()[0].Key, value.Group()[0].Value.Int64())}
		}
		return []attribute.KeyValue{attribute.String(valueKey, value.String())}
	}
	c := newConversion(asJSON, maxFieldsBytes)
	converted := c.convert(value)
	switch {
	case c.exhausted():
		return []attribute.KeyValue{attribute.String(valueKey, "("+value.Kind().String()+" not shown)")}
	case converted.Type() == attribute.MAP:
		return converted.AsMap()
	}
	return []attribute.KeyValue{{Key: valueKey, Value: converted}}
}

// addFields adds the fields of a struct by their JSON names. Fields of an embedded struct are
// promoted, unless the struct has a field of the same name.
func (c *conversion) addFields(to *[]attribute.KeyValue, v reflect.Value, level int) {
	var embedded []reflect.Value
	for i := range v.NumField() {
		f, value := v.Type().Field(i), v.Field(i)
		name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" && opts == "":
			continue
		case f.Anonymous && name == "":
			if value.Kind() == reflect.Pointer {
				value = value.Elem()
			}
			if value.Kind() == reflect.Struct {
				embedded = append(embedded, value)
				continue
			}
			if !value.IsValid() {
				continue
			}
		}
		if !f.IsExported() || isOmitted(value, opts) {
			continue
		}
		if name == "" {
			name = f.Name
		}
		c.take(len(name))
		*to = append(*to, attribute.KeyValue{Key: attribute.Key(name), Value: c.value(value, level+1)})
	}
	for _, inner := range embedded {
		if level > maxLevels || !c.take(1) {
			return
		}
		var attrs []attribute.KeyValue
		c.addFields(&attrs, inner, level+1)
		for _, kv := range attrs {
			if !slices.ContainsFunc(*to, func(own attribute.KeyValue) bool { return own.Key == kv.Key }) {
				*to = append(*to, kv)
			}
		}
	}
}

// isOmitted reports whether the options of a json tag omit the value of a field.
func isOmitted(v reflect.Value, opts string) bool {
	for opt := range strings.SplitSeq(opts, ",") {
		switch opt {
		case "omitzero":
			return v.IsZero()
		case "omitempty":
			switch v.Kind() { //nolint:exhaustive // Values of other kinds are empty if they are zero.
			case reflect.Slice, reflect.Map, reflect.String, reflect.Array:
				return v.Len() == 0
			case reflect.Struct:
				return false
			}
			return v.IsZero()
		}
	}
	return false
}
