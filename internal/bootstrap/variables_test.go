// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/settings"
)

// expand returns the names that a name with braces represents.
func expand(name string) []string {
	before, rest, ok := strings.Cut(name, "{")
	if !ok {
		return []string{name}
	}
	choices, after, _ := strings.Cut(rest, "}")
	var names []string
	for choice := range strings.SplitSeq(choices, ",") {
		names = append(names, expand(before+choice+after)...)
	}
	return names
}

// The table of variables lists exactly the variables that are read.
func TestTableListsTheVariablesThatAreRead(t *testing.T) {
	var read []string
	cfg := NewConfig()
	cfg.Lookup = func(name string) (string, bool) {
		read = append(read, name)
		switch {
		case strings.HasSuffix(name, "_ENDPOINT"):
			return "http://localhost:4318", true
		case name == "OTEL_TRACES_SAMPLER":
			return "traceidratio", true
		}
		return "", false
	}
	if _, err := readEnvironment(cfg); err != nil {
		t.Fatal(err)
	}
	told := []string{settings.FileVariable}
	for _, s := range settings.Switches() {
		told = append(told, s.Variable)
	}
	for _, v := range Variables() {
		for _, name := range v.Names {
			told = append(told, expand(name)...)
		}
	}
	for _, name := range read {
		if !slices.Contains(told, name) {
			t.Errorf("%s is read, but the table does not list it", name)
		}
	}
	for _, name := range told {
		if !slices.Contains(read, name) {
			t.Errorf("the table lists %s, but it is not read", name)
		}
	}
}
