// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest

import (
	"crypto/sha256"
	"strings"
	"unicode"
)

// A Secret is a value that must not be exported.
type Secret struct {
	// Name describes the secret in test failures.
	Name string
	// Key is the name of the secret value. It is empty for a bare secret, which is recognized by its
	// form.
	Key string
	// Value is the secret text.
	Value string
	// Words are the parts of Value of which none may be in an output.
	Words []string
}

// plainKey is the key of a bare secret in printers that need one.
const plainKey = "note"

// key returns the key for printers.
func (s Secret) key() string {
	if s.Key == "" {
		return plainKey
	}
	return s.Key
}

// Bare reports whether the secret is recognized without a key.
func (s Secret) Bare() bool { return s.Key == "" }

// In returns a word of the secret that is in the text, plain or encoded.
func (s Secret) In(text string) (word string, found bool) {
	for range maxEncodings {
		for _, w := range s.Words {
			if strings.Contains(text, w) {
				return w, true
			}
		}
		next, changed := decoded([]byte(text))
		if !changed {
			break
		}
		text = string(next)
	}
	return "", false
}

// bare returns a secret that is recognized by its form. By default, its words are the longer parts of the
// value.
func bare(name, value string, words ...string) Secret { return keyed(name, "", value, words...) }

// keyed returns a secret that is recognized only by its key.
func keyed(name, key, value string, words ...string) Secret {
	if len(words) == 0 {
		words = parts(value)
	}
	for i, w := range words {
		words[i] = strings.ReplaceAll(w, "+", " ") // As in decoded text.
		if words[i] != w {
			words = append(words, w)
		}
	}
	return Secret{Name: name, Key: key, Value: value, Words: words}
}

// shortestPart is the length of the shortest part of a value that counts as a leak.
const shortestPart = 4

// parts returns the runs of letters and digits of a value that are long enough, or else the value.
func parts(value string) []string {
	var long []string
	for _, part := range strings.FieldsFunc(value, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(part) >= shortestPart {
			long = append(long, part)
		}
	}
	if len(long) == 0 {
		return []string{value}
	}
	return long
}

const (
	hexDigits = "0123456789abcdef"
	letters   = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	capitals  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	digits    = "123456789"
)

// gen returns n characters of an alphabet, generated from the name and so the same in every run. The third is a
// digit if the alphabet has digits.
func gen(name, alphabet string, n int) string {
	var b strings.Builder
	sum := sha256.Sum256([]byte(name))
	for i := range n {
		if i%len(sum) == len(sum)-1 {
			sum = sha256.Sum256(sum[:])
		}
		if i == 2 {
			b.WriteByte(digits[int(sum[i])%5+1])
			continue
		}
		b.WriteByte(alphabet[int(sum[i%len(sum)])%len(alphabet)])
	}
	return b.String()
}

// Secrets returns all secrets: those that are recognized by their key, and those by their form.
func Secrets() []Secret {
	var all []Secret
	for _, list := range [][]Secret{keyedSecrets(), headerSecrets(), tokenSecrets(), addressSecrets(), phoneSecrets(), cardSecrets(), dsnSecrets()} {
		all = append(all, list...)
	}
	return all
}
