// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package sdkdata cleans and redacts the text in the SDK's data: spans, log records and metrics, with their
// resource and scope. Exporters that encode the SDK's data lose a whole request if one byte
// of it is not UTF-8.
//
// All functions return their argument if nothing changes, after one scan of each text. They
// never write to it: an ended span belongs to the SDK and is shared by its processors.
package sdkdata

import (
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// Resource returns a resource with clean text; nil stays nil.
func Resource(res *resource.Resource) *resource.Resource {
	if res == nil {
		return nil
	}
	set, dirty := cleantext.Set(*res.Set())
	if !dirty && cleantext.IsClean(res.SchemaURL()) {
		return res
	}
	return resource.NewWithAttributes(cleantext.String(res.SchemaURL()), set.ToSlice()...)
}

// Scope returns an instrumentation scope with clean text, and whether it changed.
func Scope(scope instrumentation.Scope) (instrumentation.Scope, bool) {
	attrs, dirty := cleantext.Set(scope.Attributes)
	if !dirty && cleantext.IsClean(scope.Name) && cleantext.IsClean(scope.Version) && cleantext.IsClean(scope.SchemaURL) {
		return scope, false
	}
	return instrumentation.Scope{
		Name: cleantext.String(scope.Name), Version: cleantext.String(scope.Version),
		SchemaURL: cleantext.String(scope.SchemaURL), Attributes: attrs,
	}, true
}

// origin is the resource and scope of a span or record, original and clean. Most items of a batch
// share one origin, which is checked once.
type origin struct {
	resource *resource.Resource
	scope    instrumentation.Scope
	clean    Origin
	dirty    bool
}

// of returns the clean origin, from the last call if the origin is the same.
func (o *origin) of(res *resource.Resource, scope instrumentation.Scope) *origin {
	if o != nil && o.resource == res && o.scope == scope {
		return o
	}
	made := &origin{resource: res, scope: scope, clean: Origin{Resource: Resource(res)}}
	made.clean.Scope, made.dirty = Scope(scope)
	made.dirty = made.dirty || made.clean.Resource != res
	return made
}
