// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"regexp"
	"testing"

	"github.com/voice-agents/telemetry/redact"
)

func TestFindings(t *testing.T) {
	type finding struct{ text, rule, key string }
	r := redact.New(append(redact.Default(), redact.Values("blue elephant"), redact.Pattern("flight", regexp.MustCompile(`LH\d+`)))...)
	for _, tt := range []struct {
		in   string
		want []finding
	}{
		{"nothing", nil},
		{"", nil},
		{"mail ada@example.com or +14155550123", []finding{{"ada@example.com", "email", ""}, {"+14155550123", "phone", ""}}},
		{`{\"password\":\"x y\"}`, []finding{{"x y", "key", "password"}}},
		{"postgres://u:p@h/db", []finding{{"u:p", "url", ""}}},
		{"a blue elephant on LH454", []finding{{"blue elephant", "value", ""}, {"LH454", "flight", ""}}},
		{"password=blue elephant", []finding{{"blue elephant", "value", ""}}},
	} {
		got := r.Findings(tt.in)
		if len(got) != len(tt.want) {
			t.Errorf("%q: got %+v, want %v", tt.in, got, tt.want)
			continue
		}
		for i, f := range got {
			if is := (finding{tt.in[f.Begin:f.End], f.Rule, f.Key}); is != tt.want[i] {
				t.Errorf("%q: got %v, want %v", tt.in, is, tt.want[i])
			}
		}
	}
	if (*redact.Redactor)(nil).Findings("ada@example.com") != nil {
		t.Error("a nil redactor has found something")
	}
}
