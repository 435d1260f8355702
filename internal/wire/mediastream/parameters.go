// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package mediastream

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// The limits of the parameters of a call.
const (
	maxParameters = 32
	maxParameter  = 512 // Bytes of a name and of a value.
)

// A Parameters holds the parameters of a call. The zero value is empty. It keeps the first 32, and 512 bytes
// of each name and value.
type Parameters map[string]string

// Add adds a parameter, unless it is there or there are too many.
func (p *Parameters) Add(name, value string) {
	name, value = cut(name), cut(value)
	if _, ok := (*p)[name]; ok || name == "" || len(*p) == maxParameters {
		return
	}
	if *p == nil {
		*p = make(Parameters)
	}
	(*p)[name] = value
}

// AddJSON adds the parameters in a JSON value: the members of an object, the elements of an array
// that have a name and a value, or the text of a string as AddText does. Members that are neither a
// string, a number nor a boolean are left out. skip names members that are no parameters.
func (p *Parameters) AddJSON(data []byte, skip ...string) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	first, err := d.Token()
	if err != nil {
		return
	}
	switch first := first.(type) {
	case string:
		p.AddText(first)
	case json.Delim:
		if first == '[' {
			p.addList(d)
			return
		}
		p.addObject(d, skip)
	}
}

func (p *Parameters) addObject(d *json.Decoder, skip []string) {
next:
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return
		}
		var value any
		if d.Decode(&value) != nil {
			return
		}
		name, _ := key.(string)
		for _, s := range skip {
			if s == name {
				continue next
			}
		}
		if text, ok := textOf(value); ok {
			p.Add(name, text)
		}
	}
}

func (p *Parameters) addList(d *json.Decoder) {
	for d.More() {
		var element struct {
			Name, Key string
			Value     any
		}
		if d.Decode(&element) != nil {
			return
		}
		if element.Name == "" {
			element.Name = element.Key
		}
		if text, ok := textOf(element.Value); ok {
			p.Add(element.Name, text)
		}
	}
}

func textOf(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		if v {
			return "true", true
		}
		return "false", true
	}
	return "", false
}

// AddText adds the parameters in a text: JSON, or "{X-PH-a: 1, X-PH-b: 2}" as Plivo writes it, or "a=1,b=2".
func (p *Parameters) AddText(text string) {
	text = strings.TrimSpace(text)
	if json.Valid([]byte(text)) && strings.HasPrefix(text, "{") {
		p.AddJSON([]byte(text))
		return
	}
	text = strings.TrimSuffix(strings.TrimPrefix(text, "{"), "}")
	for pair := range strings.SplitSeq(text, ",") {
		i := strings.IndexAny(pair, ":=")
		if i < 0 {
			continue
		}
		p.Add(unquoted(pair[:i]), unquoted(pair[i+1:]))
	}
}

func unquoted(s string) string { return strings.Trim(strings.TrimSpace(s), `"'`) }

// cut returns the start of a text, in whole code points.
func cut(s string) string {
	if len(s) <= maxParameter {
		return s
	}
	n := maxParameter
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n])
}
