// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package peer

import (
	"bytes"
	"path"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/voice-agents/telemetry/semconv"
)

func TestMappings(t *testing.T) {
	files, err := mappings.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	if len(frameworks()) != len(files) {
		t.Errorf("%d frameworks of %d files", len(frameworks()), len(files))
	}
	known := make(map[string]bool)
	for _, a := range semconv.Attributes() {
		known[a.Name] = true
	}
	things := []string{isSession, isTurn, isUserTurn, isAgentTurn, isUserSpeech, isAgentSpeech, isNode, isRequest, isAttempt}
	for _, file := range files {
		t.Run(file.Name(), func(t *testing.T) {
			text, err := mappings.ReadFile(file.Name())
			if err != nil {
				t.Fatal(err)
			}
			f := new(framework)
			strict := yaml.NewDecoder(bytes.NewReader(text))
			strict.KnownFields(true)
			if err := strict.Decode(f); err != nil {
				t.Fatal(err)
			}
			if f.Name == "" || f.Scope == "" || f.Interrupted == "" || len(f.Missing) == 0 {
				t.Errorf("incomplete: %+v", f)
			}
			for _, k := range f.Spans {
				if _, err := path.Match(k.Name, ""); err != nil || !slices.Contains(things, k.Is) || (k.Stage == "") != (k.Operation == "") {
					t.Errorf("span %+v, %v", k, err)
				}
			}
			for _, list := range f.Attributes {
				for _, r := range list {
					if !known[string(r.To)] || r.From == "" || !slices.Contains([]string{"", "s", "ms"}, r.Unit) {
						t.Errorf("attribute %+v", r)
					}
				}
			}
			for name, v := range f.Delays {
				if v.From == "" || v.Unit != "s" && v.Unit != "ms" {
					t.Errorf("delay %s: %+v", name, v)
				}
			}
		})
	}
}
