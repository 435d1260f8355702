// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Apilist writes the listing of the public API into api/, one file a package, and
// the package table into ARCHITECTURE.md. Both are read from the sources, so that no
// identifier and no import comes or goes without a line in a diff.
//
//	go run ./internal/gen/apilist          # write both
//	go run ./internal/gen/apilist -count   # print how many identifiers each package exports
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

//go:generate go run . -root ../../..

func main() {
	root := flag.String("root", ".", "the repository's directory")
	count := flag.Bool("count", false, "print the number of exported identifiers, write nothing")
	flag.Parse()
	if err := run(*root, *count, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "apilist:", err)
		os.Exit(1)
	}
}

func run(root string, count bool, out io.Writer) error {
	packages, err := find(root)
	if err != nil {
		return err
	}
	if count {
		return printCounts(out, root, packages)
	}
	files, err := listings(root, packages)
	if err != nil {
		return err
	}
	if err := writeListings(root, files); err != nil {
		return err
	}
	return writeTable(root, packages)
}
