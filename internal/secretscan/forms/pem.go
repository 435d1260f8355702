// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package forms

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/secretscan/chars"
	"github.com/voice-agents/telemetry/internal/secretscan/finding"
)

const (
	PemBegin = "-----BEGIN "
	pemEnd   = "-----END "
)

// Pem finds private keys; certificates are public.
func Pem(s string, from int) (finding.Finding, bool) {
	for from < len(s) {
		n := strings.Index(s[from:], PemBegin)
		if n < 0 {
			break
		}
		begin := from + n
		from = begin + len(PemBegin)
		label, _, _ := strings.Cut(s[from:min(len(s), from+chars.MaxName)], "-----")
		if !strings.Contains(label, "PRIVATE KEY") { // PGP's end in BLOCK.
			continue
		}
		end := len(s) // A block that was cut off is secret too, up to the end of the text that it is in.
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
