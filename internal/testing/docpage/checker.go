// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package docpage

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"regexp"
	"strconv"
	"strings"
)

var packageClause = regexp.MustCompile(`(?m)^package \w+$`)

// A Checker type-checks code against the packages of a module.
type Checker struct {
	prelude  string
	files    *token.FileSet
	importer types.Importer
	paths    map[string]string // Of the imported packages, by their names.
}

// NewChecker returns a checker for the module in a directory. The prelude is a Go file with the
// imports and the declarations that the blocks use. The packages are compiled if need be.
func NewChecker(dir, prelude string) (*Checker, error) {
	text, err := os.ReadFile(prelude)
	if err != nil {
		return nil, err
	}
	c := &Checker{prelude: string(text), files: token.NewFileSet(), paths: make(map[string]string)}
	file, err := parser.ParseFile(c.files, prelude, text, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	args := []string{"list", "-export", "-deps", "-f", "{{if .Export}}{{.ImportPath}}\t{{.Export}}{{end}}"}
	for _, spec := range file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		name := path.Base(p)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		c.paths[name] = p
		args = append(args, p)
	}
	var stderr bytes.Buffer
	list := exec.Command("go", args...) //nolint:noctx // The imports of a file of the project.
	list.Dir, list.Stderr = dir, &stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list in %s: %w\n%s", dir, err, &stderr)
	}
	exports := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		if p, export, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			exports[p] = export
		}
	}
	c.importer = importer.ForCompiler(c.files, "gc", func(p string) (io.ReadCloser, error) {
		export, ok := exports[p]
		if !ok {
			return nil, fmt.Errorf("no export data of %s", p)
		}
		return os.Open(export)
	})
	return c, nil
}

// Check type-checks a Go block behind the prelude: a whole file, declarations, or the statements
// of a function with a result err. Variables and imports may be unused.
func (c *Checker) Check(where string, b Block) error {
	position := fmt.Sprintf("\n//line %s:%d\n", where, b.Line)
	var text string
	switch first, _, _ := strings.Cut(b.Text, " "); {
	case packageClause.MatchString(b.Text):
		text = position[1:] + b.Text
	case first == "func", first == "type", first == "const":
		text = c.prelude + position + b.Text
	default:
		text = c.prelude + "\nfunc _() (err error) {\n{" + position + b.Text + "\n}\nreturn err\n}\n"
	}
	file, err := parser.ParseFile(c.files, where, text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	var errs []error
	config := types.Config{Importer: c.importer, Error: func(err error) {
		var typed types.Error
		if errors.As(err, &typed) && typed.Soft {
			return // Unused.
		}
		errs = append(errs, err)
	}}
	_, _ = config.Check("page", c.files, []*ast.File{file}, nil) // The errors are collected.
	return errors.Join(errs...)
}

// Has reports whether a package that the prelude imports has a function, type, variable or
// constant, or a method or field if the name is Type.Name. Known is false for other packages.
func (c *Checker) Has(pkg, name string) (has, known bool) {
	p, known := c.paths[pkg]
	if !known {
		return false, false
	}
	imported, err := c.importer.Import(p)
	if err != nil {
		return false, true
	}
	name, member, isMember := strings.Cut(name, ".")
	found := imported.Scope().Lookup(name)
	if found == nil || !isMember {
		return found != nil, true
	}
	of, _, _ := types.LookupFieldOrMethod(found.Type(), true, imported, member)
	return of != nil, true
}
