// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
)

// entry is one line of a listing.
type entry struct {
	text      string
	member    bool // A field of a struct or a method of an interface.
	generated bool // It is declared in a generated file.
}

// reader collects what the files of a package export.
type reader struct {
	fset      *token.FileSet
	entries   []entry
	generated bool // The file being read is generated.
}

// exported returns the exported identifiers of a package, sorted.
func exported(root string, p pkg) ([]entry, error) {
	r := reader{fset: token.NewFileSet()}
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(r.fset, filepath.Join(root, filepath.FromSlash(p.dir), name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("read package %s: %w", p.dir, err)
		}
		r.generated = ast.IsGenerated(file)
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				r.function(d)
			case *ast.GenDecl:
				r.declaration(d)
			}
		}
	}
	slices.SortFunc(r.entries, func(a, b entry) int { return cmp.Compare(a.text, b.text) })
	return slices.CompactFunc(r.entries, func(a, b entry) bool { return a.text == b.text }), nil
}

func (r *reader) add(member bool, format string, args ...any) {
	r.entries = append(r.entries, entry{text: fmt.Sprintf(format, args...), member: member, generated: r.generated})
}

func (r *reader) function(d *ast.FuncDecl) {
	if !d.Name.IsExported() {
		return
	}
	if d.Recv == nil {
		r.add(false, "func %s%s%s", d.Name.Name, r.typeParameters(d.Type.TypeParams), r.signature(d.Type))
		return
	}
	receiver := d.Recv.List[0].Type
	if ast.IsExported(baseName(receiver)) {
		r.add(false, "method (%s) %s%s", r.text(receiver), d.Name.Name, r.signature(d.Type))
	}
}

// baseName returns the name of a receiver's or an embedded type, without its package,
// pointer and type arguments.
func baseName(expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.StarExpr:
		return baseName(e.X)
	case *ast.IndexExpr:
		return baseName(e.X)
	case *ast.IndexListExpr:
		return baseName(e.X)
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.Ident:
		return e.Name
	}
	return ""
}

func (r *reader) declaration(d *ast.GenDecl) {
	var repeated ast.Expr // The type that constants without a value take over.
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() {
				r.typeSpec(s)
			}
		case *ast.ValueSpec:
			if s.Type != nil || len(s.Values) > 0 {
				repeated = s.Type
			}
			r.values(d.Tok, s, repeated)
		}
	}
}

// values adds constants or variables. A constant has its value, unless that is counted
// by iota; a variable has its type, as far as the source names it.
func (r *reader) values(tok token.Token, s *ast.ValueSpec, repeated ast.Expr) {
	for i, name := range s.Names {
		if !name.IsExported() {
			continue
		}
		text := tok.String() + " " + name.Name
		if repeated != nil {
			text += " " + r.text(repeated)
		}
		if i < len(s.Values) && (tok == token.CONST || repeated == nil) {
			if value := r.text(s.Values[i]); !strings.Contains(value, "iota") && !strings.Contains(value, "\n") {
				text += " = " + value
			}
		}
		r.add(false, "%s", text)
	}
}

func (r *reader) typeSpec(s *ast.TypeSpec) {
	name := s.Name.Name + r.typeParameters(s.TypeParams)
	if s.Assign.IsValid() {
		name += " ="
	}
	switch t := s.Type.(type) {
	case *ast.StructType:
		r.add(false, "type %s struct", name)
		r.members("type "+s.Name.Name+" struct", t.Fields)
	case *ast.InterfaceType:
		r.add(false, "type %s interface", name)
		r.members("type "+s.Name.Name+" interface", t.Methods)
	default:
		r.add(false, "type %s %s", name, r.text(s.Type))
	}
}

// members adds exported fields or methods. An unexported method seals an interface,
// so it is listed, too.
func (r *reader) members(owner string, list *ast.FieldList) {
	for _, f := range list.List {
		method, isMethod := f.Type.(*ast.FuncType)
		isMethod = isMethod && strings.HasSuffix(owner, " interface")
		for _, name := range f.Names {
			switch {
			case isMethod && name.IsExported():
				r.add(true, "%s, %s%s", owner, name.Name, r.signature(method))
			case isMethod:
				r.add(true, "%s, unexported methods", owner)
			case name.IsExported():
				r.add(true, "%s, %s %s", owner, name.Name, r.text(f.Type))
			}
		}
		if len(f.Names) == 0 && (ast.IsExported(baseName(f.Type)) || strings.HasSuffix(owner, " interface")) {
			r.add(true, "%s, embedded %s", owner, r.text(f.Type))
		}
	}
}

// signature returns parameters and results without their names, as two functions
// that differ in these have one type.
func (r *reader) signature(t *ast.FuncType) string {
	text := "(" + strings.Join(r.types(t.Params), ", ") + ")"
	results := r.types(t.Results)
	switch len(results) {
	case 0:
		return text
	case 1:
		return text + " " + results[0]
	}
	return text + " (" + strings.Join(results, ", ") + ")"
}

func (r *reader) types(list *ast.FieldList) (types []string) {
	if list == nil {
		return nil
	}
	for _, f := range list.List {
		for range max(1, len(f.Names)) {
			types = append(types, r.text(f.Type))
		}
	}
	return types
}

func (r *reader) typeParameters(list *ast.FieldList) string {
	if list == nil {
		return ""
	}
	var parts []string
	for _, f := range list.List {
		for _, name := range f.Names {
			parts = append(parts, name.Name+" "+r.text(f.Type))
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// text returns an expression as gofmt prints it. The types of functions lose the
// names of their parameters.
func (r *reader) text(expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.FuncType:
		return "func" + r.signature(e)
	case *ast.StarExpr:
		return "*" + r.text(e.X)
	case *ast.ArrayType:
		if e.Len == nil {
			return "[]" + r.text(e.Elt)
		}
	case *ast.MapType:
		return "map[" + r.text(e.Key) + "]" + r.text(e.Value)
	case *ast.Ellipsis:
		return "..." + r.text(e.Elt)
	}
	var b bytes.Buffer
	if err := format.Node(&b, r.fset, expr); err != nil {
		return fmt.Sprintf("<%v>", err)
	}
	return b.String()
}
