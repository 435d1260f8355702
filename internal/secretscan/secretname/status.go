// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretname

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/secretscan/chars"
	"github.com/voice-agents/telemetry/internal/secretscan/finding"
)

// emptyValues are values that say nothing.
var emptyValues = chars.Words(`
	~ empty (empty) (unset) (hidden) hidden
	null nil <nil> none undefined true false yes no on off n/a nan (nil) (none) <none> … %s %v %q %d %+v %w {} [] ()
	redacted <redacted> (redacted) [filtered] *****
`)

// IsEmptyValue reports whether a value is none, or says nothing: null, true, ****, %s.
func IsEmptyValue(s string) bool {
	if s == "" || strings.HasPrefix(s, finding.Marker) && finding.MarkEnd(s, 0) == len(s) {
		return true
	}
	if strings.Trim(s, s[:1]) == "" && (strings.IndexByte("*.?#-_\x00", s[0]) >= 0 || len(s) > 2 && chars.Lower(s[0]) == 'x') { // ****
		return true
	}
	if s[0] == '<' && (s[len(s)-1] == '>' || strings.IndexByte(s, '>') < 0) && chars.Skip(s, 1, func(c byte) bool { return chars.IsLetter(c) || c == '-' || c == '_' || c == ' ' }) >= len(s)-1 {
		return true // <nil>, <password>
	}
	return emptyValues.Has(s) || isPlaceholder(s) || strings.HasPrefix(s, "0xc0") && len(s) <= len("0xc000123456") // A pointer of Go's.
}

// StartsWithEmptyValue reports whether what stands before a comma says nothing, in a list of values.
func StartsWithEmptyValue(s string) bool {
	first, _, ok := strings.Cut(s, ",")
	return ok && (isPlaceholder(first) || first == "true" || first == "false" || first == "null")
}

// statusWords are the words by which programs speak of a value, or of what has become of it.
var statusWords = chars.Words(`
	eof context illegal timeout connection dial try length post get
	falsch ungültig fehlt abgelaufen leer match matched matches
	ok okay required missing invalid incorrect wrong bad mismatch mismatched expired expires expiring revoked rejected
	refused denied granted accepted verified unverified validated valid confirmed failed fails failure error success
	successful succeeded not no too must should cannot can't could is are was were has have does doesn't isn't will unset
	set empty unknown unexpected unauthorized unauthenticated forbidden found absent present provided given hidden disabled
	enabled changed updated rotated loaded reloaded created deleted removed stored saved cached sent received refreshed
	issued used unused ringing connected connecting disconnected dialing busy idle offline online answered unanswered hangup
	hung unavailable available pending active inactive optional blank supplied after before the a an and or to for of in
	from with see use using reading checking loading refreshing attempt check only already never none via at by if when per
	skipped ignored default
`)

// passwordStatusStarts are words that begin what a program says of a password, and seldom a phrase.
var passwordStatusStarts = chars.Words("eof illegal context deadline connection dial timeout unexpected unauthorized unauthenticated forbidden try after expires revoked accepted loading reading checking")

// PasswordStatusWords are the words among them that people do not have for a password. They have default, and
// enabled.
var PasswordStatusWords = chars.Words(`
	required missing invalid incorrect wrong mismatch mismatched expired rejected denied verified unset empty unknown
	falsch ungültig fehlt abgelaufen leer
	absent provided changed updated rotated reset too must not cannot is was failed hidden
`)

// IsStatusWord reports whether a word behind the key, in a sentence or as its value, is said of it.
func (k *Key) IsStatusWord(word string, sentence bool) bool {
	word = strings.TrimRight(word, ".,:;!?")
	if k.Value == Chosen {
		return PasswordStatusWords.Has(word) || sentence && passwordStatusStarts.Has(word)
	}
	return statusWords.Has(word)
}

// IsStatus reports whether a quoted text behind the key is no secret.
func (k *Key) IsStatus(s string) bool {
	return IsEmptyValue(s) || !strings.ContainsAny(s, " \t\n") && k.IsStatusWord(s, false)
}
