// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"encoding/json"
	"errors"
	"log/slog"
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
	value, same := shown(slog.AnyValue(v).Resolve())
	if !same {
		if value.Kind() == slog.KindGroup {
			return []attribute.KeyValue{attribute.Int64(value.Group()[0].Key, value.Group()[0].Value.Int64())}
		}
		return []attribute.KeyValue{attribute.String(valueKey, value.String())}
	}
	data, err := marshal(value.Any())
	if err != nil || len(data) > maxArgument {
		return []attribute.KeyValue{attribute.String(valueKey, "("+value.Kind().String()+" not shown)")}
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil
	}
	if object, ok := tree.(map[string]any); ok {
		return entries(object)
	}
	return []attribute.KeyValue{{Key: valueKey, Value: valueOf(tree)}}
}

// marshal guards against methods that panic.
func marshal(v any) (data []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("panic")
		}
	}()
	if failed, ok := v.(error); ok {
		v = failed.Error()
	}
	return json.Marshal(v)
}

// entries returns the entries of an object in the order of their keys.
func entries(object map[string]any) []attribute.KeyValue {
	attrs := make([]attribute.KeyValue, 0, len(object))
	for key, member := range object {
		attrs = append(attrs, attribute.KeyValue{Key: attribute.Key(key), Value: valueOf(member)})
	}
	slices.SortFunc(attrs, func(a, b attribute.KeyValue) int { return strings.Compare(string(a.Key), string(b.Key)) })
	return attrs
}

func valueOf(v any) attribute.Value {
	switch v := v.(type) {
	case bool:
		return attribute.BoolValue(v)
	case float64:
		return attribute.Float64Value(v)
	case string:
		return attribute.StringValue(v)
	case []any:
		list := make([]attribute.Value, len(v))
		for i, e := range v {
			list[i] = valueOf(e)
		}
		return attribute.SliceValue(list...)
	case map[string]any:
		return attribute.MapValue(entries(v)...)
	}
	return attribute.Value{}
}
