// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

var update = flag.Bool("update", false, "write the golden files of testdata")

// The committed files are what the committed registry renders to.
func TestSemconvAgreesWithItsRegistry(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "semconv")
	files, err := generate(os.DirFS(filepath.Join(dir, "registry")))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		got, err := os.ReadFile(filepath.Join(dir, f.name))
		if err != nil {
			t.Error(err)
			continue
		}
		if !bytes.Equal(got, f.content) {
			t.Errorf("semconv/%s does not match the registry: run go generate ./semconv", f.name)
		}
	}
}

// The small registry has every type, every kind of span name and every instrument. Its
// golden files show the effect of a change in a template.
func TestGenerateSmallRegistry(t *testing.T) {
	dir := filepath.Join("testdata", "small")
	files, err := generate(os.DirFS(filepath.Join(dir, "registry")))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		golden := filepath.Join(dir, f.name+".golden")
		if *update {
			if err := os.WriteFile(golden, f.content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(f.content, want) {
			t.Errorf("%s\ngot\n%s\nwant\n%s", f.name, f.content, want)
		}
	}
}

func TestGenerateIsDeterministic(t *testing.T) {
	registry := os.DirFS(filepath.Join("..", "..", "..", "semconv", "registry"))
	want, err := generate(registry)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		got, err := generate(registry)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if !bytes.Equal(got[i].content, want[i].content) {
				t.Fatalf("%s differs between runs", want[i].name)
			}
		}
	}
}

func TestRunWritesBesideTheRegistry(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "small"))); err != nil {
		t.Fatal(err)
	}
	if err := run(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"attribute_gen.go", "event_gen.go", "metric_gen.go", "span_gen.go", "README.md"} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		want, err := os.ReadFile(filepath.Join(dir, name+".golden"))
		if err != nil {
			t.Error(err)
			continue
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s\ngot\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestRunWritesNothingIfTheRegistryIsInvalid(t *testing.T) {
	dir := t.TempDir()
	bad := fstest.MapFS{
		"registry/bad.yaml": {Data: []byte("metrics:\n  - id: voice.calls\n")},
		"README.md":         {Data: []byte("as it was")},
	}
	if err := os.CopyFS(dir, bad); err != nil {
		t.Fatal(err)
	}
	if err := run(dir); err == nil {
		t.Error("got no error, want the metric's mistakes")
	}
	var got []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if !d.IsDir() {
			got = append(got, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(bad) {
		t.Errorf("got files %q, want only those that were there", got)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "README.md")); string(text) != "as it was" {
		t.Errorf("README.md: got %q (%v), want it left alone", text, err)
	}
}
