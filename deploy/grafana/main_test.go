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
	for _, tc := range []struct {
		logs, dir string
		files     []file
	}{
		{"victorialogs", ".", dashboards(victoriaLogs())},
		{"loki", filepath.Join("..", "loki"), withLogs(lokiStore())},
	} {
		t.Run(tc.logs, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := run(dir, tc.logs); err != nil {
				t.Fatal(err)
			}
			committed, err := filepath.Glob(filepath.Join(tc.dir, "*.json"))
			if err != nil || len(committed) != len(tc.files) {
				t.Errorf("%d files are in %s, %d are generated (%v)", len(committed), tc.dir, len(tc.files), err)
			}
			for _, path := range committed {
				want, err := os.ReadFile(filepath.Join(dir, filepath.Base(path)))
				if err != nil {
					t.Errorf("%s is not generated", path)
					continue
				}
				if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s differs from the generated file; run go generate ./... (%v)", path, err)
				}
			}
		})
	}
}

func TestErrorsAreReported(t *testing.T) {
	t.Parallel()
	if err := run(filepath.Join(t.TempDir(), "missing"), "victorialogs"); err == nil {
		t.Error("no error for a directory that is not there")
	}
	if err := run(t.TempDir(), "syslog"); err == nil {
		t.Error("no error for an unknown backend")
	}
}
