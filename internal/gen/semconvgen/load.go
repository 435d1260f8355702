// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
)

// load reads every *.yaml of a directory into one registry. The result is
// well-formed; validate checks it for mistakes.
func load(dir fs.FS) (*registry, error) {
	names, err := fs.Glob(dir, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("load registry: %w", err)
	}
	if len(names) == 0 {
		return nil, errors.New("load registry: no *.yaml files")
	}
	r := &registry{sets: map[string]requirements{}, Buckets: map[string][]float64{}}
	for _, name := range names {
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, fmt.Errorf("load registry: %w", err)
		}
		doc, err := parse(text)
		if err != nil {
			return nil, fmt.Errorf("load registry: %s: %w", name, err)
		}
		if err := r.add(name, doc); err != nil {
			return nil, fmt.Errorf("load registry: %s: %w", name, err)
		}
	}
	r.expand()
	return r, nil
}

// parse reads one file. An unknown field is an error, because it is
// probably misspelt.
func parse(text []byte) (document, error) {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	var doc document
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return document{}, errors.New("the file is empty")
		}
		return document{}, err
	}
	if err := dec.Decode(&document{}); !errors.Is(err, io.EOF) {
		return document{}, errors.New("more than one document")
	}
	return doc, nil
}

// add adds the definitions of one file.
func (r *registry) add(file string, doc document) error {
	r.Sources = append(r.Sources, doc.Sources...)
	if len(doc.Attributes) > 0 {
		for i := range doc.Attributes {
			doc.Attributes[i].file = file
		}
		r.Groups = append(r.Groups, group{Title: doc.Title, Brief: doc.Brief, Attributes: doc.Attributes, file: file})
	}
	for _, s := range doc.Spans {
		s.file = file
		r.Spans = append(r.Spans, s)
	}
	for _, e := range doc.Events {
		e.file = file
		r.Events = append(r.Events, e)
	}
	for _, m := range doc.Metrics {
		m.file = file
		r.Metrics = append(r.Metrics, m)
	}
	// Sorted, so that the same registry always gives the same error.
	for _, name := range slices.Sorted(maps.Keys(doc.Sets)) {
		if _, ok := r.sets[name]; ok {
			return fmt.Errorf("set %s: defined twice", name)
		}
		r.sets[name] = doc.Sets[name]
	}
	for _, name := range slices.Sorted(maps.Keys(doc.Buckets)) {
		if _, ok := r.Buckets[name]; ok {
			return fmt.Errorf("buckets %s: defined twice", name)
		}
		r.Buckets[name] = doc.Buckets[name]
	}
	return nil
}

// expand puts the sets that spans name into the spans, and the bucket bounds
// that metrics name into the metrics. Unknown names are
// ignored; validate reports them.
func (r *registry) expand() {
	for i := range r.Spans {
		s := &r.Spans[i]
		var all requirements
		for _, name := range s.Sets {
			all = all.join(r.sets[name])
		}
		s.requirements = all.join(s.requirements)
	}
	for i := range r.Metrics {
		r.Metrics[i].bounds = r.Buckets[r.Metrics[i].Buckets]
	}
}

func (q requirements) join(other requirements) requirements {
	return requirements{
		Required:    slices.Concat(q.Required, other.Required),
		Recommended: slices.Concat(q.Recommended, other.Recommended),
		OptIn:       slices.Concat(q.OptIn, other.OptIn),
	}
}
