// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonenctest_test

import (
	"slices"
	"testing"

	"github.com/voice-agents/telemetry/exporters/internal/logline/jsonenctest"
)

func TestKeys(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"object", `{"b":1,"a":{"c":[{"b":2},{"b":3}]}}`, []string{"b", "a"}},
		{"empty object", `{}`, nil},
		{"array", `[1,"a",null]`, nil},
		{"number", `1`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := jsonenctest.Keys([]byte(tt.text))
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("Keys(%s) = %q, %v; want %q", tt.text, got, err, tt.want)
			}
		})
	}
}

func TestCheckFails(t *testing.T) {
	for _, tt := range []struct{ name, text string }{
		{"nothing", ``},
		{"two values", `{}{}`},
		{"half an object", `{"a":1`},
		{"no value", `{"a":}`},
		{"number as key", `{1:2}`},
		{"duplicate key", `{"a":1,"a":2}`},
		{"duplicate key, spelled in two ways", `{"a":1,"\u0061":2}`},
		{"duplicate key in an array in an object", `{"x":[{"a":1,"a":2}]}`},
		{"bad UTF-8", "\"\xff\""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := jsonenctest.Check([]byte(tt.text)); err == nil {
				t.Errorf("Check(%q) = nil, want an error", tt.text)
			}
		})
	}
}
