// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestLoadReportsInvalidFiles(t *testing.T) {
	tests := []struct {
		name  string
		files fstest.MapFS
		want  string
	}{
		{"no files", fstest.MapFS{"README.md": {}}, "load registry: no *.yaml files"},
		{"empty file", fstest.MapFS{"a.yaml": {}}, "a.yaml: the file is empty"},
		{"not YAML", fstest.MapFS{"a.yaml": {Data: []byte("a: [")}}, "a.yaml: yaml:"},
		{"a list", fstest.MapFS{"a.yaml": {Data: []byte("- a")}}, "cannot unmarshal"},
		{"unknown field", fstest.MapFS{"a.yaml": {Data: []byte("attrs: []")}}, "field attrs not found"},
		{"unknown field of an attribute", fstest.MapFS{"a.yaml": {Data: []byte("attributes:\n  - {id: a, typ: int}")}}, "field typ not found"},
		{"a field twice", fstest.MapFS{"a.yaml": {Data: []byte("title: A\ntitle: B")}}, "already defined"},
		{"a word for a flag", fstest.MapFS{"a.yaml": {Data: []byte("attributes:\n  - {id: a, sensitive: perhaps}")}}, "into bool"},
		{"two documents", fstest.MapFS{"a.yaml": {Data: []byte("title: A\n---\ntitle: B")}}, "more than one document"},
		{
			"a set in two files",
			fstest.MapFS{"a.yaml": {Data: []byte("sets: {s: {}}")}, "b.yaml": {Data: []byte("sets: {s: {}}")}},
			"b.yaml: set s: defined twice",
		},
		{
			"buckets in two files",
			fstest.MapFS{"a.yaml": {Data: []byte("buckets: {s: [1]}")}, "b.yaml": {Data: []byte("buckets: {s: [1]}")}},
			"b.yaml: buckets s: defined twice",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(tt.files)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// The loader and the validator return an error or a registry for any file, and every
// valid registry can be rendered.
func FuzzGenerate(f *testing.F) {
	f.Add(base)
	f.Add("attributes:\n  - {id: voice.x, type: enum, members: [{id: a, value: b}]}")
	f.Add("spans: [{id: a, name: '{', kind: client}]")
	f.Add("metrics: [{id: .., buckets: b}]\nbuckets: {b: [.nan, .inf]}")
	f.Add("a: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := load(fstest.MapFS{"a.yaml": {Data: []byte(text)}})
		if err != nil || validate(r) != nil {
			return
		}
		if _, err := render(r); err != nil {
			t.Errorf("a valid registry is not rendered: %v", err)
		}
	})
}
