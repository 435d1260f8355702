// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretname

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/finding"
)

// emptyValues are values without content.
var emptyValues = chars.Words(`
	~ empty (empty) (unset) (hidden) hidden
	null nil <nil> none undefined true false yes no on off n/a nan (nil) (none) <none> … %s %v %q %d %+v %w {} [] ()
	redacted <redacted> (redacted) [filtered] *****
`)

// IsEmptyValue reports whether a value is empty or without content: null, true, ****, %s.
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
	return emptyValues.Has(s) || isPlaceholder(s) || strings.HasPrefix(s, "0xc0") && len(s) <= len("0xc000123456") // A Go pointer.
}

// StartsWithEmptyValue reports whether the first value of a list is without content.
func StartsWithEmptyValue(s string) bool {
	first, _, ok := strings.Cut(s, ",")
	return ok && (isPlaceholder(first) || first == "true" || first == "false" || first == "null")
}

// statusWords are the words with which programs report the status of a value.
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

// passwordStatusStarts are the first words of reports on a password. Passphrases seldom begin with them.
var passwordStatusStarts = chars.Words("eof illegal context deadline connection dial timeout unexpected unauthorized unauthenticated forbidden try after expires revoked accepted loading reading checking")

// PasswordStatusWords are the status words that no one chooses as a password. People do choose default
// and enabled.
var PasswordStatusWords = chars.Words(`
	required missing invalid incorrect wrong mismatch mismatched expired rejected denied verified unset empty unknown
	falsch ungültig fehlt abgelaufen leer
	absent provided changed updated rotated reset too must not cannot is was failed hidden
`)

// IsStatusWord reports whether a word after the key, in a sentence or as its value, is a status.
func (k *Key) IsStatusWord(word string, sentence bool) bool {
	word = strings.TrimRight(word, ".,:;!?")
	if k.Value == Chosen {
		return PasswordStatusWords.Has(word) || sentence && passwordStatusStarts.Has(word)
	}
	return statusWords.Has(word)
}

// IsStatus reports whether a quoted text after the key is a status rather than a secret.
func (k *Key) IsStatus(s string) bool {
	return IsEmptyValue(s) || !strings.ContainsAny(s, " \t\n") && k.IsStatusWord(s, false)
}
