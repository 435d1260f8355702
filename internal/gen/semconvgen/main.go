// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Semconvgen renders the constants and the reference page of package semconv
// from the registry beside it. Run it by "go generate ./semconv".
//
// The registry is checked before any file is written. If it has a mistake, all
// files stay unchanged.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	dir := flag.String("dir", ".", "the `directory` of package semconv, with its registry in registry/*.yaml")
	flag.Parse()
	if err := run(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "semconvgen:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	files, err := generate(os.DirFS(filepath.Join(dir, "registry")))
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.name), f.content, 0o644); err != nil { //nolint:gosec // Everyone may read source files.
			return fmt.Errorf("write: %w", err)
		}
	}
	return nil
}
