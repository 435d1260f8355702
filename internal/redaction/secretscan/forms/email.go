// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package forms

import (
	"net/netip"
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/escapes"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/finding"
)

// Email finds e-mail and SIP addresses.
func Email(s string, from int) (finding.Finding, bool) {
	for i := from; i < len(s); i++ {
		n := strings.IndexByte(s[i:], '@')
		if n < 0 {
			break
		}
		i += n
		begin := chars.SkipBack(s, i, min(chars.MaxName, i-from), isLocalPart)
		begin = afterEscape(s, begin, i)
		if quote := strings.LastIndexByte(s[max(from, i-chars.MaxName):max(from, i-1)], '"'); begin == i && s[max(0, i-1)] == '"' && quote >= 0 && !strings.ContainsAny(s[max(from, i-chars.MaxName)+quote+1:i-1], ":,{}[]=") {
			begin = max(from, i-chars.MaxName) + quote // "ada lovelace"@example.com
			if begin > 0 && chars.IsBackslash(s[begin-1]) {
				continue // It is found once its escapes are decoded.
			}
		}
		end := domainEnd(s, i+1)
		if i+1 < len(s) && s[i+1] == '[' && begin < i { // ada@[10.0.0.1]
			if n := strings.IndexByte(s[i:min(len(s), i+chars.MaxName)], ']'); n > 0 && isDomain(strings.TrimPrefix(s[i+2:i+n], "IPv6:")) {
				return finding.New(begin, i+n+1, finding.RuleEmail), true
			}
		}
		if begin == i || i-begin == chars.MaxName && begin > from && isLocalPart(s[begin-1]) {
			continue
		}
		isAddress := isDomain(s[i+1:end]) || end > i+1 && isAddressURL(s, begin)
		if !isAddress || isRepository(s, begin, i, end) {
			continue
		}
		return finding.New(begin, end, finding.RuleEmail), true
	}
	return finding.Finding{}, false
}

// afterEscape returns the beginning of a word that seems to begin at i: it begins after the escapes there.
func afterEscape(s string, i, end int) int {
	if i > 0 {
		if _, n := escapes.Backslash(s, i-1); n > 0 {
			i = min(end, i-1+n)
		}
	}
	for at := i; at < end; at++ {
		if _, n := escapes.Percent(s, at); n > 0 {
			i = min(end, at+n)
		}
	}
	return i
}

func isLocalPart(c byte) bool { return chars.IsWord(c) || strings.IndexByte(".%+-!#$*^|~", c) >= 0 }

func domainEnd(s string, i int) int {
	for i < len(s) && (chars.IsWord(s[i]) && s[i] != '_' || s[i] == '-' || s[i] == '.' && i+1 < len(s) && chars.IsWord(s[i+1])) {
		i++
	}
	return i
}

// isDomain reports whether a text is an Internet host, by name or address. The version of a module
// (v4.0.12, 1.2.3) is not, and neither is the scale of an image (2x.png).
func isDomain(s string) bool {
	dot := strings.LastIndexByte(s, '.')
	if dot <= 0 {
		return false
	}
	top := s[dot+1:]
	if chars.IsDigits(top) {
		_, err := netip.ParseAddr(s)
		return err == nil && strings.Count(s, ".") == 3
	}
	if len(top) < 2 {
		return false
	}
	first, rest, _ := strings.Cut(s, ".")
	if chars.IsDigits(first) && chars.IsDigits(rest[:1]) { // 18.2.0-rc.1
		return false
	}
	if version, ok := strings.CutPrefix(first, "v"); ok && chars.IsDigits(version) && chars.IsDigits(rest[:1]) { // v4.0.12
		return false
	}
	scale := strings.TrimRight(first, "x")
	isScale := len(scale) == len(first)-1 && chars.IsDigits(scale)
	return !isScale || !media.Has(top)
}

// media are the file extensions of images and recordings.
var media = chars.Words(`
	png jpg jpeg gif webp svg avif bmp ico heic pdf mp3 wav mp4
`)

// addressSchemes are the URL schemes of addresses.
var addressSchemes = chars.Words(`
	sip sips mailto xmpp im
`)

// isAddressURL reports whether an address follows an address scheme: sip:, mailto:.
func isAddressURL(s string, begin int) bool {
	if begin == 0 || s[begin-1] != ':' {
		return false
	}
	return addressSchemes.Has(s[chars.SkipBack(s, begin-1, len("mailto"), chars.IsLetter) : begin-1])
}

// isRepository reports whether an address is that of a repository: git@github.com:x.
func isRepository(s string, begin, at, end int) bool {
	switch s[begin:at] {
	case "git", "hg", "svn":
		return true
	}
	if end >= len(s) || s[end] != ':' {
		return false
	}
	path := s[end+1 : end+1+min(len(s)-end-1, chars.MaxName)]
	if i := strings.IndexAny(path, " \t\r\n\"'"); i >= 0 {
		path = path[:i]
	}
	return strings.HasSuffix(path, ".git")
}
