// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"
)

const root = "../../.."

// TestTable checks that the table has the versions of the files. "go run ./internal/gen/outdated -write"
// writes them.
func TestTable(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "e2e", "servers", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	found, err := parse(string(page))
	if err != nil {
		t.Fatal(err)
	}
	used, err := find(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range used {
		if !listed(d) {
			continue
		}
		key := [2]string{d.name, d.version}
		switch r, ok := found[key]; {
		case !ok:
			t.Errorf("the table does not have %s %s, which is used in %v", d.name, d.version, d.in)
		case r.newest == "" || r.run == "":
			t.Errorf("%s: the table does not say which version is the newest, or whether it is run", d.name)
		}
		delete(found, key)
	}
	for key := range found {
		t.Errorf("the table has %s %s, which is not used", key[0], key[1])
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	body := "| `a/b` | 1.0 | 1.1 | x, y | yes |\n"
	page := "text\n" + begin + header + body + end + "more\n"
	found, err := parse(page)
	if r, ok := found.of(dependency{name: "a/b", version: "1.0"}); err != nil || !ok || r != (row{"1.1", "yes"}) {
		t.Errorf("got %v, %v", found, err)
	}
	used := []dependency{{name: "a/b", version: "2.0", image: true, in: []string{"z"}}}
	text, err := replace(page, table(used, found))
	want := "text\n" + begin + header + "| `a/b` | 2.0 | unknown | z | yes |\n" + end + "more\n"
	if err != nil || text != want {
		t.Errorf("got %q, %v", text, err)
	}
	for name, page := range map[string]string{
		"no markers": "text\n", "no end": begin, "a row with few cells": begin + header + "| a | b |\n" + end,
	} {
		if _, err := parse(page); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
