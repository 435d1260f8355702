// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

// A registry holds the definitions of all files, in their order.
type registry struct {
	Sources []source
	Groups  []group
	Spans   []span
	Events  []event
	Metrics []metric

	// Buckets are the bounds of histograms, by the name that metrics refer to.
	Buckets map[string][]float64

	sets map[string]requirements
}

// A document is one file of the registry. All fields are optional.
type document struct {
	Title      string                  `yaml:"title"`
	Brief      string                  `yaml:"brief"`
	Sources    []source                `yaml:"sources"`
	Attributes []attribute             `yaml:"attributes"`
	Sets       map[string]requirements `yaml:"sets"`
	Spans      []span                  `yaml:"spans"`
	Events     []event                 `yaml:"events"`
	Buckets    map[string][]float64    `yaml:"buckets"`
	Metrics    []metric                `yaml:"metrics"`
}

// A source is a specification that defines names.
type source struct {
	ID   string `yaml:"id"`
	Name string `yaml:"name"`
	URL  string `yaml:"url"`
}

// A group holds the attributes of one file.
type group struct {
	Title, Brief string
	Attributes   []attribute

	file string
}

// A definition holds the fields that attributes, spans, events and metrics share.
type definition struct {
	ID        string `yaml:"id"`
	Stability string `yaml:"stability"`
	Brief     string `yaml:"brief"`
	Source    string `yaml:"source"`

	file string
}

// GoName returns the definition's name in Go, without the suffix Key or the prefix
// Metric, Event or Span.
func (d definition) GoName() string { return goName(d.ID) }

type attribute struct {
	definition `yaml:",inline"`

	Type      string   `yaml:"type"`
	Unit      string   `yaml:"unit"`
	Examples  []any    `yaml:"examples"`
	Members   []member `yaml:"members"`
	Sensitive bool     `yaml:"sensitive"`
}

// A member is one value of an enum.
type member struct {
	ID    string `yaml:"id"`
	Value string `yaml:"value"`
	Brief string `yaml:"brief"`
}

// Requirements are attribute names by requirement level.
type requirements struct {
	Required    []string `yaml:"required"`
	Recommended []string `yaml:"recommended"`
	OptIn       []string `yaml:"opt_in"`
}

type span struct {
	definition   `yaml:",inline"`
	requirements `yaml:",inline"`

	Name string   `yaml:"name"`
	Kind string   `yaml:"kind"`
	Sets []string `yaml:"sets"`
}

type event struct {
	definition `yaml:",inline"`

	Spans      []string `yaml:"spans"`
	Attributes []string `yaml:"attributes"`
}

type metric struct {
	definition `yaml:",inline"`

	Instrument string   `yaml:"instrument"`
	Unit       string   `yaml:"unit"`
	Buckets    string   `yaml:"buckets"`
	Attributes []string `yaml:"attributes"`

	bounds []float64
}

// Bounds returns the upper bounds of a histogram's buckets.
func (m metric) Bounds() []float64 { return m.bounds }

// attribute returns the attribute of that name.
func (r *registry) attribute(id string) (attribute, bool) {
	for _, g := range r.Groups {
		for _, a := range g.Attributes {
			if a.ID == id {
				return a, true
			}
		}
	}
	return attribute{}, false
}

// source returns the source of that ID, or the zero source.
func (r *registry) source(id string) source {
	for _, s := range r.Sources {
		if s.ID == id {
			return s
		}
	}
	return source{}
}
