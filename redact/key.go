// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"slices"
	"strings"
)

// match is how much of a key a name must be.
type match uint8

const (
	// anywhere is the end of a key: dbpassword is a password.
	anywhere match = iota
	// wordEnd is the end of a key from the beginning of a word: user_ssn and
	// userSSN are, lessn is not.
	wordEnd
	// segment is all of a key after its last dot: token is, but
	// voice.llm.time_to_first_token is not.
	segment
)

// key is a name that says that its value is secret.
type key struct {
	name  string // In lower case, without separators.
	match match
}

// secretKeys are those of most programs.
var secretKeys = []key{
	{"password", anywhere},
	{"passwd", anywhere},
	{"passphrase", anywhere},
	{"passcode", anywhere},
	{"pwd", wordEnd},
	{"secret", anywhere},
	{"secretkey", anywhere},
	{"apikey", anywhere},
	{"privatekey", anywhere},
	{"accesskey", anywhere},
	{"signingkey", anywhere},
	{"encryptionkey", anywhere},
	{"accesskeyid", anywhere},
	{"credential", anywhere},
	{"credentials", anywhere},
	{"authorization", anywhere},
	{"auth", segment},
	{"xauth", segment},
	{"cookie", anywhere},
	{"cookies", anywhere},
	{"token", segment},
	{"xtoken", segment},
	{"accesstoken", anywhere},
	{"refreshtoken", anywhere},
	{"idtoken", wordEnd},
	{"sessiontoken", anywhere},
	{"authtoken", anywhere},
	{"bearertoken", anywhere},
	{"apitoken", anywhere},
	{"bottoken", anywhere},
	{"csrftoken", anywhere},
	{"xsrftoken", anywhere},
	{"securitytoken", anywhere},
	{"devicetoken", anywhere},
	{"jointoken", anywhere},
	{"clienttoken", anywhere},
	{"usertoken", anywhere},
	{"jwt", wordEnd},
	{"otp", wordEnd},
	{"cvv", wordEnd},
	{"cvc", wordEnd},
	{"ssn", wordEnd},
	{"iban", wordEnd},
	{"cardnumber", anywhere},
	{"creditcard", anywhere},
	{"phone", wordEnd},
	{"phonenumber", anywhere},
	{"telephone", anywhere},
	{"msisdn", wordEnd},
	{"callerid", wordEnd},
	{"callernumber", anywhere},
	{"email", wordEnd},
	{"emailaddress", anywhere},
}

// keySet finds names by their last letter, which spares nearly every key the
// comparison with nearly every name.
type keySet struct{ byLast [26][]key }

func (s keySet) with(keys ...key) keySet {
	for _, k := range keys {
		if k.name == "" {
			continue
		}
		last := k.name[len(k.name)-1] - 'a'
		if int(last) >= len(s.byLast) { // It ends in a digit or in another script.
			last = 'z' - 'a'
		}
		s.byLast[last] = append(slices.Clip(s.byLast[last]), k)
	}
	return s
}

// has reports whether the key says that its value is secret.
func (s *keySet) has(name string) bool {
	if name == "" {
		return false
	}
	last := lower(name[len(name)-1]) - 'a'
	if int(last) >= len(s.byLast) {
		last = 'z' - 'a'
	}
	for i := range s.byLast[last] {
		if s.byLast[last][i].ends(name) {
			return true
		}
	}
	return false
}

// ends reports whether a key ends in the name as it must.
func (k *key) ends(name string) bool {
	i := len(name)
	for j := len(k.name); j > 0; j-- {
		for i > 0 && isJoint(name[i-1]) {
			i--
		}
		if i == 0 || lower(name[i-1]) != k.name[j-1] {
			return false
		}
		i--
	}
	switch {
	case k.match == anywhere, i == 0:
		return true
	case k.match == segment:
		return name[i-1] == '.' || name[i-1] == '/'
	}
	before, first := name[i-1], name[i]
	return !isLetter(before) || isLower(before) && !isLower(first)
}

// normal returns a name in lower case and without what joins its words.
func normal(name string) string {
	return strings.ToLower(strings.Map(func(c rune) rune {
		if c < 0x80 && isJoint(byte(c)) {
			return -1
		}
		return c
	}, name))
}

func isJoint(c byte) bool  { return c == '-' || c == '_' || c == ' ' }
func isLower(c byte) bool  { return 'a' <= c && c <= 'z' }
func isLetter(c byte) bool { return isLower(lower(c)) }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
