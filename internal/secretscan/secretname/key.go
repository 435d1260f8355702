// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretname

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/secretscan/chars"
)

// match is how much of a key a name must be.
type match uint8

const (
	// anywhere is the end of a key: dbpassword is a password.
	anywhere match = iota
	// atWord is the end of a key from the beginning of a word: user_ssn and
	// userSSN are, lessn is not.
	AtWord
	// segment is all of a key after its last dot: auth is, but voice.auth_result
	// is not.
	segment
)

// value is what stands behind a key in text, which tells a secret from a sentence.
type value uint8

const (
	// machine is a value that a program has made. Behind a colon in a sentence, words are
	// none: "token: unexpected end".
	Generated value = iota
	// phrase is a value that a person chose. It is any words except those with which programs
	// report on it, as in "password: too short".
	Chosen
	// personal is a number, an address, or a code that people have.
	Personal
	// cookies is a list of names and values.
	Cookies
	// credentials is a scheme with a token or with parameters.
	Credentials
	// dialed is a number, if it is one of a telephone. It is no secret as an attribute, which may
	// say other things: mobile=true.
	PhoneNumber
	// counted is a value that may as well be a number of tokens. It is no secret as an
	// attribute.
	TokenCount
)

// Key is a name that says that its value is secret.
type Key struct {
	Name  string // In lower case, without separators.
	Match match
	Value value
}

// Set finds names by their last two letters, which spares nearly every key the
// comparison with nearly every name.
type Set struct{ byEnd [letters * letters][]Key }

// letters are those of the alphabet, and one for all that is no letter.
const letters = 27

func (s *Set) Add(keys ...Key) {
	for _, k := range keys {
		if k.Name != "" {
			end := bucket(k.Name)
			s.byEnd[end] = append(s.byEnd[end], k)
		}
	}
}

// bucket returns where a set keeps the names that end as the name does.
func bucket(name string) int {
	last := [2]int{}
	n := 0
	for i := len(name); i > 0 && n < len(last); i-- {
		c := name[i-1]
		if chars.IsJoint(c) {
			continue
		}
		if c = chars.Lower(c) - 'a'; c < letters-1 {
			last[n] = int(c) + 1
		}
		n++
	}
	return last[0]*letters + last[1]
}

// Has reports whether the key of an attribute says that its value is secret.
func (s *Set) Has(name string) bool {
	k := s.Find(name)
	return k != nil && k.Value != TokenCount && k.Value != PhoneNumber
}

// Find returns the key that a name ends in; nil if its value is no secret. Digits, an s and some
// words at the end make no difference: password2, api_keys, password_confirmation.
func (s *Set) Find(name string) *Key {
	if k := s.ending(name); k != nil || name == "" {
		return k
	}
	last := name[len(name)-1]
	if word := chars.LastWord(name); len(word) < len(name)-2 && qualifiers.Has(word) {
		return s.ending(strings.TrimRight(name[:len(name)-len(word)], "_-. "))
	}
	switch {
	case last == 's':
		return s.ending(name[:len(name)-1])
	case chars.IsDigit(last):
		name = strings.TrimRight(name, "0123456789")
		return s.ending(strings.TrimRight(name, "_-."))
	}
	return nil
}

// qualifiers are words behind the name of a secret that leave it one.
var qualifiers = chars.Words(`
	confirmation confirm repeat again plain plaintext value text hash header raw base64 json string history
	provided given received supplied
`)

func (s *Set) ending(name string) *Key {
	if name == "" {
		return nil
	}
	keys := s.byEnd[bucket(name)]
	for i := range keys {
		if begin, ok := keys[i].ends(name); ok && !IsOtherMeaning(name, begin) {
			return &keys[i]
		}
	}
	return nil
}

// ends reports whether a key ends in the name as it must, and where that begins.
func (k *Key) ends(name string) (begin int, ok bool) {
	i := len(name)
	for j := len(k.Name); j > 0; j-- {
		for i > 0 && chars.IsJoint(name[i-1]) {
			i--
		}
		if i == 0 || chars.Lower(name[i-1]) != k.Name[j-1] {
			return 0, false
		}
		i--
	}
	switch {
	case k.Match == anywhere, i == 0:
		return i, true
	case k.Match == segment:
		return i, name[i-1] == '.' || name[i-1] == '/'
	}
	before, first := name[i-1], name[i]
	return i, !chars.IsLetter(before) || chars.IsLower(before) && !chars.IsLower(first)
}

// IsOtherMeaning reports whether the word before the name, which begins at i, makes another thing
// of it: of a token one of a model's text, as in time_to_first_token.
func IsOtherMeaning(name string, i int) bool {
	if chars.Lower(name[i]) != 't' && chars.Lower(name[i]) != 'p' && chars.Lower(name[i]) != 'k' {
		return false
	}
	end := i
	for end > 0 && chars.IsJoint(name[end-1]) {
		end--
	}
	begin := end
	for begin > 0 && chars.IsLetter(name[begin-1]) && (begin == end || chars.IsLower(name[begin]) || !chars.IsLower(name[begin-1])) {
		begin--
	}
	switch word := name[begin:end]; {
	case isSame(name[i:], "token"), isSame(name[i:], "tokens"):
		return tokenWords.Has(word)
	case isSame(name[i:], "pass"):
		return passWords.Has(word)
	}
	return false
}

// isSame reports whether a name is the other, which is in lower case, but for what joins words.
func isSame(name, lowerCase string) bool {
	k := Key{Name: lowerCase}
	begin, ok := k.ends(name)
	return ok && begin == 0
}

// tokenWords are what a word before "token" makes one of a model's text.
var tokenWords = chars.Words(`
	first last next per each every max min stop eos bos pad unk sep cls mask special end start unexpected
	input output total prompt completion cached reasoning audio text image think
`)

// passWords are what a word before "pass" makes one of several times that something is done.
var passWords = chars.Words("first second last one two single by render multi")

// Normal returns a name in lower case and without what joins its words.
func Normal(name string) string {
	return strings.ToLower(strings.Map(func(c rune) rune {
		if c < 0x80 && chars.IsJoint(byte(c)) {
			return -1
		}
		return c
	}, name))
}
