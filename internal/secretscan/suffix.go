// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

// wordEnd3 is the last three letters of a word, in lower case.
type wordEnd3 uint32

const (
	endOfBearer = 'r'<<16 | 'e'<<8 | 'r'
	endOfBasic  = 's'<<16 | 'i'<<8 | 'c'
)

func lastThree(s string) wordEnd3 {
	n := len(s)
	if n < 3 {
		return 0
	}
	return wordEnd3(s[n-3]|0x20)<<16 | wordEnd3(s[n-2]|0x20)<<8 | wordEnd3(s[n-1]|0x20)
}

// isScheme reports whether the schemes of Authorization end so: bearer, basic, token, apikey,
// digest, negotiate, AWS4-HMAC-SHA256. Few English words do.
func (e wordEnd3) isScheme() bool {
	switch e {
	case endOfBearer, endOfBasic, 'k'<<16 | 'e'<<8 | 'n', 'k'<<16 | 'e'<<8 | 'y', 'e'<<16 | 's'<<8 | 't',
		'a'<<16 | 't'<<8 | 'e', '2'<<16 | '5'<<8 | '6':
		return true
	}
	return false
}

// isName reports whether the names end so whose values are said in sentences: password, token, key,
// secret, passphrase, code, pass, pin, otp, auth, and so on.
func (e wordEnd3) isName() bool {
	switch e {
	case 'o'<<16 | 'r'<<8 | 'd', 'o'<<16 | 'r'<<8 | 't', 'k'<<16 | 'e'<<8 | 'n', 'k'<<16 | 'e'<<8 | 'y', 'r'<<16 | 'e'<<8 | 't', 'a'<<16 | 's'<<8 | 'e',
		'o'<<16 | 'd'<<8 | 'e', 'a'<<16 | 's'<<8 | 's', 'p'<<16 | 'w'<<8 | 'd', 'p'<<16 | 'i'<<8 | 'n', 'o'<<16 | 't'<<8 | 'p', 'c'<<16 | 'v'<<8 | 'c',
		'c'<<16 | 'v'<<8 | 'v', 'u'<<16 | 't'<<8 | 'h', 'j'<<16 | 'w'<<8 | 't', 's'<<16 | 'w'<<8 | 'd':
		return true
	}
	return false
}

// mayBear reports whether a word before a space ends as Bearer and Basic do.
func mayBear(s string) bool {
	for from := 0; ; {
		at := strings.IndexByte(s[from:], ' ')
		if at < 0 {
			return false
		}
		from += at
		if end := lastThree(s[:from]); end == endOfBearer || end == endOfBasic {
			return true
		}
		from++
	}
}
