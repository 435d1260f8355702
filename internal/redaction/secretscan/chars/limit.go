// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package chars

// The bounds of the searches, in bytes.
const (
	// MaxName bounds the search for the beginning of a name, back from its end.
	MaxName = 64
	// MaxWord is the length of the longest word in a [WordSet].
	MaxWord = 24
	// MaxLookBack bounds the search for the parameter that a plus sign belongs to.
	MaxLookBack = 256
	// MaxValue bounds the search for the end of a value, which may have none.
	MaxValue = 4 << 10
	// MinKey is the length of the shortest API key or token.
	MinKey = 16
	// MinPhoneDigits is the number of digits of the shortest phone number.
	MinPhoneDigits = 8
)

// MaskByte replaces the bytes of a finding while other searches run. It is part of no word and no
// number, and is the byte that the built-in clear writes.
const MaskByte = 0
