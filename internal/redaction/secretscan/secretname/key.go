// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretname

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
)

// A Match says which part of a key a name must be.
type Match uint8

const (
	// anywhere matches the end of a key: dbpassword is a password.
	anywhere Match = iota
	// AtWord matches the last words of a key: user_ssn and userSSN match ssn, lessn does not.
	AtWord
	// segment matches a key after its last dot: auth matches, voice.auth_result does not.
	segment
)

// A ValueKind is the kind of value that follows a name in text. It tells a secret from a sentence.
type ValueKind uint8

const (
	// Generated is a value that a program made. After a colon in a sentence, words are not such a
	// value: "token: unexpected end".
	Generated ValueKind = iota
	// Chosen is a value that a person chose. It is any words but those with which programs report on
	// it: "password: too short".
	Chosen
	// Personal is a number, an address or a code of a person.
	Personal
	// Cookies is a list of names and values.
	Cookies
	// Credentials is an Authorization scheme with a token or with parameters.
	Credentials
	// PhoneNumber is a phone number. As an attribute the name is not secret, because it may have other
	// meanings: mobile=true.
	PhoneNumber
	// TokenCount is a value that may also be a number of tokens. As an attribute the name is not
	// secret.
	TokenCount
)

// A Key is the name of a secret.
type Key struct {
	Name  string // In lower case, without separators.
	Match Match
	Value ValueKind
}

// A Set finds names by their last two letters, so that most keys are compared with few names.
type Set struct{ byEnd [letters * letters][]Key }

// letters are those of the alphabet, and one for all other bytes.
const letters = 27

// Add adds keys. Of two that match a name, the one that was added first is found.
func (s *Set) Add(keys ...Key) {
	for _, k := range keys {
		if k.Name != "" {
			end := bucket(k.Name)
			s.byEnd[end] = append(s.byEnd[end], k)
		}
	}
}

// bucket returns the index of the names with the same last two letters.
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

// Has reports whether the value of an attribute with this key is secret.
func (s *Set) Has(name string) bool {
	k := s.Find(name)
	return k != nil && k.Value != TokenCount && k.Value != PhoneNumber
}

// Find returns the key that a name ends in, or nil if its value is not secret. Digits, an s and some
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

// qualifiers are words that may follow the name of a secret.
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

// ends reports whether a key ends in the name as the match requires, and where the name begins.
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

// IsOtherMeaning reports whether the word in front of the name, which begins at i, gives it a meaning
// that is not secret, such as the tokens of a model in time_to_first_token.
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

// isSame reports whether two names are equal but for case and the characters that join words.
func isSame(name, lowerCase string) bool {
	k := Key{Name: lowerCase}
	begin, ok := k.ends(name)
	return ok && begin == 0
}

// tokenWords are the words in front of "token" that make it a token of a model.
var tokenWords = chars.Words(`
	first last next per each every max min stop eos bos pad unk sep cls mask special end start unexpected
	input output total prompt completion cached reasoning audio text image think
`)

// passWords are the words in front of "pass" that make it an iteration.
var passWords = chars.Words("first second last one two single by render multi")

// Normal returns a name in lower case, without the characters that join its words.
func Normal(name string) string {
	return strings.ToLower(strings.Map(func(c rune) rune {
		if c < 0x80 && chars.IsJoint(byte(c)) {
			return -1
		}
		return c
	}, name))
}
