// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Outdated lists the modules and images of which a newer version is known, in all modules of
// the repository and in the compose file. It asks the Go module proxy for modules. It cannot
// ask a registry for images: the table in e2e/servers/README.md names their newest known
// version, and whether a version is run by the tests.
//
//	go run ./internal/gen/outdated          # list what is behind
//	go run ./internal/gen/outdated -write   # and write the versions into the table
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
)

func main() {
	root := flag.String("root", ".", "the repository's directory")
	write := flag.Bool("write", false, "write the table")
	flag.Parse()
	if err := run(*root, *write, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "outdated:", err)
		os.Exit(1)
	}
}

func run(root string, write bool, out io.Writer) error {
	used, err := find(root)
	if err != nil {
		return err
	}
	path := filepath.Join(root, "e2e", "servers", "README.md")
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, err := parse(string(page))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	newest, err := latest(used)
	if err != nil {
		return err
	}
	for i := range used {
		used[i].newest = newest[used[i].name]
		if r, ok := before.of(used[i]); ok && used[i].newest == "" {
			used[i].newest = r.newest
		}
	}
	if write {
		text, err := replace(string(page), table(used, before))
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // A page of the repository.
			return err
		}
	}
	return report(out, used)
}

// report prints the dependencies that are behind.
func report(out io.Writer, used []dependency) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "NAME\tVERSION\tNEWEST\tIN") // Flush returns the error.
	for _, d := range used {
		if d.newest != d.version && d.newest != "" {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", d.name, d.version, d.newest, strings.Join(d.in, " "))
		}
	}
	return w.Flush()
}

// latest returns the newest versions of modules. A module of which the proxy does not know one is
// left out.
func latest(used []dependency) (map[string]string, error) {
	var queries []string
	for _, d := range used {
		if !d.image {
			queries = append(queries, d.name+"@latest")
		}
	}
	queries = slices.Compact(queries)
	dir, err := os.MkdirTemp("", "outdated")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	cmd := exec.Command("go", append([]string{"list", "-m", "-e", "-json=Path,Version"}, queries...)...) //nolint:gosec,noctx // Modules of the repository.
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list -m: %w", err)
	}
	newest := make(map[string]string)
	for decoder := json.NewDecoder(bytes.NewReader(text)); ; {
		var m struct{ Path, Version string }
		switch err := decoder.Decode(&m); {
		case errors.Is(err, io.EOF):
			return newest, nil
		case err != nil:
			return nil, fmt.Errorf("go list -m: %w", err)
		case m.Version != "latest":
			newest[m.Path] = m.Version
		}
	}
}
