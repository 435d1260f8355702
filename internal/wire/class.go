// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package wire

// maxClass is how long the class of an error may be to be a dimension of metrics.
const maxClass = 64

// IsClass reports whether a text can be the class of an error: a code or a type, of which a provider has few. Where
// providers have those, some send a sentence, which may hold what was said or sent.
func IsClass[T string | []byte](text T) bool {
	if len(text) == 0 || len(text) > maxClass {
		return false
	}
	for i := range len(text) {
		c := text[i]
		if ('a' > c || c > 'z') && ('A' > c || c > 'Z') && ('0' > c || c > '9') && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}
