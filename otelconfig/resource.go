// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelconfig

import (
	"context"
	"fmt"
	"slices"

	"go.opentelemetry.io/contrib/otelconf"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/voice-agents/telemetry/redact"
)

// redactResource redacts the resource of the file by the default rules, because the SDK's
// providers are created before the toolkit has its own rules. The SDK also reads resource
// attributes from the environment. Those that need redaction are added to the resource of the
// file, which takes precedence.
func redactResource(ctx context.Context, r *otelconf.Resource) *otelconf.Resource {
	redactor := redact.New(redact.Default()...)
	var out otelconf.Resource
	if r != nil {
		out = *r
	}
	inFile := make(map[string]bool, len(out.Attributes))
	out.Attributes = slices.Clone(out.Attributes)
	for i, a := range out.Attributes {
		inFile[a.Name] = true
		out.Attributes[i] = redacted(redactor, a)
	}
	if env, err := resource.New(ctx, resource.WithFromEnv()); err == nil { // The SDK reports the error.
		for _, kv := range env.Attributes() {
			if clean, changed := redactor.Attribute(kv); changed && !inFile[string(kv.Key)] {
				out.Attributes = append(out.Attributes, otelconf.AttributeNameValue{Name: string(kv.Key), Value: clean.Value.AsString()})
			}
		}
	}
	if r == nil && len(out.Attributes) == 0 {
		return nil
	}
	return &out
}

// redacted returns a redacted attribute. The parser of the file returns lists as []any.
func redacted(redactor *redact.Redactor, a otelconf.AttributeNameValue) otelconf.AttributeNameValue {
	key := attribute.Key(a.Name)
	var kv attribute.KeyValue
	switch value := a.Value.(type) {
	case string:
		kv = key.String(value)
	case int:
		kv = key.Int(value)
	case float64:
		kv = key.Float64(value)
	case []any:
		list := make([]string, len(value))
		for i, element := range value {
			text, ok := element.(string)
			if !ok {
				text = fmt.Sprint(element)
			}
			list[i] = text
		}
		kv = key.StringSlice(list)
	default:
		kv = key.Bool(true) // Only the name may change.
	}
	kv, changed := redactor.Attribute(kv)
	if !changed {
		return a
	}
	a.Name = string(kv.Key)
	switch kv.Value.Type() {
	case attribute.STRING:
		a.Value, a.Type = kv.Value.AsString(), nil
	case attribute.STRINGSLICE:
		list := kv.Value.AsStringSlice()
		elements := make([]any, len(list))
		for i, text := range list {
			elements[i] = text
		}
		a.Value, a.Type = elements, nil
	}
	return a
}
