// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package semconv

import "go.opentelemetry.io/otel/attribute"

// SchemaURL is the schema that tracers, meters and loggers name. It is that of
// OpenTelemetry's core conventions, which translates their names alone: those
// of the GenAI conventions left it, and those of otelvoice were never in it.
const SchemaURL = "https://opentelemetry.io/schemas/1.43.0"

// Version is the version of the registry. It is raised whenever a name is
// added, changed or removed, or the GenAI conventions are taken at a later
// revision.
const Version = "0.1.0"

// Kind is the kind of instrument that a metric is recorded with.
type Kind int

// The kinds.
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
}

// Attribute describes an attribute.
type Attribute struct {
	Name string
	// Type is the type of the value, as in kv.Value.Type().
	Type attribute.Type
	// Unit is in UCUM: "s" or "{token}". Empty for what is not measured.
	Unit string
	// Members are the values of an enum. Nil for other attributes.
	Members []string
	// Template reports that the key is Name, a dot, and a part that the
	// recorder chooses: http.request.header.content-type.
	Template bool
	// Sensitive reports that the value is what somebody said, or tells who
	// they are: it is recorded only when the user of otelvoice asks for it.
	Sensitive bool
	// Stability is "stable" or "development".
	Stability string
	// Source is where the name comes from, as the reference page lists it.
	Source string
	Brief  string
}

// Requirement says how much an attribute is to be expected on a span.
type Requirement int

// The requirements.
const (
	// Required is on every span of the kind.
	Required Requirement = iota + 1
	// Recommended is on a span when it is known.
	Recommended
	// OptIn is on a span when it is known and asked for.
	OptIn
)

// Span describes a span.
type Span struct {
	// ID is the name's fixed part: "chat". Events refer to it.
	ID string
	// Name is the span's name, with an attribute in braces where one is part
	// of it: "chat {gen_ai.request.model}".
	Name string
	// Kind is as trace.SpanKind.String spells it: "internal" or "client".
	Kind string
	// Attributes are those that otelvoice may set. Users add their own.
	Attributes []SpanAttribute
	Brief      string
}

// SpanAttribute is an attribute of a span.
type SpanAttribute struct {
	Name        string
	Requirement Requirement
}

// Event describes a span event.
type Event struct {
	Name string
	// Spans are the IDs of the spans that it occurs on.
	Spans []string
	// Attributes are the names of all attributes that it may carry.
	Attributes []string
	Brief      string
}
