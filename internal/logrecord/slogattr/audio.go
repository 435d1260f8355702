// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package slogattr

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

// Audio is never logged, whatever the settings are. Request bodies are not logged by mistake
// either. A value that could hold one of them is replaced by its size: bytes and samples (16-bit
// and floating point), alone or inside a struct or a map, and readers. A byte slice with a text
// for people, such as net.IP, is logged as that text. With asJSON, a json.RawMessage with valid
// JSON is logged too.

// withoutAudio replaces a value that may hold audio. It reports whether the value is unchanged.
func withoutAudio(v slog.Value, f form) (_ slog.Value, same bool) {
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
	if budget := maxMembers; !f.mayHoldAudio(reflect.ValueOf(v.Any()), &budget) {
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

// reader returns the size of a reader if it has a method for it. It does not read.
func reader(r io.Reader) (v slog.Value) {
	defer func() {
		if recover() != nil {
			v = slog.StringValue("(reader not shown)")
		}
	}()
	switch sizer := r.(type) {
	case interface{ Len() int }: // The unread part of a bytes.Reader or a strings.Reader.
		return sized(sizer.Len())
	case interface{ Size() int64 }:
		return sized(int(sizer.Size()))
	}
	return slog.StringValue(fmt.Sprintf("(%T not shown)", r))
}

// textOf returns the text of a Stringer or a TextMarshaler.
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

// content classifies types by the audio that their values may hold.
type content int

const (
	noAudio  content = iota
	anything         // It depends on the value: it has interfaces or JSON.
	audio            // Bytes or samples.
)

// contents caches the content of types. Programs log values of few types.
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

// inspect classifies a type. A type that contains itself is inspected once.
func inspect(t reflect.Type, inside map[reflect.Type]bool) content {
	switch {
	case inside[t], t.Implements(errorType): // An error's text is what is logged.
		return noAudio
	case t.Implements(readerType):
		return audio
	case t == rawType:
		return anything
	}
	inside[t] = true
	switch t.Kind() { //nolint:exhaustive // The other kinds contain no values.
	case reflect.Interface:
		return anything
	case reflect.Slice, reflect.Array:
		if isSample(t.Elem().Kind()) {
			return audio
		}
		return inspect(t.Elem(), inside)
	case reflect.Pointer:
		return inspect(t.Elem(), inside)
	case reflect.Map:
		return max(inspect(t.Key(), inside), inspect(t.Elem(), inside))
	case reflect.Struct:
		c := noAudio
		for field := range t.Fields() {
			c = max(c, inspect(field.Type, inside))
		}
		return c
	}
	return noAudio
}

// mayHoldAudio reports whether a value holds bytes or samples, or has more than budget parts.
func (f form) mayHoldAudio(v reflect.Value, budget *int) bool {
	*budget--
	if !v.IsValid() || *budget < 0 {
		return v.IsValid()
	}
	switch contentOf(v.Type()) {
	case noAudio:
		return false
	case audio:
		return true
	case anything:
	}
	if v.Type() == rawType {
		return f != asJSON || v.Len() > maxFieldsBytes || v.Len() > 0 && !json.Valid(v.Bytes())
	}
	switch v.Kind() { //nolint:exhaustive // The other kinds contain no values.
	case reflect.Interface, reflect.Pointer:
		return f.mayHoldAudio(v.Elem(), budget)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if f.mayHoldAudio(v.Index(i), budget) {
				return true
			}
		}
	case reflect.Map:
		for iter := v.MapRange(); iter.Next(); {
			if f.mayHoldAudio(iter.Key(), budget) || f.mayHoldAudio(iter.Value(), budget) {
				return true
			}
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			if f.mayHoldAudio(field, budget) {
				return true
			}
		}
	}
	return false
}
