// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

// authSchemes are those of IANA's registry that are used, and those of the services that voice agents call.
var authSchemes = words(`
	bearer basic token digest apikey api-key negotiate ntlm key hawk oauth dpop hoba mac aws4-hmac-sha256 aws sharedkey
	sharedaccesssignature signature scram-sha-256 scram-sha-1 jwt splunk sso-key bot user
`)

// credentialsEnd returns where the value of the header Authorization ends that begins at i: one
// word, or a scheme with a token or with parameters (RFC 9110, section 11.4).
func credentialsEnd(s string, i int) int {
	end := wordEnd(s, i)
	next := skip(s, end, func(c byte) bool { return isSpace(c) || isEnd(c) })
	if next == end || next == len(s) || !isSpace(s[next-1]) { // A header goes on in the next line if that is indented.
		return end
	}
	scheme := s[i:end]
	if authSchemes.has(scheme) && authSchemes.has(s[next:wordEnd(s, next)]) {
		return credentialsEnd(s, next) // Bearer Bearer x
	}
	isName := skip(scheme, 0, isName) == len(scheme)
	if authSchemes.has(scheme) || isName && (isData(s[next:wordEnd(s, next)]) || startsPair(s, next)) {
		return parametersEnd(s, next)
	}
	return end
}

// parametersEnd returns where a token ends, or parameters with commas between them.
func parametersEnd(s string, i int) int {
	if !startsParameter(s, i) { // A token.
		return parameterEnd(s, i)
	}
	for {
		end := parameterEnd(s, i)
		i = end
		if i < len(s) && s[i] == ',' {
			i++
		}
		i = skip(s, i, isSpace)
		if i == end || !startsParameter(s, i) {
			return end
		}
	}
}

// parameterEnd returns where name=value or name="value" ends.
func parameterEnd(s string, i int) int {
	value := skip(s, i, isName) + 1
	if value > i+1 && value < len(s) && s[value-1] == '=' && s[value] == '"' && !endsQuote(s, value) {
		return min(len(s), closing(s, value+1, '"')+1)
	}
	return wordEnd(s, i)
}

// cookiesEnd returns where the value of the headers Cookie and Set-Cookie ends: with the line,
// or with the quotes or brackets around it.
func cookiesEnd(s string, i int) int {
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case isEnd(c), c == '\\':
			return i
		case isQuote(c) && i > 0 && s[i-1] == '=' && !endsQuote(s, i): // A value may be quoted.
			i = min(closing(s, i+1, c), len(s)-1)
		case (isQuote(c) || c == ']' || c == '}') && closes(s, i):
			return i
		}
	}
	return i
}

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
