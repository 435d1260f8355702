// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"path/filepath"
	"regexp"
	"testing"
)

// The files that the pages for contributors name exist.
func TestNamedFilesExist(t *testing.T) {
	file := regexp.MustCompile("`((?:semconv|exporters|internal|otelvoice|otellivekit|otelconfig|redact|docs|deploy|e2e|sdks|examples|api)/[\\w./*-]+)`")
	for _, page := range read(t, root+"/CONTRIBUTING.md", root+"/ARCHITECTURE.md") {
		for _, m := range file.FindAllStringSubmatch(page.Prose, -1) {
			if found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(m[1]))); err != nil || len(found) == 0 {
				t.Errorf("%s: there is no %s (%v)", page.Path, m[1], err)
			}
		}
	}
}
