// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"embed"
	"fmt"
	"go/format"
	"io/fs"
	"strings"
	"text/template"
)

//go:embed templates/*.tmpl
var templates embed.FS

// A file is one file to write beside the registry.
type file struct {
	name    string
	content []byte
}

// generate loads a registry, checks it and renders everything from it.
func generate(dir fs.FS) ([]file, error) {
	r, err := load(dir)
	if err != nil {
		return nil, err
	}
	if err := validate(r); err != nil {
		return nil, fmt.Errorf("invalid registry:\n%w", err)
	}
	return render(r)
}

// render renders a valid registry. The same registry gives the same bytes.
func render(r *registry) ([]file, error) {
	tmpl, err := template.New("").Funcs(functions(r)).ParseFS(templates, "templates/*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("render: %w", err)
	}
	var files []file
	for _, name := range []string{"attribute_gen.go", "event_gen.go", "metric_gen.go", "span_gen.go", "README.md"} {
		var b bytes.Buffer
		if err := tmpl.ExecuteTemplate(&b, name+".tmpl", r); err != nil {
			return nil, fmt.Errorf("render: %w", err)
		}
		content := b.Bytes()
		if strings.HasSuffix(name, ".go") {
			if content, err = format.Source(content); err != nil {
				return nil, fmt.Errorf("render %s: %w", name, err)
			}
		}
		files = append(files, file{name, content})
	}
	return files, nil
}
