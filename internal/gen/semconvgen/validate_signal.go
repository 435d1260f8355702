// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"math"
	"slices"
	"strings"
)

func (c *checker) sets() {
	used := map[string]bool{}
	for _, s := range c.registry.Spans {
		for _, name := range s.Sets {
			used[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.registry.sets)) {
		if !used[name] {
			c.about("registry", "set", name)("no span has it")
		}
	}
}

func (c *checker) span(s span, seen map[string]bool) {
	report := c.definition("span", s.definition, seen)
	if isName(s.ID) {
		c.takeGoName("Span"+s.GoName(), s.ID, report)
	}
	if s.Kind != "internal" && s.Kind != "client" && s.Kind != "server" && s.Kind != "producer" && s.Kind != "consumer" {
		report("kind %q is not internal, client, server, producer or consumer", s.Kind)
	}
	for _, name := range s.Sets {
		if _, ok := c.registry.sets[name]; !ok {
			report("set %s is not defined", name)
		}
	}
	p, err := parsePattern(s.Name)
	if err != nil {
		report("name %q: %v", s.Name, err)
	} else if p.Attribute != "" {
		if a, ok := c.registry.attribute(p.Attribute); !ok || a.Sensitive || a.Type != "string" {
			report("name %q: %s is not a string attribute that may be read by all", s.Name, p.Attribute)
		}
	}
	optIn := len(s.Required) + len(s.Recommended)
	all := slices.Concat(s.Required, s.Recommended, s.OptIn)
	c.references(all, report, func(a attribute) {
		if a.Sensitive && slices.Index(all, a.ID) < optIn {
			report("attribute %s is sensitive and not opt_in", a.ID)
		}
	})
}

func (c *checker) event(e event, seen, spans map[string]bool) {
	report := c.definition("event", e.definition, seen)
	if isName(e.ID) {
		c.takeGoName("Event"+e.GoName(), e.ID, report)
	}
	if len(e.Spans) == 0 {
		report("no span")
	}
	for _, id := range e.Spans {
		if !spans[id] {
			report("span %s is not defined", id)
		}
	}
	c.references(e.Attributes, report, func(a attribute) {
		if a.Sensitive {
			report("attribute %s is sensitive", a.ID)
		}
	})
}

func (c *checker) metric(m metric, seen map[string]bool) {
	report := c.definition("metric", m.definition, seen)
	if isName(m.ID) {
		c.takeGoName("Metric"+m.GoName(), m.ID, report)
	}
	if m.Unit == "" {
		report("no unit")
	}
	switch m.Instrument {
	case "histogram":
		if m.Buckets == "" {
			report("a histogram without buckets")
		} else if _, ok := c.registry.Buckets[m.Buckets]; !ok {
			report("buckets %s are not defined", m.Buckets)
		}
	case "counter", "updowncounter", "gauge":
		if m.Buckets != "" {
			report("buckets on the instrument %s", m.Instrument)
		}
	default:
		report("instrument %q is not histogram, counter, updowncounter or gauge", m.Instrument)
	}
	c.references(m.Attributes, report, func(a attribute) {
		// Each value of an attribute is a time series more.
		if a.Sensitive || strings.HasSuffix(a.ID, ".id") || (a.Type != "string" && a.Type != "enum" && a.Type != "boolean") {
			report("attribute %s has too many values for a metric", a.ID)
		}
	})
}

func (c *checker) bucketSets() {
	used := map[string]bool{}
	for _, m := range c.registry.Metrics {
		used[m.Buckets] = true
	}
	for _, name := range slices.Sorted(maps.Keys(c.registry.Buckets)) {
		report := c.about("registry", "buckets", name)
		bounds := c.registry.Buckets[name]
		if len(bounds) == 0 {
			report("no bounds")
		}
		for i, bound := range bounds {
			if math.IsNaN(bound) || math.IsInf(bound, 0) {
				report("bound %v is no number", bound)
			}
			if i > 0 && bound <= bounds[i-1] {
				report("bound %v does not follow %v", bound, bounds[i-1])
			}
		}
		if !used[name] {
			report("no metric has them")
		}
	}
}
