// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"testing"
)

// Errors as SDKs and programs declare them.
type (
	quietError     struct{ text string } // A LogValuer that returns the text of Error, like openai-go's.
	detailError    struct{ code int }    // A LogValuer that returns more.
	selfError      struct{}              // A LogValuer that is its own value.
	brokenLogError struct{}              // A LogValuer that panics.
	jsonError      struct{}
	textError      struct{}
	shapedError    struct{}
	holder         struct{ err error } // A LogValuer whose error appears only when it is resolved.
)

func (e *quietError) Error() string                { return e.text }
func (e *quietError) LogValue() slog.Value         { return slog.StringValue(e.text) }
func (e detailError) Error() string                { return "refused" }
func (e detailError) LogValue() slog.Value         { return slog.GroupValue(slog.Int("code", e.code)) }
func (selfError) Error() string                    { return "self" }
func (e selfError) LogValue() slog.Value           { return slog.AnyValue(e) }
func (brokenLogError) Error() string               { return "broken" }
func (brokenLogError) LogValue() slog.Value        { panic("LogValue") }
func (jsonError) Error() string                    { return "as JSON" }
func (jsonError) MarshalJSON() ([]byte, error)     { return json.Marshal("other") }
func (textError) Error() string                    { return "as text" }
func (textError) MarshalText() ([]byte, error)     { return []byte("other"), nil }
func (shapedError) Error() string                  { return "as it is formatted" }
func (shapedError) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte("other")) }
func (h holder) LogValue() slog.Value              { return slog.AnyValue(h.err) }

func TestErrors(t *testing.T) {
	a, b := errors.New("a"), errors.New("b")
	var nothing *fs.PathError
	type values = map[string]string
	exception := func(kind, message string) map[string]any {
		return map[string]any{"type": kind, "message": message}
	}
	first := exception("*errors.errorString", "a")
	for _, tt := range []struct {
		name      string
		log       func(*slog.Logger)
		exception map[string]any
		attrs     values
	}{
		{"one", func(l *slog.Logger) { l.Error("m", "err", a) }, first, nil},
		{"a LogValuer", func(l *slog.Logger) { l.Error("m", "err", &quietError{"429"}) }, exception("*logpipe_test.quietError", "429"), nil},
		{
			"an error with a LogValue method", func(l *slog.Logger) { l.Error("m", "err", detailError{7}) },
			exception("logpipe_test.detailError", "refused"),
			values{"err": `{"code":7}`},
		},
		{"a LogValuer of itself", func(l *slog.Logger) { l.Error("m", "err", selfError{}) }, exception("logpipe_test.selfError", "self"), nil},
		{"a LogValuer that panics", func(l *slog.Logger) { l.Error("m", "err", brokenLogError{}) }, exception("logpipe_test.brokenLogError", "broken"), nil},
		{"a LogValuer that becomes an error", func(l *slog.Logger) { l.Error("m", "err", holder{a}) }, first, nil},
		{"a LogValuer, given", func(l *slog.Logger) { l.With("err", &quietError{"429"}).Error("m") }, exception("*logpipe_test.quietError", "429"), nil},
		{"a json.Marshaler", func(l *slog.Logger) { l.Error("m", "err", jsonError{}) }, exception("logpipe_test.jsonError", "as JSON"), nil},
		{"a TextMarshaler", func(l *slog.Logger) { l.Error("m", "err", textError{}) }, exception("logpipe_test.textError", "as text"), nil},
		{"a Formatter", func(l *slog.Logger) { l.Error("m", "err", shapedError{}) }, exception("logpipe_test.shapedError", "as it is formatted"), nil},
		{"a pointer to one", func(l *slog.Logger) { l.Error("m", "err", &a) }, nil, values{"err": `"a"`}},
		{"typed nil", func(l *slog.Logger) { l.Error("m", "err", nothing) }, exception("*fs.PathError", "(Error method of *fs.PathError panicked)"), nil},
		{"nil", func(l *slog.Logger) { l.Error("m", "err", error(nil)) }, nil, values{"err": "null"}},

		{"two", func(l *slog.Logger) { l.Error("m", "read", a, "write", b) }, first, values{"read": `"a"`, "write": `"b"`}},
		{
			"three, and others between", func(l *slog.Logger) { l.Error("m", "x", a, "n", 1, "y", b, "z", &quietError{"c"}) },
			first,
			values{"x": `"a"`, "n": "1", "y": `"b"`, "z": `"c"`},
		},
		{"two of one key", func(l *slog.Logger) { l.Error("m", "err", a, "err", b) }, first, values{"err": `"b"`}},
		{"two without a key", func(l *slog.Logger) { l.Error("m", "", a, "", b) }, first, values{"error": `"b"`}},
		{"two in a group without a name", func(l *slog.Logger) { l.Error("m", slog.Group("", "x", a, "y", b)) }, first, values{"x": `"a"`, "y": `"b"`}},
		{"one given, one of the record", func(l *slog.Logger) { l.With("cause", b).Error("m", "err", a) }, first, values{"cause": `"b"`}},
		{"two given", func(l *slog.Logger) { l.With("x", a).With("y", b).Error("m") }, first, values{"x": `"a"`, "y": `"b"`}},
		{"two given at once", func(l *slog.Logger) { l.With("x", a, "y", b).Error("m") }, first, values{"x": `"a"`, "y": `"b"`}},
		{
			"two given, one of the record", func(l *slog.Logger) { l.With("x", b, "y", b).Error("m", "err", a) },
			first,
			values{"x": `"b"`, "y": `"b"`},
		},
		{"in a group that is open", func(l *slog.Logger) { l.WithGroup("g").Error("m", "err", a) }, first, nil},
		{"two in a group that is open", func(l *slog.Logger) { l.WithGroup("g").Error("m", "x", a, "y", b) }, first, values{"g": `{"x":"a","y":"b"}`}},
		{
			"given before a group, in it and after it",
			func(l *slog.Logger) {
				l.With("top", b).WithGroup("g").With("mid", b).WithGroup("h").Error("m", "err", a)
			},
			first,
			values{"top": `"b"`, "g": `{"mid":"b"}`},
		},
		{"in a group of attributes", func(l *slog.Logger) { l.Error("m", slog.Group("g", "err", a)) }, nil, values{"g": `{"err":"a"}`}},
		{"in a group of attributes, and beside it", func(l *slog.Logger) { l.Error("m", slog.Group("g", "err", b), "err", a) }, first, values{"g": `{"err":"b"}`}},
		{"in a list", func(l *slog.Logger) { l.Error("m", "errs", []error{a, b}) }, nil, values{"errs": `["a","b"]`}},
		{"in a list of anything", func(l *slog.Logger) { l.Error("m", "errs", []any{a, nothing}) }, nil, values{"errs": `["a","(Error method of *fs.PathError panicked)"]`}},
		{"of a secret's key", func(l *slog.Logger) { l.Error("m", "password", a, "err", b) }, exception("*errors.errorString", "b"), values{"password": `"[REDACTED]"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			attrs, exception := logAttr(t, tt.log)
			got := make(values)
			for key, value := range attrs {
				got[key] = value.json
			}
			if !maps.Equal(got, tt.attrs) {
				t.Errorf("attributes: got  %v\nwant %v", got, tt.attrs)
			}
			if fmt.Sprint(exception) != fmt.Sprint(tt.exception) {
				t.Errorf("exception: got  %v\nwant %v", exception, tt.exception)
			}
		})
	}
}
