// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package semconv

import "go.opentelemetry.io/otel/attribute"

// SchemaURL is the schema URL of the instrumentation scopes of otelvoice. It is
// the URL of OpenTelemetry's core conventions, v1.43.0. A backend that translates
// between schema versions can translate core names with it. It cannot translate
// gen_ai.* and voice.* names, which that schema does not contain; [Version] is the
// version of these.
const SchemaURL = "https://opentelemetry.io/schemas/1.43.0"

// Version is the version of the registry. It is raised whenever a name is added,
// changed or removed, and whenever gen_ai.* names are taken from a later revision
// of the GenAI conventions.
const Version = "0.1.0"

// Kind is the kind of instrument that records a metric.
type Kind int

// The kinds of instruments.
const (
	Histogram Kind = iota + 1
	Counter
	UpDownCounter
	Gauge
)

// String returns the kind as OpenTelemetry spells it, such as "histogram".
func (k Kind) String() string {
	switch k {
	case Histogram:
		return "histogram"
	case Counter:
		return "counter"
	case UpDownCounter:
		return "updowncounter"
	case Gauge:
		return "gauge"
	}
	return "unknown"
}

// Metric describes a metric.
type Metric struct {
	Name string
	// Unit is in UCUM: "s" or "{turn}".
	Unit        string
	Description string
	Kind        Kind
	// Buckets are the upper bounds of a histogram's buckets, in Unit. Nil for
	// other kinds.
	Buckets []float64
	// Attributes are the names of all attributes that a point may carry.
	Attributes []string
	// Stability is "stable" or "development".
	Stability string
}

// Attribute describes an attribute.
type Attribute struct {
	Name string
	// Type is the type of the value, as in kv.Value.Type().
	Type attribute.Type
	// Unit is in UCUM: "s" or "{token}". Empty if the value has no unit.
	Unit string
	// Members are the values of an enum. Nil for other attributes.
	Members []string
	// Template reports that the key is Name, a dot, and a part that the
	// recorder chooses: http.request.header.content-type.
	Template bool
	// Sensitive reports that the value is content of the conversation or personal
	// data. It is recorded only if the user of otelvoice asks for it.
	Sensitive bool
	// Stability is "stable" or "development".
	Stability string
	// Source is the ID of the conventions that the name comes from, as listed in
	// the reference page.
	Source string
	Brief  string
}

// Span describes a span.
type Span struct {
	// ID is the fixed part of the name: "chat". Events refer to it.
	ID string
	// Name is the span's name. An attribute in braces stands for its value:
	// "chat {gen_ai.request.model}".
	Name string
	// Kind is the text of the trace.SpanKind: "internal" or "client".
	Kind string
	// Required are the names of the attributes that every span of the kind has.
	Required []string
	// Recommended are the names of the attributes that a span has if their value
	// is known.
	Recommended []string
	// OptIn are the names of the attributes that a span has only if the user of
	// otelvoice asks for them. Users may add attributes of their own.
	OptIn []string
	// Stability is "stable" or "development".
	Stability string
	Brief     string
}

// Event describes a span event.
type Event struct {
	Name string
	// Spans are the IDs of the spans that it occurs on.
	Spans []string
	// Attributes are the names of all attributes that it may carry.
	Attributes []string
	// Stability is "stable" or "development".
	Stability string
	Brief     string
}
