// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)

func isName(id string) bool { return namePattern.MatchString(id) }

// A checker collects all mistakes of a registry, so that one run reports them all.
type checker struct {
	registry *registry
	goNames  map[string]string // Go name to the definition that has it.
	errs     []error
}

// validate returns all mistakes of a registry.
func validate(r *registry) error {
	c := &checker{registry: r, goNames: map[string]string{}}
	for _, name := range declared() {
		c.goNames[name] = "semconv.go"
	}
	c.sources()
	for _, g := range r.Groups {
		c.group(g)
	}
	c.sets()
	spans := map[string]bool{}
	for _, s := range r.Spans {
		c.span(s, spans)
	}
	events := map[string]bool{}
	for _, e := range r.Events {
		c.event(e, events, spans)
	}
	metrics := map[string]bool{}
	for _, m := range r.Metrics {
		c.metric(m, metrics)
	}
	c.bucketSets()
	return errors.Join(c.errs...)
}

// declared returns the exported names in package semconv that do not come from the
// registry.
func declared() []string {
	return []string{
		"Attribute", "Attributes", "Counter", "Event", "Events", "Gauge", "Histogram", "Kind", "Metric", "Metrics",
		"SchemaURL", "Span", "Spans", "UpDownCounter", "Version",
	}
}

// about returns a function that reports a mistake of one definition.
func (c *checker) about(file, kind, id string) func(format string, args ...any) {
	return func(format string, args ...any) {
		c.errs = append(c.errs, fmt.Errorf("%s: %s %s: %s", file, kind, id, fmt.Sprintf(format, args...)))
	}
}

// definition checks what attributes, spans, events and metrics have in common.
func (c *checker) definition(kind string, d definition, seen map[string]bool) func(string, ...any) {
	report := c.about(d.file, kind, d.ID)
	if !isName(d.ID) {
		report("the name is not lower case words with dots between")
	}
	if seen[d.ID] {
		report("defined twice")
	}
	seen[d.ID] = true
	switch d.Stability {
	case "stable", "development":
	case "":
		report("no stability")
	default:
		report("stability %q is not stable or development", d.Stability)
	}
	c.brief(d.Brief, report)
	switch {
	case d.Source == "":
		report("no source")
	case c.registry.source(d.Source).ID == "":
		report("source %q is not defined", d.Source)
	}
	return report
}

// brief checks that a text consists of sentences, because it is printed beside others.
func (c *checker) brief(text string, report func(string, ...any)) {
	first, _ := utf8.DecodeRuneInString(text)
	switch {
	case strings.TrimSpace(text) == "":
		report("no brief")
	case unicode.IsLower(first) || !strings.HasSuffix(text, "."):
		report("the brief does not begin with a capital and end with a full stop")
	}
}

// takeGoName reserves a Go name.
func (c *checker) takeGoName(name, owner string, report func(string, ...any)) {
	if other, taken := c.goNames[name]; taken {
		report("its Go name %s is taken by %s", name, other)
		return
	}
	c.goNames[name] = owner
}

// references checks a list of attribute names.
func (c *checker) references(ids []string, report func(string, ...any), check func(attribute)) {
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			report("attribute %s is listed twice", id)
			continue
		}
		a, ok := c.registry.attribute(id)
		if !ok {
			report("attribute %s is not defined", id)
			continue
		}
		check(a)
	}
}

func (c *checker) sources() {
	var seen []string
	for _, s := range c.registry.Sources {
		report := c.about("registry", "source", s.ID)
		if slices.Contains(seen, s.ID) {
			report("defined twice")
		}
		seen = append(seen, s.ID)
		if s.ID == "" || s.Name == "" || !strings.HasPrefix(s.URL, "https://") {
			report("not an id, a name and an https URL")
		}
	}
}
