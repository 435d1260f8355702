// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"log/slog"
	"reflect"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

const (
	// maxArgument bounds the JSON of an argument that is taken apart.
	maxArgument = 16 << 10
	// valueKey is what an argument is called that has no members.
	valueKey = "value"
)

// Members returns the members of a value as attributes: the fields of a struct
// and the entries of a map, by their JSON names, so that a redactor can go by
// their keys; any other value is one attribute. What may be audio is its size.
func Members(v any) []attribute.KeyValue {
	value, same := fields.shown(slog.AnyValue(v).Resolve())
	if !same {
		if value.Kind() == slog.KindGroup {
			return []attribute.KeyValue{attribute.Int64(value.Group()[0].Key, value.Group()[0].Value.Int64())}
		}
		return []attribute.KeyValue{attribute.String(valueKey, value.String())}
	}
	c := newConverter(fields, maxArgument)
	made := c.of(value)
	switch {
	case c.exhausted():
		return []attribute.KeyValue{attribute.String(valueKey, "("+value.Kind().String()+" not shown)")}
	case made.Type() == attribute.MAP:
		return made.AsMap()
	}
	return []attribute.KeyValue{{Key: valueKey, Value: made}}
}

// addFields adds the fields of a struct by their names in JSON. Those of an embedded struct are
// the struct's own, unless it has a field of that name.
func (c *converter) addFields(to *[]attribute.KeyValue, v reflect.Value, level int) {
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

// isOmitted reports whether a field is left out of JSON for its value.
func isOmitted(v reflect.Value, opts string) bool {
	for opt := range strings.SplitSeq(opts, ",") {
		switch opt {
		case "omitzero":
			return v.IsZero()
		case "omitempty":
			switch v.Kind() { //nolint:exhaustive // The others are never empty.
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
