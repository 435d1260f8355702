// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
)

// directory is where listings are written, from the repository's root.
const directory = "api"

// listings returns the content of the listing's files, by their paths below directory.
func listings(root string, packages []pkg) (map[string][]byte, error) {
	files := make(map[string][]byte)
	for _, p := range packages {
		if !p.public() {
			continue
		}
		entries, err := exported(root, p)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		for _, e := range entries {
			b.WriteString(e.text + "\n")
		}
		files[p.dir+".txt"] = b.Bytes()
	}
	return files, nil
}

// committed returns the listing as it is on disk, in the form of listings.
func committed(root string) (map[string][]byte, error) {
	files := make(map[string][]byte)
	dir := filepath.Join(root, directory)
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(file) != ".txt" {
			return err
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(rel)], err = os.ReadFile(file) //nolint:gosec // A file that WalkDir found.
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return files, nil
	}
	return files, err
}

// writeListings makes the files on disk equal to the given ones. It deletes the listing
// of a package that is gone.
func writeListings(root string, files map[string][]byte) error {
	old, err := committed(root)
	if err != nil {
		return err
	}
	for name := range old {
		if _, ok := files[name]; ok {
			continue
		}
		if err := os.Remove(filepath.Join(root, directory, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	for name, text := range files {
		file := filepath.Join(root, directory, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // Everyone may read it.
			return err
		}
		if err := os.WriteFile(file, text, 0o644); err != nil { //nolint:gosec // Everyone may read it.
			return err
		}
	}
	return nil
}

// difference returns the lines that were added and removed between two listings, as
// "+ line" and "- line".
func difference(old, current []byte) (lines []string) {
	was, is := strings.Split(string(old), "\n"), strings.Split(string(current), "\n")
	for _, line := range was {
		if !slices.Contains(is, line) {
			lines = append(lines, "- "+line)
		}
	}
	for _, line := range is {
		if !slices.Contains(was, line) {
			lines = append(lines, "+ "+line)
		}
	}
	return lines
}

// printCounts prints how much each public package exports. Identifiers are constants,
// variables, functions, types and methods; members are fields of structs and methods
// of interfaces. Identifiers in generated files have a row of their own.
func printCounts(out io.Writer, root string, packages []pkg) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "identifiers\tmembers\t\tpackage")
	row := func(c counts, name string) {
		if c != (counts{}) {
			fmt.Fprintf(w, "%d\t%d\t\t%s\n", c.identifiers, c.members, name)
		}
	}
	var total, totalGenerated counts
	for _, p := range packages {
		if !p.public() {
			continue
		}
		entries, err := exported(root, p)
		if err != nil {
			return err
		}
		var written, generated counts
		for _, e := range entries {
			if e.generated {
				generated.add(e)
			} else {
				written.add(e)
			}
		}
		row(written, p.dir)
		row(generated, p.dir+" (generated)")
		total.merge(written)
		totalGenerated.merge(generated)
	}
	row(total, "total")
	row(totalGenerated, "total (generated)")
	return w.Flush()
}

type counts struct{ identifiers, members int }

func (c *counts) add(e entry) {
	if e.member {
		c.members++
	} else {
		c.identifiers++
	}
}

func (c *counts) merge(other counts) {
	c.identifiers += other.identifiers
	c.members += other.members
}
