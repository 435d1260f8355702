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

// redactResource takes secrets out of the resource that the file describes, by the default rules:
// the SDK's providers are made before the toolkit knows its own. The variables for resources are
// read by the SDK; what had to be redacted of them is said in the file's place, which wins.
func redactResource(ctx context.Context, r *otelconf.Resource) *otelconf.Resource {
	redactor := redact.New(redact.Default()...)
	var out otelconf.Resource
	if r != nil {
		out = *r
	}
	said := make(map[string]bool, len(out.Attributes))
	out.Attributes = slices.Clone(out.Attributes)
	for i, a := range out.Attributes {
		said[a.Name] = true
		out.Attributes[i] = redacted(redactor, a)
	}
	if env, err := resource.New(ctx, resource.WithFromEnv()); err == nil { // What is wrong with them is for the SDK to say.
		for _, kv := range env.Attributes() {
			if clean, changed := redactor.Attribute(kv); changed && !said[string(kv.Key)] {
				out.Attributes = append(out.Attributes, otelconf.AttributeNameValue{Name: string(kv.Key), Value: clean.Value.AsString()})
			}
		}
	}
	if r == nil && len(out.Attributes) == 0 {
		return nil
	}
	return &out
}

// redacted returns an attribute without secrets. Lists of texts are lists of any in a file.
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
		kv = key.Bool(true) // Of these only the name may change.
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
