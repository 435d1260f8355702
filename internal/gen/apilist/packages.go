// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// modulePath is the import path of the repository's root.
const modulePath = "github.com/voice-agents/telemetry"

// pkg is a package that has other files than tests.
type pkg struct {
	*build.Package

	dir    string // From the repository's root, with slashes. "." is the root.
	module string // The directory of its go.mod, in the same form.
}

// public reports whether users import the package.
func (p pkg) public() bool {
	if p.Name == "main" || !slices.Contains([]string{".", "otelconfig", "oteldeepgram", "otelgrpcspeech", "otellivekit", "otelpion"}, p.module) {
		return false
	}
	first, _, _ := strings.Cut(p.dir, "/")
	return !p.internal() && !slices.Contains([]string{"deploy", "examples"}, first) && !strings.Contains("/"+p.dir+"/", "/examples/")
}

func (p pkg) internal() bool { return strings.Contains("/"+p.dir+"/", "/internal/") }

// target is the platform that files are chosen for. It is fixed, so that every machine
// writes the same listing.
func target() *build.Context {
	ctx := build.Default
	ctx.GOOS, ctx.GOARCH, ctx.CgoEnabled = "linux", "amd64", false
	return &ctx
}

// find returns the packages of all modules of a repository, by directory.
func find(root string) (packages []pkg, err error) {
	module := map[string]string{} // By directory, of which the parents come first.
	err = filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(rel)
		if name := entry.Name(); dir != "." && (name == "testdata" || name == "node_modules" || name[0] == '.' || name[0] == '_') {
			return filepath.SkipDir
		}
		module[dir] = module[path.Dir(dir)]
		if _, err := os.Stat(filepath.Join(file, "go.mod")); err == nil {
			module[dir] = dir
		}
		built, err := target().ImportDir(file, build.ImportComment)
		if noGo := (*build.NoGoError)(nil); errors.As(err, &noGo) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read package %s: %w", dir, err)
		}
		if len(built.GoFiles) > 0 {
			packages = append(packages, pkg{Package: built, dir: dir, module: module[dir]})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(packages) == 0 {
		return nil, fmt.Errorf("no packages in %s", root)
	}
	return packages, nil
}
