// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package sdkdata

import (
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/redaction"
)

// RedactResource returns a resource without secrets. Nil stays nil.
func RedactResource(r *redaction.Engine, res *resource.Resource) *resource.Resource {
	if r == nil || res == nil {
		return res
	}
	attrs, changed := r.Attributes(res.Attributes())
	schema := r.String(res.SchemaURL())
	if !changed && schema == res.SchemaURL() {
		return res
	}
	return resource.NewWithAttributes(schema, attrs...)
}

// scopeWithout returns an instrumentation scope without secrets, and whether it changed.
func scopeWithout(r *redaction.Engine, scope instrumentation.Scope) (instrumentation.Scope, bool) {
	clean := instrumentation.Scope{
		Name: r.String(scope.Name), Version: r.String(scope.Version), SchemaURL: r.String(scope.SchemaURL), Attributes: scope.Attributes,
	}
	attrs, changed := r.Attributes(scope.Attributes.ToSlice())
	if changed {
		clean.Attributes = attribute.NewSet(attrs...)
	}
	return clean, changed || clean.Name != scope.Name || clean.Version != scope.Version || clean.SchemaURL != scope.SchemaURL
}

// origins caches the resources and scopes of spans, because a program has few tracers. It keeps copies: the
// text of a tracer may be part of a buffer that is reused.
type origins struct {
	r     *redaction.Engine
	known [knownOrigins]atomic.Pointer[redactedOrigin]
}

const knownOrigins = 64

// redactedOrigin is a resource and a scope, with and without secrets.
type redactedOrigin struct {
	resource *resource.Resource
	scope    instrumentation.Scope
	clean    Origin
	changed  bool
}

// of returns the origin without secrets, and whether it changed.
func (o *origins) of(res *resource.Resource, scope instrumentation.Scope) (*Origin, bool) {
	at := &o.known[placeOf(scope.Name)%knownOrigins]
	if k := at.Load(); k != nil && k.resource == res && k.scope == scope {
		return &k.clean, k.changed
	}
	scope.Name, scope.Version, scope.SchemaURL = strings.Clone(scope.Name), strings.Clone(scope.Version), strings.Clone(scope.SchemaURL)
	if scope.Attributes.Len() > 0 { // There are two empty sets, which differ.
		scope.Attributes = attribute.NewSet(cleantext.Clone(scope.Attributes.ToSlice())...)
	}
	k := &redactedOrigin{resource: res, scope: scope, clean: Origin{Resource: RedactResource(o.r, res)}}
	k.clean.Scope, k.changed = scopeWithout(o.r, scope)
	k.changed = k.changed || k.clean.Resource != res
	at.Store(k)
	return &k.clean, k.changed
}

// placeOf hashes the length and the last bytes of a name, in which the names of packages differ.
func placeOf(name string) uint {
	h := uint(len(name))
	for i := max(0, len(name)-4); i < len(name); i++ {
		h = h*31 + uint(name[i])
	}
	return h
}
