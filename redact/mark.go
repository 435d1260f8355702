// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

// Mark returns what is written in place of the finding: [REDACTED:email], or [REDACTED] in
// quotes if the text is JSON and its value was a list.
func (f *Finding) Mark() string {
	if f.with == "" { // Of a pattern.
		return marker + ":" + f.Rule + "]"
	}
	return f.with
}
