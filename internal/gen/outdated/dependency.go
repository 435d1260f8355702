// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// own is the prefix of the repository's own modules.
const own = "github.com/voice-agents/telemetry"

// compose is the file that names images.
const compose = "docker-compose.otel.yml"

// A dependency is a module that a module requires directly, a tool's module, or an image.
type dependency struct {
	name    string
	version string
	image   bool
	in      []string // The directories of the modules, or the compose file.
	newest  string   // "" if unknown.
}

var imageLine = regexp.MustCompile(`(?m)^\s*image: ([^\s:]+):(\S+)`)

// find returns the dependencies, sorted by name and version.
func find(root string) ([]dependency, error) {
	type key struct{ name, version string }
	seen := make(map[key]*dependency)
	add := func(name, version, in string, image bool) {
		d := seen[key{name, version}]
		if d == nil {
			d = &dependency{name: name, version: version, image: image}
			seen[key{name, version}] = d
		}
		d.in = append(d.in, in)
	}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "testdata" || entry.Name() == ".git"):
			return filepath.SkipDir
		case entry.Name() != "go.mod":
			return nil
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		return required(path, func(name, version string) { add(name, version, filepath.ToSlash(dir), false) })
	})
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(root, compose))
	if err != nil {
		return nil, err
	}
	for _, match := range imageLine.FindAllStringSubmatch(string(text), -1) {
		add(match[1], match[2], compose, true)
	}
	var found []dependency
	for _, d := range seen {
		slices.Sort(d.in)
		found = append(found, *d)
	}
	slices.SortFunc(found, func(a, b dependency) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.version, b.version))
	})
	return found, nil
}

// required calls add with each module that a go.mod requires directly or for a tool.
func required(path string, add func(name, version string)) error {
	cmd := exec.Command("go", "mod", "edit", "-json", filepath.Base(path)) //nolint:gosec,noctx // A go.mod of the repository.
	cmd.Dir, cmd.Stderr = filepath.Dir(path), os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var file struct {
		Require []struct {
			Path, Version string
			Indirect      bool
		}
		Tool []struct{ Path string }
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, r := range file.Require {
		tool := slices.ContainsFunc(file.Tool, func(t struct{ Path string }) bool { return t.Path == r.Path || strings.HasPrefix(t.Path, r.Path+"/") })
		if (tool || !r.Indirect) && r.Path != own && !strings.HasPrefix(r.Path, own+"/") {
			add(r.Path, r.Version)
		}
	}
	return nil
}
