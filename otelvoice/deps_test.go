// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// depsOf returns the packages that a package links, itself included, with those of the standard
// library or without.
func depsOf(t *testing.T, pkg string, standard bool) (deps []string) {
	t.Helper()
	format := `{{if not .Standard}}{{.ImportPath}}{{end}}`
	if standard {
		format = `{{.ImportPath}}`
	}
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", format, pkg).Output()
	if err != nil {
		t.Fatalf("go list %s: %v", pkg, err)
	}
	return strings.Fields(string(out))
}

// Package otelvoice links OpenTelemetry's API and no exporter or SDK.
func TestPackagesLinked(t *testing.T) {
	const module = "github.com/voice-agents/telemetry/"
	for _, tt := range []struct {
		pkg   string
		limit int // Of packages that are not of the standard library.
	}{
		{"otelvoice", 100},
		{"otelvoice/voicehttp", 115}, // With the decoders of providers.
		{"redact", 30},
		{"semconv", 10},
	} {
		t.Run(tt.pkg, func(t *testing.T) {
			deps := depsOf(t, module+tt.pkg, false)
			if len(deps) > tt.limit {
				t.Errorf("it links %d packages that are not of the standard library, want %d at most", len(deps), tt.limit)
			}
			t.Logf("%d packages, %d of them not of the standard library", len(depsOf(t, module+tt.pkg, true)), len(deps))
			for _, dep := range deps {
				for _, forbidden := range []string{
					"go.opentelemetry.io/otel/sdk", "go.opentelemetry.io/otel/exporters", "go.opentelemetry.io/proto",
					"google.golang.org/", "github.com/prometheus/", "github.com/shirou/", module + "exporters", module + "otelvoice/voicesdk",
				} {
					if strings.HasPrefix(dep, forbidden) {
						t.Errorf("it links %s", dep)
					}
				}
			}
		})
	}
}

// Package voicehttp links otelhttp, the toolkit's own packages and few others. The toolkit's are
// not counted: more of them, and smaller, cost nothing.
func TestPackagesLinkedBesideOtelhttp(t *testing.T) {
	const module, limit = "github.com/voice-agents/telemetry/", 5
	otelhttp := depsOf(t, "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp", true)
	own, others := 0, []string{}
	all := depsOf(t, module+"otelvoice/voicehttp", true)
	for _, dep := range all {
		switch {
		case strings.HasPrefix(dep, module):
			own++
		case !slices.Contains(otelhttp, dep):
			others = append(others, dep)
		}
	}
	if len(others) > limit {
		t.Errorf("voicehttp links %d packages that otelhttp does not, want %d at most: %q", len(others), limit, others)
	}
	t.Logf("voicehttp links %d packages, %d of them the toolkit's; otelhttp links %d", len(all), own, len(otelhttp))
}
