// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"encoding/json"
	"math"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
)

// object is a JSON object of the names and values that are known. If the names come in order, it is what the Collector
// writes.
type object []byte

// add adds a value, and leaves out those that are no JSON, such as infinity, and those that are absent. The name needs no
// escapes.
func (o object) add(name string, v attribute.Value) object {
	switch v.Type() {
	case attribute.EMPTY:
		return o
	case attribute.INT64:
		return strconv.AppendInt(o.addName(name), v.AsInt64(), 10)
	case attribute.BOOL:
		return strconv.AppendBool(o.addName(name), v.AsBool())
	case attribute.FLOAT64:
		if f := v.AsFloat64(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return appendFloat(o.addName(name), f)
		}
		return o
	case attribute.STRING:
		if text := v.AsString(); isPlain(text) {
			o = append(append(o.addName(name), '"'), text...)
			return append(o, '"')
		}
	}
	text, err := json.Marshal(v.AsInterface())
	if err != nil {
		return o
	}
	return append(o.addName(name), text...)
}

func (o object) addInt(name string, n int64) object {
	return strconv.AppendInt(o.addName(name), n, 10)
}

func (o object) addName(name string) object {
	first := byte(',')
	if len(o) == 0 {
		first = '{'
	}
	o = append(append(o, first, '"'), name...)
	return append(o, '"', ':')
}

// value returns the object, or nothing if it is empty.
func (o object) value() attribute.Value {
	if len(o) == 0 {
		return attribute.Value{}
	}
	return attribute.StringValue(string(append(o, '}')))
}

// appendFloat appends a number, without an exponent unless it is very small or large, as the Collector does.
func appendFloat(dst []byte, f float64) []byte {
	if size := math.Abs(f); size == 0 || size >= 1e-6 && size < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	return strconv.AppendFloat(dst, f, 'e', -1, 64)
}

// isPlain reports whether text needs no escapes in JSON.
func isPlain(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ', c >= 0x7f, c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}
