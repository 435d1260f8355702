// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestDashboardsAreGenerated(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	committed, err := filepath.Glob("*.json")
	if err != nil || len(committed) != len(dashboards()) {
		t.Errorf("%d files are here, %d are generated (%v)", len(committed), len(dashboards()), err)
	}
	for _, name := range committed {
		want, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Errorf("%s is not generated", name)
			continue
		}
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs from the generated file; run go generate ./... (%v)", name, err)
		}
	}
}

func TestWriteReportsErrors(t *testing.T) {
	t.Parallel()
	if err := write(filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("no error for a directory that is not there")
	}
}
