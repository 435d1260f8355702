// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package pairs

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/finding"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/namedvalue"
)

// BearerToken finds tokens after Bearer, Basic and other Authorization schemes, without the name of the
// header.
func BearerToken(s string, from int) (finding.Finding, bool) {
	for i := from; i+1 < len(s); i++ {
		if !chars.IsSpace(s[i]) && s[i] != ',' || !chars.SuffixOf(s[:i]).IsScheme() {
			continue
		}
		word := chars.SkipBack(s, i, chars.MaxWord, func(c byte) bool { return chars.IsToken(c) && c < 0x80 })
		word = max(word, from)
		begin := chars.Skip(s, i, func(c byte) bool { return chars.IsSpace(c) || c == '"' || c == ':' || c == ',' })
		end := chars.Skip(s, begin, func(c byte) bool { return chars.IsToken(c) || strings.IndexByte("._~+/=", c) >= 0 })
		if wordStart := chars.StartsWord(s, word); !wordStart {
			continue
		}
		scheme := strings.ToLower(s[word:i])
		switch token := s[begin:end]; scheme {
		case "bearer", "basic":
			// "basic training" and "bearer of news" are English.
			if n := len(token); isChallenge(s, begin) {
				continue // The challenge of a server.
			} else if n >= chars.MinKey && !strings.Contains(token, "/") || n >= 6 && strings.ContainsAny(token, "0123456789=") && namedvalue.IsData(token) || n >= 2*chars.MinKey {
				return finding.New(begin, end, finding.RuleToken), true
			}
		case "digest", "aws4-hmac-sha256":
			if namedvalue.StartsPair(s, begin) {
				return finding.New(begin, namedvalue.ParametersEnd(s, begin), finding.RuleToken), true
			}
		case "token", "apikey", "api-key", "negotiate", "key":
			if len(token) >= chars.MinKey+4 && strings.ContainsAny(token, "0123456789") && !strings.Contains(token, "://") && !isIdentifier(token) {
				return finding.New(begin, end, finding.RuleToken), true
			}
		}
	}
	return finding.Finding{}, false
}

// isChallenge reports whether a parameter of a server's challenge begins at i: realm="api".
func isChallenge(s string, i int) bool {
	end := chars.Skip(s, i, chars.IsLetter)
	return end > i && end-i < chars.MinKey && end+1 < len(s) && s[end] == '=' && (chars.IsQuote(s[end+1]) || chars.IsLetter(s[end+1]) || s[end+1] == '\\' || s[end+1] == '&')
}

// isIdentifier reports whether a token is an ID that is not secret: a UUID, or one with a word in front of
// it.
func isIdentifier(token string) bool {
	if len(token) == 36 && token[8] == '-' && token[13] == '-' && token[18] == '-' && token[23] == '-' {
		return true
	}
	longest := 0
	for part := range strings.FieldsFuncSeq(token, func(c rune) bool { return c == '-' || c == '_' || c == '.' || c == '/' }) {
		longest = max(longest, len(part))
	}
	return longest < chars.MinKey
}
