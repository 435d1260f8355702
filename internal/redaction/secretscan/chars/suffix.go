// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package chars

import "strings"

// A Suffix is the last three bytes of a text, in lower case.
type Suffix uint32

const (
	endOfBearer = 'r'<<16 | 'e'<<8 | 'r'
	endOfBasic  = 's'<<16 | 'i'<<8 | 'c'
)

// SuffixOf returns the suffix of a text, or 0 if it is shorter than three bytes.
func SuffixOf(s string) Suffix {
	n := len(s)
	if n < 3 {
		return 0
	}
	return Suffix(s[n-3]|0x20)<<16 | Suffix(s[n-2]|0x20)<<8 | Suffix(s[n-1]|0x20)
}

// IsScheme reports whether an Authorization scheme has this suffix: bearer, basic, token, apikey,
// digest, negotiate, AWS4-HMAC-SHA256. Few English words have.
func (e Suffix) IsScheme() bool {
	switch e {
	case endOfBearer, endOfBasic, 'k'<<16 | 'e'<<8 | 'n', 'k'<<16 | 'e'<<8 | 'y', 'e'<<16 | 's'<<8 | 't',
		'a'<<16 | 't'<<8 | 'e', '2'<<16 | '5'<<8 | '6':
		return true
	}
	return false
}

// IsName reports whether a name has this suffix whose value occurs in sentences: password, token, key,
// secret, passphrase, code, pass, pin, otp, auth, and so on.
func (e Suffix) IsName() bool {
	switch e {
	case 'o'<<16 | 'r'<<8 | 'd', 'o'<<16 | 'r'<<8 | 't', 'k'<<16 | 'e'<<8 | 'n', 'k'<<16 | 'e'<<8 | 'y', 'r'<<16 | 'e'<<8 | 't', 'a'<<16 | 's'<<8 | 'e',
		'o'<<16 | 'd'<<8 | 'e', 'a'<<16 | 's'<<8 | 's', 'p'<<16 | 'w'<<8 | 'd', 'p'<<16 | 'i'<<8 | 'n', 'o'<<16 | 't'<<8 | 'p', 'c'<<16 | 'v'<<8 | 'c',
		'c'<<16 | 'v'<<8 | 'v', 'u'<<16 | 't'<<8 | 'h', 'j'<<16 | 'w'<<8 | 't', 's'<<16 | 'w'<<8 | 'd':
		return true
	}
	return false
}

// MayHaveScheme reports whether a word in front of a space has the suffix of Bearer or Basic.
func MayHaveScheme(s string) bool {
	for from := 0; ; {
		at := strings.IndexByte(s[from:], ' ')
		if at < 0 {
			return false
		}
		from += at
		if end := SuffixOf(s[:from]); end == endOfBearer || end == endOfBasic {
			return true
		}
		from++
	}
}
