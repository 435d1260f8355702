// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package telemetry_test tests properties of all modules in the repository.
package telemetry_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// agpl lists modules under the GNU Affero General Public License that tests of telemetry
// might build: backends, load generators and object stores. Client libraries of the same
// owners often have other licenses and are not listed.
var agpl = []string{
	"github.com/grafana/grafana",
	"github.com/grafana/k6",
	"github.com/grafana/loki",
	"github.com/grafana/mimir",
	"github.com/grafana/oncall",
	"github.com/grafana/phlare",
	"github.com/grafana/pyroscope",
	"github.com/grafana/tempo",
	"github.com/minio/console",
	"github.com/minio/kes",
	"github.com/minio/madmin-go",
	"github.com/minio/mc",
	"github.com/minio/minio",
	"github.com/minio/pkg",
	"github.com/minio/warp",
	"github.com/uptrace/uptrace",
	"github.com/zitadel/zitadel",
	"go.k6.io/k6",
}

// denied returns the AGPL modules that a go.mod or go.sum file names, in any directive and
// any major version.
func denied(text string) (found []string) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "//")
		for word := range strings.FieldsSeq(line) {
			word = strings.Trim(word, "\"`")
			for _, module := range agpl {
				if word == module || strings.HasPrefix(word, module+"/") {
					found = append(found, word)
				}
			}
		}
	}
	return found
}

func TestNoModuleUnderTheAGPL(t *testing.T) {
	t.Parallel()
	files := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && entry.Name() == ".git" {
			return filepath.SkipDir
		}
		if entry.IsDir() || entry.Name() != "go.mod" && entry.Name() != "go.sum" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		for _, module := range denied(string(text)) {
			t.Errorf("%s names %s, which is under the AGPL: no build or test may fetch it", path, module)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 12 {
		t.Errorf("only %d files were read", files)
	}
}

func TestDenied(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text string
		want []string
	}{
		"required":             {"require github.com/grafana/loki/v3 v3.7.8\n", []string{"github.com/grafana/loki/v3"}},
		"indirect, in a block": {"require (\n\tgithub.com/minio/minio v0.0.0 // indirect\n)\n", []string{"github.com/minio/minio"}},
		"a tool":               {"tool github.com/grafana/tempo/cmd/tempo\n", []string{"github.com/grafana/tempo/cmd/tempo"}},
		"a replacement":        {"replace example.com/a => github.com/grafana/mimir v1.0.0\n", []string{"github.com/grafana/mimir"}},
		"quoted":               {"require \"go.k6.io/k6\" v1.0.0\n", []string{"go.k6.io/k6"}},
		"a nested module":      {"github.com/grafana/loki/pkg/push v0.0.0 h1:abc=\n", []string{"github.com/grafana/loki/pkg/push"}},
		"a checksum":           {"github.com/grafana/grafana v1.0.0/go.mod h1:abc=\n", []string{"github.com/grafana/grafana"}},
		"a comment":            {"require example.com/a v1.0.0 // not github.com/grafana/loki\n", nil},
		"a longer name":        {"require github.com/grafana/grafana-foundation-sdk/go v0.0.12\n", nil},
		"a client":             {"require github.com/minio/minio-go/v7 v7.0.0\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := denied(tc.text); !slices.Equal(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}
