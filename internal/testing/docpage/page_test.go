// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package docpage

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.md")
	text := "# A page: of `two` words\n\nSee [one](other.md#top), [two](#below) and [three](https://example.com).\n" +
		"In code, `[four](nothing.md)` is no link.\n\n```go\nx := 1\n```\n\n## Below\n```console\n# no heading\n```\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	page, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := []Block{{7, "go", "x := 1\n"}, {12, "console", "# no heading\n"}}; !slices.Equal(page.Blocks, want) {
		t.Errorf("blocks: got %+v, want %+v", page.Blocks, want)
	}
	if want := []Link{{3, filepath.Join(filepath.Dir(path), "other.md"), "top"}, {3, "", "below"}}; !slices.Equal(page.Links, want) {
		t.Errorf("links: got %+v, want %+v", page.Links, want)
	}
	if len(page.Anchors) != 2 || !page.Anchors["a-page-of-two-words"] || !page.Anchors["below"] {
		t.Errorf("anchors: got %v", page.Anchors)
	}
	if strings.Contains(page.Prose, "x := 1") || !strings.Contains(page.Prose, "See [one]") {
		t.Errorf("prose: got %q", page.Prose)
	}
}

func TestCheck(t *testing.T) {
	prelude := filepath.Join(t.TempDir(), "prelude.go")
	if err := os.WriteFile(prelude, []byte("package page\n\nimport (\n\t\"os\"\n\t\"strings\"\n)\n\nvar text string\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := NewChecker(".", prelude)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, code, err string }{
		{"statements with an unused variable", "fields := strings.Fields(text)\n", ""},
		{"a return", "if text == \"\" {\n\treturn err\n}\n", ""},
		{"a declaration", "func upper() string { return strings.ToUpper(text) }\n", ""},
		{"a whole file", "// Comment.\npackage main\n\nimport \"os\"\n\nfunc main() { os.Exit(0) }\n", ""},
		{"an unknown function", "strings.Field(text)\n", "page.md:7"},
		{"another type", "var n int = text\n", "page.md:7"},
		{"no Go", "go get example.com\n", "page.md:7"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			switch err := c.Check("page.md", Block{Line: 7, Text: tt.code}); {
			case err == nil && tt.err != "", err != nil && (tt.err == "" || !strings.Contains(err.Error(), tt.err)):
				t.Errorf("got %v, want %q", err, tt.err)
			}
		})
	}
	for _, tt := range []struct {
		pkg, name  string
		has, known bool
	}{
		{"strings", "Fields", true, true},
		{"strings", "Builder.WriteString", true, true},
		{"strings", "Builder.Nothing", false, true},
		{"strings", "Nothing", false, true},
		{"bytes", "Fields", false, false},
	} {
		if has, known := c.Has(tt.pkg, tt.name); has != tt.has || known != tt.known {
			t.Errorf("Has(%s, %s): got %v, %v", tt.pkg, tt.name, has, known)
		}
	}
}
