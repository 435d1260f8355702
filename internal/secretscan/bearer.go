// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

// bearerToken finds what follows Bearer, Basic, and other schemes of the header Authorization,
// where the header's name is missing.
func bearerToken(s string, from int) (Finding, bool) {
	for i := from; i+1 < len(s); i++ {
		if !isSpace(s[i]) && s[i] != ',' || !lastThree(s[:i]).isScheme() {
			continue
		}
		word := skipBack(s, i, longestWord, func(c byte) bool { return isToken(c) && c < 0x80 })
		word = max(word, from)
		begin := skip(s, i, func(c byte) bool { return isSpace(c) || c == '"' || c == ':' || c == ',' })
		end := skip(s, begin, func(c byte) bool { return isToken(c) || strings.IndexByte("._~+/=", c) >= 0 })
		if wordStart := startsWord(s, word); !wordStart {
			continue
		}
		scheme := strings.ToLower(s[word:i])
		switch token := s[begin:end]; scheme {
		case "bearer", "basic":
			// "basic training" and "bearer of news" are English.
			if n := len(token); isChallenge(s, begin) {
				continue // What a server asks for.
			} else if n >= shortestKey && !strings.Contains(token, "/") || n >= 6 && strings.ContainsAny(token, "0123456789=") && isData(token) || n >= 2*shortestKey {
				return Found(begin, end, RuleToken), true
			}
		case "digest", "aws4-hmac-sha256":
			if startsPair(s, begin) {
				return Found(begin, parametersEnd(s, begin), RuleToken), true
			}
		case "token", "apikey", "api-key", "negotiate", "key":
			if len(token) >= shortestKey+4 && strings.ContainsAny(token, "0123456789") && !strings.Contains(token, "://") && !isIdentifier(token) {
				return Found(begin, end, RuleToken), true
			}
		}
	}
	return Finding{}, false
}

// isChallenge reports whether a parameter begins at i, as in what a server asks for: realm="api".
func isChallenge(s string, i int) bool {
	end := skip(s, i, isLetter)
	return end > i && end-i < shortestKey && end+1 < len(s) && s[end] == '=' && (isQuote(s[end+1]) || isLetter(s[end+1]) || s[end+1] == '\\' || s[end+1] == '&')
}

// isIdentifier reports whether a token is an id that is not secret: a UUID, or one with a word
// before it.
func isIdentifier(token string) bool {
	if len(token) == 36 && token[8] == '-' && token[13] == '-' && token[18] == '-' && token[23] == '-' {
		return true
	}
	longest := 0
	for part := range strings.FieldsFuncSeq(token, func(c rune) bool { return c == '-' || c == '_' || c == '.' || c == '/' }) {
		longest = max(longest, len(part))
	}
	return longest < shortestKey
}
