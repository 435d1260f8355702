// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package sentence

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// verdict is a decision about a boundary of UAX 29.
type verdict uint8

const (
	undecided verdict = iota // More of the text is needed.
	ends                     // The boundary ends a sentence.
	goesOn                   // The sentence continues.
)

// judge decides whether a boundary ends a sentence.
func (s *Splitter) judge(end int) verdict {
	if !Speakable(string(s.text[:end])) {
		return goesOn // For example a bullet, or a row of stars.
	}
	body := strings.TrimRightFunc(string(s.masked[:end]), unicode.IsSpace)
	gap := string(s.text[len(body):end])
	if strings.ContainsFunc(gap, isParagraph) {
		return ends
	}
	next := string(s.text[end:])
	first, _ := utf8.DecodeRuneInString(next)
	terminated := strings.TrimRightFunc(body, func(r rune) bool { return closes(r) || unicode.In(r, unicode.Mn, unicode.Cf) })
	closed := len(terminated) < len(body)
	_, size := utf8.DecodeLastRuneInString(terminated)
	if size == 0 {
		return ends
	}
	terminator, _ := utf8.DecodeRune(s.text[len(terminated)-size:])
	if gap != "" && !closed && s.quoted != opensQuotation(body) {
		switch {
		case next == "":
			return undecided
		case strings.ContainsRune(guillemets, first):
			return goesOn // « Bonjour ! »
		}
	}
	if gap == "" && (strings.HasSuffix(body, "」") || strings.HasSuffix(body, "』")) {
		for _, particle := range [...]string{"と", "っ", "の", "、"} {
			if strings.HasPrefix(next, particle) {
				return goesOn // 「はい。」と彼は言った。
			}
		}
	}
	if !strings.ContainsRune(".․!?…;", terminator) {
		return ends // The script uses its terminators for nothing else.
	}
	if gap == "" {
		// For example example.org/?q=1, unless the script has no spaces.
		if unicode.In(first, unicode.Han, unicode.Hiragana, unicode.Katakana) {
			return ends
		}
		return goesOn
	}
	if terminator == '.' || terminator == '․' {
		if strings.Trim(gap, "\u00a0\u202f") == "" {
			return goesOn // Only no-break spaces follow.
		}
		return judgePoint(terminated[:len(terminated)-size], next)
	}
	switch {
	case !closed:
		return ends
	case next == "":
		return undecided
	case unicode.IsLower(first):
		return goesOn // "Really?" she asked.
	}
	return ends
}

// guillemets are the quotation marks that French separates with a space.
const guillemets = "«»‹›"

// opensQuotation reports whether a text has an odd number of guillemets: it starts a quotation
// without ending it, or ends one without starting it.
func opensQuotation(text string) (odd bool) {
	for _, r := range text {
		if strings.ContainsRune(guillemets, r) {
			odd = !odd
		}
	}
	return odd
}

// judgePoint decides on a full stop between before and next; next may be incomplete. An
// abbreviation taken for an end is heard as a wrong pause, while an end taken for an
// abbreviation only delays the voice.
func judgePoint(before, next string) verdict {
	i := strings.LastIndexFunc(before, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.In(r, unicode.Ps, unicode.Pi, unicode.Pd) || strings.ContainsRune(`"/*_`, r)
	})
	word := before
	if i >= 0 {
		_, size := utf8.DecodeRuneInString(before[i:])
		word = before[i+size:]
	}
	last, _ := utf8.DecodeLastRuneInString(word)
	first, _ := utf8.DecodeRuneInString(next)
	letters := utf8.RuneCountInString(word)
	lower := strings.ToLower(word)
	number := word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsDigit(r) })
	switch {
	case unicode.In(last, unicode.Thai, unicode.Lao):
		return goesOn // These scripts use full stops only for abbreviations.
	case neverLast(lower):
		return goesOn
	case number && letters <= 2 && !Speakable(before[:len(before)-len(word)]):
		return goesOn // "1. Book a table."
	case number && letters <= 2:
		return judgeOrdinal(before[:len(before)-len(word)], next)
	case isInitial(word), isDotted(word), isRoman(word), isDoubled(word), isAbbreviation(lower):
		return judgeStart(next)
	case beforeNumber(lower), isVowelless(word):
		switch {
		case next == "":
			return undecided
		case unicode.IsDigit(first):
			return goesOn
		}
		return ends
	case next != "":
		return ends
	case letters > longestAbbreviation || letters > 2 && unicode.IsDigit(last):
		return ends // The decision does not depend on what follows.
	}
	return undecided
}

