// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package namedvalue

import (
	"github.com/voice-agents/telemetry/internal/secretscan/chars"
)

// authSchemes are those of IANA's registry that are used, and those of the services that voice agents call.
var authSchemes = chars.Words(`
	bearer basic token digest apikey api-key negotiate ntlm key hawk oauth dpop hoba mac aws4-hmac-sha256 aws sharedkey
	sharedaccesssignature signature scram-sha-256 scram-sha-1 jwt splunk sso-key bot user
`)

// credentialsEnd returns where the value of the header Authorization ends that begins at i: one
// word, or a scheme with a token or with parameters (RFC 9110, section 11.4).
func credentialsEnd(s string, i int) int {
	end := WordEnd(s, i)
	next := chars.Skip(s, end, func(c byte) bool { return chars.IsSpace(c) || chars.IsEnd(c) })
	if next == end || next == len(s) || !chars.IsSpace(s[next-1]) { // A header goes on in the next line if that is indented.
		return end
	}
	scheme := s[i:end]
	if authSchemes.Has(scheme) && authSchemes.Has(s[next:WordEnd(s, next)]) {
		return credentialsEnd(s, next) // Bearer Bearer x
	}
	isName := chars.Skip(scheme, 0, chars.IsName) == len(scheme)
	if authSchemes.Has(scheme) || isName && (IsData(s[next:WordEnd(s, next)]) || StartsPair(s, next)) {
		return ParametersEnd(s, next)
	}
	return end
}

// ParametersEnd returns where a token ends, or parameters with commas between them.
func ParametersEnd(s string, i int) int {
	if !StartsParameter(s, i) { // A token.
		return parameterEnd(s, i)
	}
	for {
		end := parameterEnd(s, i)
		i = end
		if i < len(s) && s[i] == ',' {
			i++
		}
		i = chars.Skip(s, i, chars.IsSpace)
		if i == end || !StartsParameter(s, i) {
			return end
		}
	}
}

// parameterEnd returns where name=value or name="value" ends.
func parameterEnd(s string, i int) int {
	value := chars.Skip(s, i, chars.IsName) + 1
	if value > i+1 && value < len(s) && s[value-1] == '=' && s[value] == '"' && !EndsQuote(s, value) {
		return min(len(s), Closing(s, value+1, '"')+1)
	}
	return WordEnd(s, i)
}

// cookiesEnd returns where the value of the headers Cookie and Set-Cookie ends: with the line,
// or with the quotes or brackets around it.
func cookiesEnd(s string, i int) int {
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case chars.IsEnd(c), c == '\\':
			return i
		case chars.IsQuote(c) && i > 0 && s[i-1] == '=' && !EndsQuote(s, i): // A value may be quoted.
			i = min(Closing(s, i+1, c), len(s)-1)
		case (chars.IsQuote(c) || c == ']' || c == '}') && chars.Closes(s, i):
			return i
		}
	}
	return i
}
