// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"text/template"
)

// functions returns the functions that the templates call.
func functions(r *registry) template.FuncMap {
	return template.FuncMap{
		"bounds":      floats,
		"comment":     comment,
		"constructor": constructor,
		"cell":        cell,
		"codes":       codes,
		"doc": func(stability, source string) string {
			return fmt.Sprintf("Stability: %s. Source: %s.", stability, r.source(source).Name)
		},
		"examples":   examples,
		"goName":     goName,
		"instrument": instrument,
		"join":       strings.Join,
		"kind":       kind,
		"links":      links,
		"paramName":  paramName,
		"pattern":    parsePattern,
		"plural":     plural,
		"quote":      strconv.Quote,
		"strings":    goStrings,
		"valueType":  valueType,
	}
}

// comment writes text as a Go comment, wrapped to 80 columns.
func comment(parts ...string) string {
	const width = 77
	var b strings.Builder
	b.WriteString("//")
	column := 0
	for word := range strings.FieldsSeq(strings.Join(parts, " ")) {
		if column > 0 && column+1+len(word) > width {
			b.WriteString("\n//")
			column = 0
		}
		b.WriteString(" " + word)
		column += 1 + len(word)
	}
	return b.String()
}

// constructor returns the parameter and the body of the function that makes the
// attribute.
func constructor(a attribute) string {
	switch a.Type {
	case "int":
		return "v int) attribute.KeyValue { return " + a.GoName() + "Key.Int(v) }"
	case "double":
		return "v float64) attribute.KeyValue { return " + a.GoName() + "Key.Float64(v) }"
	case "boolean":
		return "v bool) attribute.KeyValue { return " + a.GoName() + "Key.Bool(v) }"
	case "string[]":
		return "v ...string) attribute.KeyValue { return " + a.GoName() + "Key.StringSlice(v) }"
	case "template[string[]]":
		return "key string, v ...string) attribute.KeyValue { return attribute.StringSlice(string(" + a.GoName() + `Key)+"."+key, v) }`
	case "map":
		return "v ...attribute.KeyValue) attribute.KeyValue { return " + a.GoName() + "Key.Map(v...) }"
	}
	return "v string) attribute.KeyValue { return " + a.GoName() + "Key.String(v) }"
}

// valueType returns the constant of package attribute for the attribute's type.
func valueType(a attribute) string {
	switch a.Type {
	case "int":
		return "attribute.INT64"
	case "double":
		return "attribute.FLOAT64"
	case "boolean":
		return "attribute.BOOL"
	case "string[]", "template[string[]]":
		return "attribute.STRINGSLICE"
	case "map":
		return "attribute.MAP"
	}
	return "attribute.STRING"
}

// instrument returns the constant of package semconv for the metric's kind.
func instrument(m metric) string {
	switch m.Instrument {
	case "histogram":
		return "Histogram"
	case "counter":
		return "Counter"
	case "updowncounter":
		return "UpDownCounter"
	}
	return "Gauge"
}

// plural returns the unit in words, for the end of a sentence about a value. It
// returns "" for counts and ratios.
func plural(unit string) string {
	switch unit {
	case "s":
		return ", in seconds"
	case "By":
		return ", in bytes"
	case "Hz":
		return ", in hertz"
	}
	return ""
}

// examples returns the attribute's examples as JSON, separated by commas.
func examples(a attribute) (string, error) {
	var parts []string
	for _, example := range a.Examples {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(example); err != nil {
			return "", fmt.Errorf("example of %s: %w", a.ID, err)
		}
		parts = append(parts, strings.TrimSpace(b.String()))
	}
	return strings.Join(parts, ", "), nil
}

// links returns the enum's constants as links in a Go comment.
func links(a attribute) string {
	var parts []string
	for _, m := range a.Members {
		parts = append(parts, "["+a.GoName()+goName(m.ID)+"]")
	}
	if n := len(parts); n > 1 {
		return strings.Join(parts[:n-1], ", ") + " or " + parts[n-1]
	}
	return strings.Join(parts, "")
}

func floats(v []float64) string {
	parts := make([]string, len(v))
	for i, f := range v {
		parts[i] = strconv.FormatFloat(f, 'g', -1, 64)
	}
	return strings.Join(parts, ", ")
}

// goStrings returns the elements of a Go slice of strings.
func goStrings(v []string) string {
	parts := make([]string, len(v))
	for i, s := range v {
		parts[i] = strconv.Quote(s)
	}
	return strings.Join(parts, ", ")
}

// codes returns names for a cell of a Markdown table.
func codes(names []string) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = "`" + name + "`"
	}
	return strings.Join(parts, ", ")
}

// kind returns the attribute's type on the span, for the reference page.
func kind(typ string) string {
	switch typ {
	case "enum":
		return "string, one of the values below"
	case "template[string[]]":
		return "string[]"
	}
	return typ
}

// cell escapes text for a cell of a Markdown table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
