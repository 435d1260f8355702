// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../../.."

// The diff of api/ shows each identifier that is added, removed or changed in type.
func TestListingIsCurrent(t *testing.T) {
	t.Parallel()
	packages, err := find(root)
	if err != nil {
		t.Fatal(err)
	}
	want, err := listings(root, packages)
	if err != nil {
		t.Fatal(err)
	}
	if len(want) < 10 {
		t.Errorf("found only %d public packages", len(want))
	}
	got, err := committed(root)
	if err != nil {
		t.Fatal(err)
	}
	names := maps.Clone(want)
	maps.Copy(names, got)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if lines := difference(got[name], want[name]); len(lines) > 0 {
			t.Errorf("api/%s differs from the code; run go generate ./internal/gen/apilist:\n%s", name, strings.Join(lines, "\n"))
		}
	}
}

func TestPackageTableIsCurrent(t *testing.T) {
	t.Parallel()
	packages, err := find(root)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, tableFile))
	if err != nil {
		t.Fatal(err)
	}
	want, err := withTable(page, table(packages))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page, want) {
		t.Errorf("the package table of %s differs from the code; run go generate ./internal/gen/apilist:\n%s",
			tableFile, strings.Join(difference(page, want), "\n"))
	}
}

// repository writes files below a new directory and returns it.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestListingOfEveryKindOfDeclaration(t *testing.T) {
	t.Parallel()
	dir := repository(t, map[string]string{
		"go.mod": "module github.com/voice-agents/telemetry\n",
		"kitchen/kitchen.go": `// Package kitchen cooks. It also washes.
package kitchen

import "context"

const (
	First Kind = iota + 1
	Second
	Name = "n"
	hidden = 1
)

var ErrBurnt = errors.New("burnt")
var Oven, stove *Stove

type Kind int
type Alias = map[string][]func(name string) error
type List[T any] []T

type Stove struct {
	Plates, Rings int
	On func(ctx context.Context, plate int) error
	heat int
	Kind
	*hiddenPart
}

type Cook interface {
	Cook(ctx context.Context, what ...string) (dish string, err error)
	context.Context
	sealed()
}

type hiddenPart struct{ Visible int }

func New(name string, opts ...func(*Stove)) (*Stove, error) { return nil, nil }
func Map[K comparable, V any](m map[K]V) {}
func hiddenFunc() {}
func (s *Stove) Light(a, b int) {}
func (l List[T]) Len() int { return 0 }
func (hiddenPart) Method() {}
`,
		"kitchen/kitchen_windows.go": "package kitchen\n\nfunc OnWindows() {}\n",
		"kitchen/kitchen_test.go":    "package kitchen\n\nfunc InTest() {}\n",
		"internal/pantry/p.go":       "package pantry\n\nfunc Inside() {}\n",
		"cmd/cook/main.go":           "package main\n\nfunc Exported() {}\n",
		"otherModule/go.mod":         "module example.com/m\n",
		"otherModule/m.go":           "package m\n\nfunc Exported() {}\n",
	})
	packages, err := find(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := listings(dir, packages)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 {
		t.Errorf("got listings of %d packages, want one", len(got))
	}
	const want = `const First Kind
const Name = "n"
const Second Kind
func Map[K comparable, V any](map[K]V)
func New(string, ...func(*Stove)) (*Stove, error)
method (*Stove) Light(int, int)
method (List[T]) Len() int
type Alias = map[string][]func(string) error
type Cook interface
type Cook interface, Cook(context.Context, ...string) (string, error)
type Cook interface, embedded context.Context
type Cook interface, unexported methods
type Kind int
type List[T any] []T
type Stove struct
type Stove struct, On func(context.Context, int) error
type Stove struct, Plates int
type Stove struct, Rings int
type Stove struct, embedded Kind
var ErrBurnt = errors.New("burnt")
var Oven *Stove
`
	if text := string(got["kitchen.txt"]); text != want {
		t.Errorf("got\n%s\nwant\n%s\ndifference:\n%s", text, want, strings.Join(difference([]byte(want), got["kitchen.txt"]), "\n"))
	}
}

func TestListingOfARemovedPackageIsDeleted(t *testing.T) {
	t.Parallel()
	dir := repository(t, map[string]string{"api/old.txt": "func Old()\n", "api/kept/kept.txt": "func Was()\n"})
	want := map[string][]byte{"kept/kept.txt": []byte("func Is()\n"), "new.txt": nil}
	if err := writeListings(dir, want); err != nil {
		t.Fatal(err)
	}
	got, err := committed(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !maps.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("got files %q, want %q", got, want)
	}
}

func TestCountsSeparateGeneratedIdentifiers(t *testing.T) {
	t.Parallel()
	dir := repository(t, map[string]string{
		"go.mod":   "module github.com/voice-agents/telemetry\n",
		"a/a.go":   "package a\n\ntype T struct{ F int }\n\nfunc (T) M() {}\n",
		"a/gen.go": "// Code generated by x. DO NOT EDIT.\n\npackage a\n\nfunc G() {}\n",
	})
	packages, err := find(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := printCounts(&b, dir, packages); err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(b.String()) {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	want := []string{"identifiers members package", "2 1 a", "1 0 a (generated)", "2 1 total", "1 0 total (generated)"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	dir := repository(t, map[string]string{
		"go.mod":            "module github.com/voice-agents/telemetry\n",
		"ARCHITECTURE.md":   "before\n" + tableBegin + "old\n" + tableEnd + " after\n",
		"a/a.go":            "// Package a does this | that. More.\npackage a\n\nimport (\n\t_ \"fmt\"\n\t_ \"github.com/voice-agents/telemetry/internal/b\"\n)\n",
		"internal/b/b.go":   "// Package b does one thing:\n//\n//\tcode\npackage b\n",
		"cmd/run/main.go":   "// Run runs a.\npackage main\n",
		"bench/go.mod":      "module github.com/voice-agents/telemetry/bench\n",
		"bench/main.go":     "// Command bench measures.\npackage main\n",
		"bench/deep/d.go":   "// Package deep is not shown.\npackage deep\n",
		"a/testdata/x/x.go": "package x\n",
	})
	packages, err := find(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeTable(dir, packages); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, tableFile))
	if err != nil {
		t.Fatal(err)
	}
	want := "before\n" + tableBegin + "| package | what it is | imports |\n| --- | --- | --- |\n" +
		"| `a` | does this \\| that | `internal/b` |\n| `internal/b` | does one thing |  |\n| `bench` | measures |  |\n| `cmd/run` | runs a |  |\n" +
		tableEnd + " after\n"
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTableNeedsMarkers(t *testing.T) {
	t.Parallel()
	if _, err := withTable([]byte("no markers"), ""); err == nil || !strings.Contains(err.Error(), tableFile) {
		t.Errorf("got error %v, want one that names %s", err, tableFile)
	}
}

// Users read in the first lines of a package whether they may depend on it.
func TestEveryPublicPackageStatesItsStability(t *testing.T) {
	t.Parallel()
	packages, err := find(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packages {
		if !p.public() {
			continue
		}
		stated := false
		for _, name := range p.GoFiles {
			text, err := os.ReadFile(filepath.Join(root, p.dir, name))
			if err != nil {
				t.Fatal(err)
			}
			stated = stated || bytes.Contains(text, []byte("\n// Stability: stable")) || bytes.Contains(text, []byte("\n// Stability: experimental"))
		}
		if !stated {
			t.Errorf("%s: its package comment has no line that begins with \"Stability: stable\" or \"Stability: experimental\"", p.dir)
		}
	}
}