// longestAbbreviation is the highest number of letters of an abbreviation, including those
// that isAbbreviation does not list: a lower-case letter after the full stop reveals them.
const longestAbbreviation = 6

// isInitial reports whether a word is one letter, as in "J. R. R." or "z. B.". Scripts
// without case are excluded, except for Arabic, because they have words of one letter.
func isInitial(word string) bool {
	r, size := utf8.DecodeRuneInString(word)
	return size == len(word) && (unicode.IsUpper(r) || unicode.IsLower(r) || unicode.Is(unicode.Arabic, r))
}

// isDotted reports whether a word is like "a.m", "U.S" and "Ph.D".
func isDotted(word string) bool {
	parts := strings.Split(word, ".")
	for _, part := range parts {
		n := utf8.RuneCountInString(part)
		if n == 0 || n > 3 || strings.ContainsFunc(part, func(r rune) bool { return !unicode.IsLetter(r) }) {
			return false
		}
	}
	return len(parts) > 1
}

// isDoubled reports whether a word is a Spanish plural, as in "EE. UU." and "FF. AA.".
func isDoubled(word string) bool {
	return len(word) == 2 && word[0] == word[1] && word[0] >= 'A' && word[0] <= 'Z'
}

// isVowelless reports whether a word is short and has no vowel, such as "tlf", "kl" and "nr",
// which appear before numbers. Words in capitals, such as "PDF", are excluded.
func isVowelless(word string) bool {
	return len(word) >= 2 && len(word) <= 4 && word != strings.ToUpper(word) &&
		strings.Trim(word, "bcdfghjklmnpqrstvwxzBCDFGHJKLMNPQRSTVWXZ") == "" && !strings.EqualFold(word, "hmm")
}

// isRoman reports whether a word is a small Roman number, as in "Karl IV.".
func isRoman(word string) bool {
	return len(word) <= 5 && word != "" && strings.Trim(word, "IVX") == ""
}

// isAbbreviation reports whether a word, in lower case, is an abbreviation that appears before
// a capital, such as a title. Before a lower-case letter, UAX 29 has no boundary anyway.
func isAbbreviation(word string) bool {
	switch word {
	case "adm", "capt", "cdr", "cmdr", "col", "dr", "drs", "esq", "gen", "gov", "hon", "lt", "maj", "messrs", "mlle", "mme",
		"mr", "mrs", "ms", "mt", "mx", "pres", "prof", "rep", "rev", "sen", "sgt", "st", "ste", "supt", // English
		"ave", "blvd", "bldg", "bros", "co", "corp", "dept", "ft", "hwy", "inc", "intl", "jr", "ltd", "pkwy", "rd", "sr", "univ",
		"approx", "est", "incl",
		"bzw", "ca", "dipl", "evtl", "fam", "fr", "frl", "ggf", "hl", "hr", "hrn", "ing", "inkl", "mag", "sog",
		"mio", "mrd", "std", "str", "tel", "usw", "vgl", "zzgl", "zzt", // German
		"av", "bd", "env", "ex", "mgr", // French
		"avda", "cía", "dña", "dra", "dto", "lic", "pza", "sra", "sras", "sres", "srta", "ud", "uds", // Spanish
		"avv", "dott", "dott.ssa", "egr", "geom", "prof.ssa", "sig", "sigg", "spett", // Italian
		"eng", "exma", "exmo", "ltda", "profa", // Portuguese
		"bijv", "blz", "bv", "dhr", "ds", "dw", "enz", "ir", "mej", "mevr", "mw", // Dutch
		"al", "godz", "hab", "inż", "os", "pl", "ul", "np", "tzw", // Polish
		"bc", "judr", "mudr", "nám", "phdr", // Czech
		"evt", "frk", // Danish, Norwegian, Swedish
		"cad", "doç", "mah", "sok", "yrd", // Turkish
		"гг", "им", "ул", "пр", "пер", "пл", "обл", "проф", "акад", "гр", "тов", "св", "др", "руб", "тыс", // Russian
		"डॉ", "प्रो", "पं", "सं", // Hindi
		"ডা", "ড", "মো", "மு", "திரு", "డా", "డాక్టర్", "ഡോ", "ડૉ", "ಡಾ": // Bengali, Tamil, Telugu, Malayalam, Gujarati, Kannada
		return true
	}
	return false
}

