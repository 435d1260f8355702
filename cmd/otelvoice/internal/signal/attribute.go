// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package signal

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"sort"
	"strconv"
	"time"
	"unique"

	"go.opentelemetry.io/otel/attribute"
)

// Attribute is one attribute. Value is a string, bool, int64, float64, []any of values, or Attributes.
type Attribute struct {
	Key   string
	Value any
}

// Attributes are sorted by key, and each key is there once. Make them with [NewAttributes].
type Attributes []Attribute

// NewAttributes returns the attributes in order. It takes the slice over. Of a key that is there more than once,
// the last value stays.
func NewAttributes(attrs []Attribute) Attributes {
	if len(attrs) == 0 {
		return nil
	}
	for i := range attrs {
		attrs[i].Key = unique.Make(attrs[i].Key).Value() // The same few hundred keys are on all signals.
	}
	slices.SortStableFunc(attrs, func(a, b Attribute) int { return cmp.Compare(a.Key, b.Key) })
	kept := attrs[:1]
	for _, a := range attrs[1:] {
		if last := &kept[len(kept)-1]; last.Key == a.Key {
			last.Value = a.Value
			continue
		}
		kept = append(kept, a)
	}
	return kept
}

// Get returns the value of a key, or nil.
func (a Attributes) Get(key attribute.Key) any {
	i := sort.Search(len(a), func(i int) bool { return a[i].Key >= string(key) })
	if i < len(a) && a[i].Key == string(key) {
		return a[i].Value
	}
	return nil
}

// Has reports whether the key is there.
func (a Attributes) Has(key attribute.Key) bool { return a.Get(key) != nil }

// Text returns the value of a key, or "" if it is not a string.
func (a Attributes) Text(key attribute.Key) string {
	s, _ := a.Get(key).(string)
	return s
}

// Texts returns the strings of a key whose value is a list of strings, or one string.
func (a Attributes) Texts(key attribute.Key) (list []string) {
	switch v := a.Get(key).(type) {
	case string:
		return []string{v}
	case []any:
		for _, e := range v {
			if s, ok := e.(string); ok {
				list = append(list, s)
			}
		}
	}
	return list
}

// Int returns the value of a key. ok is false if it is not a whole number.
func (a Attributes) Int(key attribute.Key) (n int64, ok bool) {
	switch v := a.Get(key).(type) {
	case int64:
		return v, true
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v), true
		}
	}
	return 0, false
}

// Float returns the value of a key. ok is false if it is not a finite number.
func (a Attributes) Float(key attribute.Key) (f float64, ok bool) {
	switch v := a.Get(key).(type) {
	case float64:
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	case int64:
		return float64(v), true
	}
	return 0, false
}

// Seconds returns the value of a key, which is a number of seconds. ok is false if it is not a number of at most
// a hundred years.
func (a Attributes) Seconds(key attribute.Key) (d time.Duration, ok bool) {
	f, ok := a.Float(key)
	if !ok || math.Abs(f) > 100*365*86400 {
		return 0, false
	}
	return time.Duration(math.Round(f * float64(time.Second))), true
}

// Bool returns the value of a key. ok is false if it is not a truth value.
func (a Attributes) Bool(key attribute.Key) (v, ok bool) {
	v, ok = a.Get(key).(bool)
	return v, ok
}

// MarshalJSON writes an object. A number that is not finite becomes a string.
func (a Attributes) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, 64*len(a)+2)
	b = append(b, '{')
	for i, kv := range a {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendJSON(b, kv.Key); err != nil {
			return nil, err
		}
		if b, err = appendJSON(append(b, ':'), kv.Value); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// UnmarshalJSON reads what MarshalJSON wrote. Whole numbers become int64.
func (a *Attributes) UnmarshalJSON(b []byte) error {
	fields, err := ReadObject(b)
	*a = fields
	return err
}

// appendJSON appends a value. The usual ones are written here, which is several times as fast as package json.
func appendJSON(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case string:
		if isPlain(v) {
			return append(append(append(b, '"'), v...), '"'), nil
		}
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return append(strconv.AppendFloat(append(b, '"'), v, 'g', -1, 64), '"'), nil
		}
	case []any:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ',')
			}
			var err error
			if b, err = appendJSON(b, e); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	case Attributes:
		text, err := v.MarshalJSON()
		return append(b, text...), err
	}
	text := bytes.NewBuffer(b)
	out := json.NewEncoder(text)
	out.SetEscapeHTML(false)
	if err := out.Encode(v); err != nil {
		return nil, err
	}
	return text.Bytes()[:text.Len()-1], nil // Without the newline.
}

// isPlain reports whether a text needs no escapes in JSON.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f || s[i] == '"' || s[i] == '\\' {
			return false
		}
	}
	return true
}

// ReadObject reads an object of JSON. Whole numbers become int64, null fields are left out.
func ReadObject(b []byte) (Attributes, error) {
	var fields map[string]any
	in := json.NewDecoder(bytes.NewReader(b))
	in.UseNumber()
	if err := in.Decode(&fields); err != nil {
		return nil, err
	}
	return FromMap(fields), nil
}

// FromMap returns the attributes of an object of JSON whose numbers are json.Number or float64.
func FromMap(fields map[string]any) Attributes {
	attrs := make([]Attribute, 0, len(fields))
	for key, v := range fields {
		if v = fromJSON(v); v != nil {
			attrs = append(attrs, Attribute{key, v})
		}
	}
	return NewAttributes(attrs)
}

func fromJSON(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return n
		}
		if f, err := strconv.ParseFloat(string(v), 64); err == nil {
			return f
		}
		return string(v)
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = fromJSON(e)
		}
		return list
	case map[string]any:
		return FromMap(v)
	}
	return v
}
