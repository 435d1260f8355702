// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

const (
	pemBegin = "-----BEGIN "
	pemEnd   = "-----END "
)

// pem finds private keys; certificates are public.
func pem(s string, from int) (Finding, bool) {
	for from < len(s) {
		n := strings.Index(s[from:], pemBegin)
		if n < 0 {
			break
		}
		begin := from + n
		from = begin + len(pemBegin)
		label, _, _ := strings.Cut(s[from:min(len(s), from+maxName)], "-----")
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
		return Found(begin, end, RulePEM), true
	}
	return Finding{}, false
}