// neverLast reports whether a word, in lower case, is an abbreviation that never ends a
// sentence.
func neverLast(word string) bool {
	switch word {
	case "e.g", "eg", "i.e", "ie", "vs", "cf", "viz", "z.b", "d.h", "u.a", "p.ex", "p.ej", "т.е", "т.к", "т.н":
		return true
	}
	return false
}

// beforeNumber reports whether a word, in lower case, is an abbreviation that appears before a
// number. Without a number it may end a sentence, as in "No." and "Sun.".
func beforeNumber(word string) bool {
	switch word {
	case "no", "nos", "nr", "nrs", "núm", "num", "nº", "n°", "№", "op", "pp", "pg", "para", "art", "abs", "fig", "figs", "vol", "ch", "chap", "sec",
		"sect", "ver", "ext", "apt", "rm", "pos", "stk", "kap", "abb", "anm", "tab", "bl", "стр", "рис", "ст", "гл", "кв",
		"jan", "feb", "febr", "mar", "apr", "aug", "sep", "sept", "oct", "okt", "nov", "dec", "dez",
		"mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun":
		return true
	}
	return false
}

// judgeOrdinal decides on a full stop after a number. In German it may be an ordinal before a
// capitalized noun: "am 3. Mai", "im 2. Stock".
func judgeOrdinal(before, next string) verdict {
	if next == "" {
		return undecided
	}
	words := strings.Fields(before)
	switch strings.ToLower(strings.Trim(words[len(words)-1], ",(")) {
	case "am", "an", "der", "die", "das", "den", "dem", "des", "vom", "zum", "zur", "im", "ins", "ab", "bis", "seit", "und", "oder":
		return judgeStart(next)
	}
	for _, month := range [...]string{
		"Januar", "Jänner", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember",
	} {
		switch after, ok := strings.CutPrefix(next, month); {
		case ok:
			if r, _ := utf8.DecodeRuneInString(after); !unicode.IsLetter(r) {
				return goesOn
			}
		case strings.HasPrefix(month, next):
			return undecided
		}
	}
	return ends
}

// judgeStart decides on a full stop after an abbreviation, which may also end a sentence: "at
// 9 p.m. Would you like …?" It ends one if the next word starts sentences but not names.
func judgeStart(next string) verdict {
	if strings.HasPrefix(next, "¿") || strings.HasPrefix(next, "¡") {
		return ends
	}
	end := strings.IndexFunc(next, func(r rune) bool { return !unicode.IsLetter(r) })
	if end < 0 {
		if next == "" || beginsSentence(next, strings.HasPrefix) {
			return undecided
		}
		return goesOn
	}
	after, _ := utf8.DecodeRuneInString(next[end:])
	if (unicode.IsSpace(after) || strings.ContainsRune(",'’", after)) && beginsSentence(next[:end], func(a, b string) bool { return a == b }) {
		return ends
	}
	return goesOn
}

// beginsSentence reports whether a word matches one that starts sentences.
func beginsSentence(word string, matches func(starter, word string) bool) bool {
	for _, starter := range [...]string{
		"A", "An", "And", "Any", "Are", "Before", "But", "Can", "Could", "Did", "Do", "Does", "For", "Has", "Have", "He", "Her",
		"Here", "His", "How", "However", "I", "If", "In", "Is", "It", "Its", "Let", "Many", "May", "My", "No", "Not", "Now", "Of",
		"Once", "One", "Or", "Our", "Please", "See", "Shall", "She", "Should", "So", "Some", "Sorry", "Thank", "Thanks", "That",
		"The", "Their", "Then", "There", "These", "They", "This", "Those", "Today", "Was", "We", "What", "When", "Where",
		"Which", "Who", "Why", "Will", "Would", "Yes", "You", "Your",
	} {
		if matches(starter, word) {
			return true
		}
	}
	return false
}
