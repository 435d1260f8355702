// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import (
	"net/netip"
	"strings"
)

// email finds e-mail and SIP addresses.
func email(s string, from int) (Finding, bool) {
	for i := from; i < len(s); i++ {
		n := strings.IndexByte(s[i:], '@')
		if n < 0 {
			break
		}
		i += n
		begin := skipBack(s, i, min(maxName, i-from), isLocal)
		begin = afterEscape(s, begin, i)
		if quote := strings.LastIndexByte(s[max(from, i-maxName):max(from, i-1)], '"'); begin == i && s[max(0, i-1)] == '"' && quote >= 0 && !strings.ContainsAny(s[max(from, i-maxName)+quote+1:i-1], ":,{}[]=") {
			begin = max(from, i-maxName) + quote // "ada lovelace"@example.com
			if begin > 0 && isBackslash(s[begin-1]) {
				continue // It is read without its escapes.
			}
		}
		end := domainEnd(s, i+1)
		if i+1 < len(s) && s[i+1] == '[' && begin < i { // ada@[10.0.0.1]
			if n := strings.IndexByte(s[i:min(len(s), i+maxName)], ']'); n > 0 && isDomain(strings.TrimPrefix(s[i+2:i+n], "IPv6:")) {
				return Found(begin, i+n+1, RuleEmail), true
			}
		}
		if begin == i || i-begin == maxName && begin > from && isLocal(s[begin-1]) {
			continue
		}
		isAddress := isDomain(s[i+1:end]) || end > i+1 && isAddressURL(s, begin)
		if !isAddress || isRemote(s, begin, i, end) {
			continue
		}
		return Found(begin, end, RuleEmail), true
	}
	return Finding{}, false
}

// afterEscape returns where a word begins that seems to begin at i: behind what is escaped.
func afterEscape(s string, i, end int) int {
	if i > 0 {
		if _, n := backslash(s, i-1); n > 0 {
			i = min(end, i-1+n)
		}
	}
	for at := i; at < end; at++ {
		if _, n := percent(s, at); n > 0 {
			i = min(end, at+n)
		}
	}
	return i
}

func isLocal(c byte) bool { return isWord(c) || strings.IndexByte(".%+-!#$*^|~", c) >= 0 }

func domainEnd(s string, i int) int {
	for i < len(s) && (isWord(s[i]) && s[i] != '_' || s[i] == '-' || s[i] == '.' && i+1 < len(s) && isWord(s[i+1])) {
		i++
	}
	return i
}

// isDomain reports whether a text is a host of the Internet, with a name or an address. The
// version of a module or a package (v4.0.12, 1.2.3) is none, nor is the scale of an image
// (2x.png).
func isDomain(s string) bool {
	dot := strings.LastIndexByte(s, '.')
	if dot <= 0 {
		return false
	}
	top := s[dot+1:]
	if isDigits(top) {
		_, err := netip.ParseAddr(s)
		return err == nil && strings.Count(s, ".") == 3
	}
	if len(top) < 2 {
		return false
	}
	first, rest, _ := strings.Cut(s, ".")
	if isDigits(first) && isDigits(rest[:1]) { // 18.2.0-rc.1
		return false
	}
	if version, ok := strings.CutPrefix(first, "v"); ok && isDigits(version) && isDigits(rest[:1]) { // v4.0.12
		return false
	}
	scale := strings.TrimRight(first, "x")
	isScale := len(scale) == len(first)-1 && isDigits(scale)
	return !isScale || !media.has(top)
}

// media are the extensions of images and recordings.
var media = words(`
	png jpg jpeg gif webp svg avif bmp ico heic pdf mp3 wav mp4
`)

// addressSchemes are the schemes of URLs that are addresses.
var addressSchemes = words(`
	sip sips mailto xmpp im
`)

// isAddressURL reports whether an address is that of a URL whose scheme says so: sip:, mailto:.
func isAddressURL(s string, begin int) bool {
	if begin == 0 || s[begin-1] != ':' {
		return false
	}
	return addressSchemes.has(s[skipBack(s, begin-1, len("mailto"), isLetter) : begin-1])
}

// isRemote reports whether an address is that of a repository: git@github.com:x.
func isRemote(s string, begin, at, end int) bool {
	switch s[begin:at] {
	case "git", "hg", "svn":
		return true
	}
	if end >= len(s) || s[end] != ':' {
		return false
	}
	path := s[end+1 : end+1+min(len(s)-end-1, maxName)]
	if i := strings.IndexAny(path, " \t\r\n\"'"); i >= 0 {
		path = path[:i]
	}
	return strings.HasSuffix(path, ".git")
}
