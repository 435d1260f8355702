// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import "slices"

func (c *checker) group(g group) {
	report := c.about(g.file, "group", g.Title)
	if g.Title == "" {
		report("no title")
	}
	c.brief(g.Brief, report)
	seen := map[string]bool{}
	for _, other := range c.registry.Groups {
		if other.file == g.file {
			break
		}
		for _, a := range other.Attributes {
			seen[a.ID] = true
		}
	}
	for _, a := range g.Attributes {
		c.attribute(a, seen)
	}
}

func (c *checker) attribute(a attribute, seen map[string]bool) {
	report := c.definition("attribute", a.definition, seen)
	if isName(a.ID) {
		c.takeGoName(a.GoName(), a.ID, report)
		c.takeGoName(a.GoName()+"Key", a.ID, report)
	}
	switch a.Type {
	case "string", "int", "double", "boolean", "string[]", "template[string[]]", "map":
		if len(a.Members) > 0 {
			report("members without the type enum")
		}
		c.examples(a, report)
	case "enum":
		c.members(a, report)
	case "":
		report("no type")
	default:
		report("type %q is not string, int, double, boolean, string[], template[string[]], map or enum", a.Type)
	}
	switch {
	case a.Type == "double" && a.Unit == "":
		report("no unit")
	case a.Unit != "" && a.Type != "int" && a.Type != "double":
		report("a unit on the type %s", a.Type)
	}
}

func (c *checker) members(a attribute, report func(string, ...any)) {
	if len(a.Members) == 0 {
		report("an enum without members")
	}
	if len(a.Examples) > 0 {
		report("examples of an enum, whose members are examples enough")
	}
	var ids, values []string
	for _, m := range a.Members {
		if !isName(m.ID) || m.Value == "" {
			report("member %q is not an id in lower case and a value", m.ID)
			continue
		}
		if slices.Contains(ids, m.ID) || slices.Contains(values, m.Value) {
			report("member %s is there twice", m.ID)
			continue
		}
		ids, values = append(ids, m.ID), append(values, m.Value)
		c.brief(m.Brief, c.about(a.file, "attribute "+a.ID+": member", m.ID))
		c.takeGoName(a.GoName()+goName(m.ID), a.ID, report)
	}
}

func (c *checker) examples(a attribute, report func(string, ...any)) {
	if len(a.Examples) == 0 {
		report("no example")
	}
	for _, example := range a.Examples {
		if !fits(example, a.Type) {
			report("example %v is no %s", example, a.Type)
		}
	}
}

// fits reports whether an example is of a type. Examples of lists are elements.
func fits(example any, typ string) bool {
	switch v := example.(type) {
	case string:
		return v != "" && (typ == "string" || typ == "string[]" || typ == "template[string[]]")
	case int:
		return typ == "int" || typ == "double"
	case float64:
		return typ == "double"
	case bool:
		return typ == "boolean"
	case map[string]any:
		return typ == "map"
	}
	return false
}
