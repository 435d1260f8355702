// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan_test

import (
	"slices"
	"testing"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/finding"
)

// The tests of package redact check what the scanner finds. These check the combinations that it does not use.

const everything = `password=hunter2 ada@example.com +14155550123 4111111111111111 sk-proj-0123456789abcdefghij Bearer 8f14e45fceea167a`

func TestSearches(t *testing.T) {
	for _, tt := range []struct {
		name  string
		kinds secretscan.Kind
		want  []string
	}{
		{"none", 0, nil},
		{"bearer", secretscan.Bearer, []string{finding.RuleToken}},
		{"keys", secretscan.APIKeys, []string{finding.RuleAPIKey}},
		{"addresses and numbers", secretscan.Emails | secretscan.Phones, []string{finding.RuleEmail, finding.RulePhone}},
		{"cards", secretscan.Cards, []string{finding.RuleCard}},
		{"names without any", secretscan.Pairs, nil},
	} {
		var s secretscan.Scanner
		s.Search(tt.kinds)
		var got []string
		for _, f := range s.Find(everything) {
			got = append(got, f.Rule)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
		if len(tt.want) > 0 && s.IsPlain(everything) {
			t.Errorf("%s: the text is plain", tt.name)
		}
	}
}

func TestNames(t *testing.T) {
	var s secretscan.Scanner
	s.AddNames("patient_id")
	if !s.IsSecret("PatientID") || s.IsSecret("password") || s.IsSecret("") {
		t.Error("the secret names are not those that were added")
	}
	s.AddWellKnown()
	if !s.IsSecret("password") || s.IsStatus("password", "default") || !s.IsStatus("phone", "ringing") || s.IsStatus("name", "ringing") {
		t.Error("the well-known names are wrong")
	}
}

func TestReplace(t *testing.T) {
	const text = "0123456789"
	found := finding.Merge([]finding.Finding{
		finding.New(7, 9, finding.RulePhone), finding.New(1, 4, finding.RuleEmail), finding.New(2, 6, "mine"),
	})
	for _, tt := range []struct{ got, want string }{
		{finding.Replace(text, found), "0[REDACTED:email]6[REDACTED:phone]9"},
		{finding.Replace(text, nil), text},
		{finding.Mask(text, found), "0\x00\x00\x00\x00\x006\x00\x009"},
		{finding.Mask(text, nil), text},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
