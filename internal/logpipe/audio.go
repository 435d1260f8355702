// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"sync"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// Audio never goes into a log, whatever the switches say, and neither do bodies
// by mistake: what could hold either is written as its size. That is true of
// bytes and of samples (16-bit and floating point), alone or inside a struct or
// a map, and of readers. Text that a byte slice has for people, as a net.IP
// does, stays; so does valid JSON in a json.RawMessage where values are written
// as encoding/json has them.

// shown returns the value as it may go into a log in a form, and whether it is the same.
func (f form) shown(v slog.Value) (slog.Value, bool) {
	if v.Kind() != slog.KindAny {
		return v, true
	}
	switch a := v.Any().(type) {
	case nil, error:
		return v, true
	case []byte:
		return sized(len(a)), false
	case io.Reader:
		return reader(a), false
	}
	t := reflect.TypeOf(v.Any())
	if budget := maxMembers; !f.opaque(reflect.ValueOf(v.Any()), &budget) {
		return v, true
	}
	if text, ok := textOf(v.Any()); ok {
		return slog.StringValue(text), false
	}
	if (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) && isSample(t.Elem().Kind()) {
		return sized(reflect.ValueOf(v.Any()).Len() * int(t.Elem().Size())), false
	}
	return slog.StringValue("(" + t.String() + " not shown)"), false
}

func sized(n int) slog.Value { return slog.GroupValue(slog.Int(cleantext.SizeKey, n)) }

// reader returns the size that a reader tells of, without reading.
func reader(r io.Reader) (v slog.Value) {
	defer func() {
		if recover() != nil {
			v = slog.StringValue("(reader not shown)")
		}
	}()
	switch sizer := r.(type) {
	case interface{ Len() int }: // What is left of a bytes.Reader or a strings.Reader.
		return sized(sizer.Len())
	case interface{ Size() int64 }:
		return sized(int(sizer.Size()))
	}
	return slog.StringValue(fmt.Sprintf("(%T not shown)", r))
}

// textOf returns the text that a value has for people.
func textOf(v any) (text string, ok bool) {
	defer func() {
		if recover() != nil {
			text, ok = "", false
		}
	}()
	switch v.(type) {
	case fmt.Stringer, encoding.TextMarshaler:
		return fmt.Sprint(v), reflect.TypeOf(v).Kind() != reflect.Struct
	}
	return "", false
}

// content is what values of a type may hold.
type content int

const (
	harmless content = iota
	mixed            // What its interfaces and its JSON hold decides.
	samples          // Bytes or samples.
)

// contents remembers what types may hold. Programs log values of few types.
var contents sync.Map // reflect.Type → content

func contentOf(t reflect.Type) content {
	if known, ok := contents.Load(t); ok {
		return known.(content)
	}
	c := inspect(t, make(map[reflect.Type]bool))
	contents.Store(t, c)
	return c
}

func isSample(k reflect.Kind) bool {
	return k == reflect.Uint8 || k == reflect.Int16 || k == reflect.Float32
}

var (
	readerType = reflect.TypeFor[io.Reader]()
	errorType  = reflect.TypeFor[error]()
	rawType    = reflect.TypeFor[json.RawMessage]()
)

// inspect looks into a type. One that it is inside of already adds nothing.
func inspect(t reflect.Type, inside map[reflect.Type]bool) content {
	switch {
	case inside[t], t.Implements(errorType): // An error's text is what is logged.
		return harmless
	case t.Implements(readerType):
		return samples
	case t == rawType:
		return mixed
	}
	inside[t] = true
	switch t.Kind() { //nolint:exhaustive // The other kinds hold nothing.
	case reflect.Interface:
		return mixed
	case reflect.Slice, reflect.Array:
		if isSample(t.Elem().Kind()) {
			return samples
		}
		return inspect(t.Elem(), inside)
	case reflect.Pointer:
		return inspect(t.Elem(), inside)
	case reflect.Map:
		return max(inspect(t.Key(), inside), inspect(t.Elem(), inside))
	case reflect.Struct:
		c := harmless
		for field := range t.Fields() {
			c = max(c, inspect(field.Type, inside))
		}
		return c
	}
	return harmless
}

// opaque reports whether a value holds bytes or samples, or is too large to
// find out.
func (f form) opaque(v reflect.Value, budget *int) bool {
	*budget--
	if !v.IsValid() || *budget < 0 {
		return v.IsValid()
	}
	switch contentOf(v.Type()) {
	case harmless:
		return false
	case samples:
		return true
	case mixed:
	}
	if v.Type() == rawType {
		return f != fields || v.Len() > maxArgument || v.Len() > 0 && !json.Valid(v.Bytes())
	}
	switch v.Kind() { //nolint:exhaustive // The other kinds hold nothing.
	case reflect.Interface, reflect.Pointer:
		return f.opaque(v.Elem(), budget)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if f.opaque(v.Index(i), budget) {
				return true
			}
		}
	case reflect.Map:
		for iter := v.MapRange(); iter.Next(); {
			if f.opaque(iter.Key(), budget) || f.opaque(iter.Value(), budget) {
				return true
			}
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			if f.opaque(field, budget) {
				return true
			}
		}
	}
	return false
}
