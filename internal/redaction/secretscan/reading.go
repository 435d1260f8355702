// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import (
	"strings"
	"unicode/utf8"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/escapes"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/finding"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/forms"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/pairs"
)

// A finder returns the first secret at or after from. It reads each byte a bounded number of times, so
// that a text of nothing but @ takes no longer than another.
type finder func(s string, from int) (finding.Finding, bool)

// reading is a text as written, or with some layers of its escapes decoded. Each layer is searched
// separately: a byte that ends a value in one layer may be part of the value in another.
type reading struct {
	whole    string   // The text as written.
	source   string   // The text of this layer.
	at       []int32  // The position in whole of each byte of source; nil if they are equal.
	text     string   // The source, with findings masked.
	unmasked [][2]int // Findings that are not masked in text yet.

	findings []finding.Finding // With positions in whole.
}

// collect adds the findings of a finder.
func (rd *reading) collect(find finder) {
	rd.mask()
	for f, ok := find(rd.text, 0); ok; {
		next := f.End
		rd.unmasked = append(rd.unmasked, [2]int{f.Begin, f.End})
		if quote := jsonQuote(rd.text, f.Begin); quote >= 0 {
			as := rd.original(chars.SkipBack(rd.text, quote, chars.MaxLookBack, chars.IsBackslash), quote+1)
			f.Mark = as + f.Mark + as
		}
		if rd.at != nil {
			f.Begin, f.End = int(rd.at[f.Begin]), int(rd.at[f.End])
		}
		rd.findings = append(rd.findings, f)
		f, ok = find(rd.text, next)
	}
}

// original returns a part of the source as written in whole.
func (rd *reading) original(begin, end int) string {
	if rd.at == nil {
		return rd.source[begin:end]
	}
	return rd.whole[rd.at[begin]:rd.at[end]]
}

// jsonQuote returns the position of the quote after the name whose value begins at i, if the value is
// a number, a list or an object: the mark that replaces it must be a string. It returns a negative
// number if there is no such name.
func jsonQuote(s string, i int) int {
	i = chars.SkipBack(s, i, chars.MaxWord, chars.IsSpace)
	if i == 0 || s[i-1] != ':' {
		return -1
	}
	i = chars.SkipBack(s, i-1, chars.MaxWord, chars.IsSpace)
	if i == 0 || s[i-1] != '"' && s[i-1] != '\'' {
		return -1
	}
	return i - 1
}

// mask masks the findings that are not masked yet.
func (rd *reading) mask() {
	if len(rd.unmasked) == 0 {
		return
	}
	text := []byte(rd.text)
	for _, place := range rd.unmasked {
		clear(text[place[0]:place[1]])
	}
	rd.text, rd.unmasked = string(text), nil
}

// maxLayers bounds the layers of escapes, as in JSON in JSON in JSON.
const maxLayers = 16

// Find returns the findings in a text, in order and without overlaps.
func (r *Scanner) Find(s string) []finding.Finding {
	if r.kinds == 0 || len(s) < minText {
		return nil
	}
	seen := chars.ClassesOf(s)
	if isWords(s, seen) {
		return nil
	}
	rd := reading{whole: s, source: s, text: s}
	for range maxLayers {
		if seen&chars.ClassNonASCII != 0 {
			rd = rd.inASCII()
		}
		seen = r.read(&rd)
		if !mayEscape(rd.source, seen) {
			break
		}
		escape, first := escapes.Outermost(rd.source)
		if first == len(rd.source) {
			break
		}
		if escape.PlusIsSpace { // In the path of a URL, a plus is not a space.
			other := rd.unescaped(escapes.PathEncoding)
			other = other.inASCII()
			r.read(&other)
			rd.findings = other.findings
		}
		rd = rd.unescaped(escape.Reader)
		seen |= chars.ClassNonASCII // Such characters may have been escaped.
	}
	return finding.Merge(rd.findings)
}

// inASCII replaces the characters of the text that look like ASCII characters.
func (rd *reading) inASCII() reading {
	if escapes.NextEscape(rd.source, 0, escapes.Lookalike) == len(rd.source) {
		return *rd
	}
	return rd.unescaped(escapes.Lookalike)
}

// read adds the findings in one reading and returns the classes of its bytes. A finding is masked for
// the searches that follow.
func (r *Scanner) read(rd *reading) (seen chars.Class) {
	l := featuresOf(rd.text)
	may := r.finds(rd.text, l)
	if may == 0 {
		return l.classes
	}
	if may&APIKeys != 0 {
		if l.classes&chars.ClassDash != 0 && strings.Contains(rd.text, forms.PEMBegin) {
			rd.collect(forms.PEM)
		}
		if l.classes&chars.ClassAt != 0 && l.classes&chars.ClassSeparator != 0 {
			rd.collect(forms.UserInfo)
			rd.collect(forms.DataSource)
		}
	}
	if may&Pairs != 0 {
		rd.collect(r.pairs.Pair)
	}
	if may&APIKeys != 0 && l.mayHaveKey(rd.text) {
		rd.collect(forms.APIKey)
	}
	if may&Bearer != 0 {
		rd.collect(pairs.BearerToken)
	}
	if may&sentences != 0 {
		rd.collect(r.pairs.InSentence)
	}
	if may&Emails != 0 {
		rd.collect(forms.Email)
	}
	if may&Cards != 0 {
		rd.collect(forms.Card)
	}
	if may&Phones != 0 {
		rd.collect(forms.Phone)
	}
	return l.classes
}

// unescaped decodes one layer of escapes. Positions stay known, so that findings refer to the text as
// written.
func (rd *reading) unescaped(escape escapes.Reader) reading {
	s := rd.source
	text := make([]byte, 0, len(s))
	at := make([]int32, 0, len(s)+1)
	place := func(i int) int32 {
		if rd.at != nil {
			return rd.at[i]
		}
		return int32(i)
	}
	for i, from := escapes.NextEscape(s, 0, escape), 0; ; i = escapes.NextEscape(s, from, escape) {
		for ; from < i; from++ {
			text, at = append(text, s[from]), append(at, place(from))
		}
		if i == len(s) {
			break
		}
		decoded, n := escape(s, i)
		var buf [utf8.UTFMax]byte
		for _, c := range escapes.AppendDecoded(buf[:0], decoded) {
			text, at = append(text, c), append(at, place(i))
		}
		from = i + n
	}
	source := string(text)
	return reading{whole: rd.whole, source: source, at: append(at, place(len(s))), text: source, findings: rd.findings}
}
