// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package forms

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/finding"
)

const (
	// PEMBegin begins a PEM block.
	PEMBegin = "-----BEGIN "
	pemEnd   = "-----END "
)

// PEM finds private keys in PEM. Certificates are public.
func PEM(s string, from int) (finding.Finding, bool) {
	for from < len(s) {
		n := strings.Index(s[from:], PEMBegin)
		if n < 0 {
			break
		}
		begin := from + n
		from = begin + len(PEMBegin)
		label, _, _ := strings.Cut(s[from:min(len(s), from+chars.MaxName)], "-----")
		if !strings.Contains(label, "PRIVATE KEY") { // In PGP, BLOCK follows.
			continue
		}
		end := len(s) // A truncated block is secret up to the end of its text.
		if n := strings.IndexByte(s[begin:], '"'); n >= 0 {
			end = begin + n
		}
		if n := strings.Index(s[from:], pemEnd); n >= 0 {
			end = from + n + len(pemEnd)
			if n := strings.Index(s[end:], "-----"); n >= 0 {
				end += n + len("-----")
			}
		}
		return finding.New(begin, end, finding.RulePEM), true
	}
	return finding.Finding{}, false
}
